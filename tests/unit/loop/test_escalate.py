"""When a person is called, and once per episode."""

from __future__ import annotations

import msgspec
import pytest

from cellctl.loop.estimate.episode import Episode, episode_gap_m
from cellctl.loop.people.escalate import Escalation
from tests.unit.loop.bench import Bench
from tests.unit.loop.builders import ESCALATE, make_cell, make_loop, make_object


def test_one_unsure_object_calls():
    """An object below the limit calls a person at once."""
    escalation = Escalation(ESCALATE)
    assert escalation.see(make_object(1000.0, confidence=0.84))
    assert escalation.reasons == ["confidence 0.84 is below 0.85"]


@pytest.mark.parametrize(
    ("confidence", "said"),
    [(0.8496, "confidence 0.8496 is below 0.8500"), (0.849, "confidence 0.849 is below 0.850")],
)
def test_what_is_said_of_an_object_just_below_the_limit_is_true(confidence: float, said: str):
    """Two numbers that differ are not rounded to one."""
    escalation = Escalation(ESCALATE)
    escalation.see(make_object(1000.0, confidence=confidence))
    assert escalation.reasons == [said]


def test_a_sure_object_does_not_call():
    """An object at the limit calls nobody."""
    assert not Escalation(ESCALATE).see(make_object(1000.0, confidence=0.85))


def test_three_within_fifty_metres_call():
    """The third object of a kind within 50 m calls; the fourth of the same episode does not."""
    escalation = Escalation(ESCALATE)
    calls = [escalation.see(make_object(s_mm)) for s_mm in (0.0, 20_000.0, 50_000.0, 51_000.0)]
    assert calls == [False, False, True, False]
    assert len(escalation.objects) == 3


def test_three_over_more_than_fifty_metres_do_not_call():
    """Objects further apart are not consecutive."""
    escalation = Escalation(ESCALATE)
    assert not any(escalation.see(make_object(s_mm)) for s_mm in (0.0, 26_000.0, 51_000.0))


def test_once_per_episode_and_again_in_the_next():
    """The second unsure object of an episode calls nobody; the first of the next episode does."""
    escalation = Escalation(ESCALATE)
    assert escalation.see(make_object(0.0, confidence=0.5))
    assert not escalation.see(make_object(1000.0, confidence=0.5))
    assert not escalation.advance(49.9)
    assert escalation.advance(0.2)
    assert escalation.see(make_object(60_000.0, confidence=0.5))


def test_an_episode_ends_by_inspected_metres_only():
    """An episode ends after the gap, and an object in between keeps it open."""
    episode = Episode(50.0)
    assert not episode.advance(1000.0)
    episode.see()
    assert not episode.advance(40.0)
    episode.see()
    assert not episode.advance(40.0)
    assert episode.advance(10.0)
    assert not episode.advance(50.0)


def test_an_episode_is_as_long_as_the_alarm_rate_asks():
    """50 m at 0.2 /m; five mean gaps where the alarm rate is low; what is configured where no rate is watched."""
    watch = make_loop().watch
    rates = {0.2: 50.0, 0.1: 50.0, 0.02: 250.0, 0.0: 50.0}
    for alarm, gap_m in rates.items():
        loop = make_loop(watch=msgspec.structs.replace(watch, alarm=alarm))
        assert episode_gap_m(loop) == gap_m


def test_rare_objects_add_up_to_an_alarm():
    """At an alarm rate of 0.02 /m objects 60 m apart are a fault: the sixth of them raises the alarm."""
    watch = msgspec.structs.replace(make_loop().watch, normal=0.003, alarm=0.02)
    bench = Bench(make_cell(make_loop(watch=watch)))
    for _ in range(6):
        assert bench.proposals == []
        bench.clean(59.75)
        bench.look(bench.spur())
    assert len(bench.proposals) == 1
    bench.harness.close()
