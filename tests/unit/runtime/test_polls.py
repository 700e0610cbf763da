"""Which poll classes are due."""

from __future__ import annotations

from itertools import pairwise

from cellctl.clock import NS_PER_MS
from cellctl.runtime.bus.polls import Polls

PERIODS_S = {"fast": 0.05, "slow": 1.0, "daily": 60.0}


def _due(polls: Polls[str], *times_ms: int) -> list[list[str]]:
    return [polls.due(it * NS_PER_MS) for it in times_ms]


def test_the_fastest_class_is_due_at_every_poll_and_the_others_at_theirs() -> None:
    """However the device names them."""
    polls = Polls({"slow": "S", "fast": "F"}, PERIODS_S)
    polls.begin(0)
    assert polls.period_ns == 50 * NS_PER_MS
    assert _due(polls, 50, 950, 1000, 1050, 2000) == [["F"], ["F"], ["F", "S"], ["F"], ["F", "S"]]


def test_a_poll_that_is_a_little_early_counts() -> None:
    """Else a class would be late by a whole poll because of a jitter of a millisecond."""
    polls = Polls({"slow": "S", "fast": "F"}, PERIODS_S)
    polls.begin(0)
    assert _due(polls, 999, 1049, 1999, 2999) == [["F", "S"], ["F"], ["F", "S"], ["F", "S"]]


def test_no_class_is_read_more_rarely_than_its_period_says() -> None:
    """Where periods are no multiples of each other a class is read too early rather than too late."""
    polls = Polls({"slow": "S", "odd": "O"}, {"slow": 0.3, "odd": 1.0})
    polls.begin(0)
    read_ms = [ms for ms in range(300, 10_000, 300) if "O" in polls.due(ms * NS_PER_MS)]
    assert {later - early for early, later in pairwise([0, *read_ms])} == {900}


def test_what_was_missed_is_not_made_up_for() -> None:
    """After a pause one poll reads it once."""
    polls = Polls({"slow": "S", "fast": "F"}, PERIODS_S)
    polls.begin(0)
    assert _due(polls, 5000, 5050, 5950, 6000) == [["F", "S"], ["F"], ["F"], ["F", "S"]]


def test_a_device_without_fast_tags_is_polled_at_the_pace_of_its_own() -> None:
    """The period is that of the fastest class that has tags; without any, that of the fastest class."""
    assert Polls({"daily": "D"}, PERIODS_S).period_ns == 60_000 * NS_PER_MS
    assert Polls({}, PERIODS_S).period_ns == 50 * NS_PER_MS


def test_all_parts_come_fastest_first() -> None:
    """As they are read when the link comes up."""
    assert Polls({"daily": "D", "fast": "F", "slow": "S"}, PERIODS_S).parts == ["F", "S", "D"]
