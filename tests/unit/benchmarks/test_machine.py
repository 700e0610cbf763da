"""Whether a machine counts as quiet, on clocks that are made up."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.peers.machine import Clocks, disturbances, parse, read_clocks

BEFORE = Clocks(wall=100.0, own=5.0, busy=900.0, stolen=3.0)
STEADY = np.full(31, 1e6)


def _after(wall=10.0, own=10.0, busy=10.0, stolen=0.0):
    return Clocks(*(early + more for early, more in zip(BEFORE, (wall, own, busy, stolen), strict=True)))


def test_a_machine_that_only_does_our_work_is_quiet():
    """The control: own time, no steal, the same pace throughout."""
    assert disturbances(BEFORE, _after(), STEADY) == []


@pytest.mark.parametrize(
    ("after", "calibration", "said"),
    [
        (_after(stolen=0.5), STEADY, "5% stolen by other guests"),
        (_after(busy=15.0), STEADY, "50% of a processor taken by others"),
        (_after(), np.where(np.arange(32) % 2 == 0, 1e6, 1.5e6), "40% spread of the same arithmetic"),
    ],
)
def test_each_disturbance_is_named_with_its_size(after, calibration, said):
    """Each one alone makes a run noisy."""
    assert disturbances(BEFORE, after, calibration) == [said]


def test_single_interruptions_do_not_make_a_run_noisy():
    """The spread is that of the middle half: 3 of 31 rounds at half the pace do not show."""
    assert disturbances(BEFORE, _after(), np.where(np.arange(31) < 3, 2e6, 1e6)) == []


def test_busy_and_stolen_ticks_are_read_from_the_line_of_all_processors():
    """Idle and waiting for a disk are not busy; what guests take is in `user` already."""
    stat = "cpu  10 20 30 4000 500 6 7 80 9 1\ncpu0 1 2 3 4 5 6 7 8 9 0\n"
    assert parse(stat) == (73, 80)


def test_clocks_go_forward():
    """Work of this process moves its own clock and the wall's."""
    before = read_clocks()
    sum(range(100_000))
    after = read_clocks()
    assert after.own > before.own
    assert after.wall > before.wall
