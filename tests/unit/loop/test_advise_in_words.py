"""A loop that moves nothing: it says in words what to do, on material laid end to end, without plant or start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from cellctl.builtin.quality_loop import QualityLoop
from cellctl.config.resolved import Defect, Loop, ResolvedCell
from cellctl.model import Advice, AdviceState, Inspection, Judgement, Side, Stamp, WebRef, WebSpan
from cellctl.testing import Harness, bare_cell
from tests.unit.loop.builders import make_loop, make_object

WORDS = "look at the descaling"
FRAME_MM = 64.0
PERIOD_NS = 20_000_000


def words_loop(**changes: Any) -> Loop:
    """A loop without a set-point."""
    loop = make_loop(Side.NONE, authority="advisory")
    return msgspec.structs.replace(loop, tag="", unit="", step=0.0, advise=WORDS, protect=(), **changes)


def words_cell(*loops: Loop) -> ResolvedCell:
    """A cell with nothing but such loops: no web tags, no plant, no set-point."""
    row = Defect("coat_edge_spur", "a cause", {}, None)
    return bare_cell(defects=(row,), advising=loops)


class Bench:
    """Images in a row, each one frame of 64 mm."""

    def __init__(self, cell: ResolvedCell) -> None:
        self.harness = Harness(QualityLoop, {}, cell=cell)
        self.next_id = 0

    def look(self, *, defect: bool, judged: bool = True) -> None:
        """One image, with an object over all of it or without."""
        number, self.next_id = self.next_id, self.next_id + 1
        span = WebSpan(number * FRAME_MM, (number + 1) * FRAME_MM)
        found = make_object(span.from_mm + FRAME_MM / 2, side=Side.NONE)
        found = msgspec.structs.replace(
            found, web=WebRef(span.from_mm + FRAME_MM / 2, 32.0, Side.NONE, "cam"), id=f"cam-{number}", confidence=0.95
        )
        self.harness.clock.advance(PERIOD_NS / 1e9)
        now = self.harness.clock.now_ns()
        self.harness.feed(
            "inspections",
            Inspection(
                stamp=Stamp(now), camera="cam", frame_id=number, lost_frames=0, span=span,
                judgement=(Judgement.NG if defect else Judgement.OK) if judged else Judgement.INDETERMINATE,
                reason="" if judged else "unsure", objects=(found,) if defect else (), model="", received_ns=now,
                judged_ns=now,
            ),
        )  # fmt: skip
        self.harness.tick()

    @property
    def advices(self) -> list[Advice]:
        return self.harness.sent("advices")

    @property
    def states(self) -> list[AdviceState]:
        return [advice.state for advice in self.advices]


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench(words_cell(words_loop()))
    yield made
    made.harness.close()


def test_it_advises_in_words_without_being_started(bench: Bench):
    """Nothing can be moved, so nothing needs a start: the alarm and the record carry the words, and no value."""
    for _ in range(4):
        bench.look(defect=True)
    (advice,) = bench.advices
    assert (advice.words, advice.tag, advice.old, advice.proposed) == (WORDS, "", 0.0, 0.0)
    assert (advice.level, advice.gain, advice.side_effects, advice.drift_share) == ("advisory", 0.0, {}, 0.0)
    assert "no set-point is moved" in advice.rule
    told = [alarm.text for alarm in bench.harness.sent("alarms") if alarm.id.startswith("advice.")]
    assert told == [f"coat_edge_spur is above its alarm rate: {WORDS}"]
    assert bench.harness.sent("proposals") == []


def test_the_rate_that_stays_up_is_on_record(bench: Bench):
    """Images that keep showing it: PERSISTED, on material that was not seen when the advice was given."""
    for _ in range(12):
        bench.look(defect=True)
    assert bench.states[:2] == [AdviceState.OPEN, AdviceState.PERSISTED]
    assert bench.advices[1].curve


def test_the_rate_that_falls_is_on_record(bench: Bench):
    """Images that no longer show it: FELL."""
    for _ in range(4):
        bench.look(defect=True)
    for _ in range(2000):
        bench.look(defect=False)
    assert bench.states == [AdviceState.OPEN, AdviceState.FELL]


def test_images_that_cannot_be_judged_are_no_metres(bench: Bench):
    """Negative control: what was not judged proves neither that it fell nor that it stayed."""
    for _ in range(4):
        bench.look(defect=True)
    for _ in range(2000):
        bench.look(defect=False, judged=False)
    assert AdviceState.FELL not in bench.states


def test_a_quiet_web_is_left_alone(bench: Bench):
    """Negative control: one object in many images is no alarm."""
    for number in range(500):
        bench.look(defect=number == 250)
    assert bench.advices == []


def test_shadow_raises_no_alarm():
    """`shadow` records the same and tells nobody."""
    bench = Bench(words_cell(words_loop(authority="shadow")))
    for _ in range(4):
        bench.look(defect=True)
    assert [advice.level for advice in bench.advices] == ["shadow"]
    assert bench.harness.sent("alarms") == []
    bench.harness.close()


def test_an_open_advice_says_that_the_run_ended():
    """The last record of an advice without an answer is INTERRUPTED, not OPEN."""
    bench = Bench(words_cell(words_loop()))
    for _ in range(4):
        bench.look(defect=True)
    bench.harness.close()
    assert bench.states == [AdviceState.OPEN, AdviceState.INTERRUPTED]
    assert bench.advices[-1].reason == "the run ended"


def test_two_advising_loops_do_not_wait_for_each_other():
    """They move nothing, so neither spoils what the other counts."""
    other = words_loop(name="other")
    bench = Bench(words_cell(words_loop(), other))
    for _ in range(4):
        bench.look(defect=True)
    assert [advice.loop for advice in bench.advices] == ["edge_spur", "other"]
    bench.harness.close()
