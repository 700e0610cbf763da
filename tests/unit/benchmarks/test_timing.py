"""The statistics of the comparisons, on times that are made up."""

from __future__ import annotations

import time
from math import comb

import numpy as np
import pytest

from benchmarks.kernels import missed
from benchmarks.peers import timing
from benchmarks.peers.case import Case, Limit, Peer


@pytest.mark.parametrize("n", [6, 30, 31, 100])
def test_interval_holds_the_median_with_95_percent_and_no_narrower_one_does(n):
    """Coverage of [k-th smallest, k-th largest], from the binomial distribution of the values below the median."""
    k = timing.rank_of_interval(n)

    def outside(rank):
        return 2 * sum(comb(n, below) for below in range(rank)) / 2**n

    assert outside(k) <= 0.05 < outside(k + 1)


def test_interval_covers_the_true_ratio_as_often_as_it_says():
    """Of 400 runs with a true ratio of 3, between 93 and 99 % have it in their interval."""
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        peer, ours = 3 * rng.lognormal(0, 0.1, 31), rng.lognormal(0, 0.1, 31)
        found = timing.ratio(peer, ours)
        held += found.low <= 3 <= found.high
    assert 0.93 <= held / 400 <= 0.99


def test_a_machine_that_slows_down_for_both_does_not_move_the_ratio():
    """Ratios are taken within a round: half of the rounds at half the pace leave 2 as it is."""
    pace = np.where(np.arange(30) < 15, 1.0, 2.0)
    assert timing.ratio(200 * pace, 100 * pace) == (2.0, 2.0, 2.0)


def test_a_ratio_that_jumps_about_is_noisy_and_one_that_does_not_is_not():
    """The control of the flag."""
    rng = np.random.default_rng(2)
    assert timing.ratio(rng.lognormal(0, 1, 31), np.ones(31)).is_noisy
    assert not timing.ratio(rng.lognormal(0, 0.01, 31), np.ones(31)).is_noisy


def _spin(rounds):
    return lambda: sum(range(rounds))


def test_rows_say_who_is_faster_and_by_how_much():
    """A peer that does the work ten times over is about ten times slower; the limit is below ours."""
    case = Case(
        "sums", _spin(2_000), (Peer("ten times", _spin(20_000), goal=1),), Limit("half", _spin(1_000)), lambda: 0.0, "-"
    )
    (row,) = timing.compare(case, rounds=9)
    assert 5 < row["ratio_peer"] < 20
    assert 1 < row["ratio_limit"] < 4
    assert row["ci95"][0] <= row["ratio_peer"] <= row["ci95"][1]


def test_waiting_is_not_counted():
    """CPU time of the thread: a sleep costs next to nothing."""
    slept_s = 0.01
    assert timing.thread_ns(lambda: time.sleep(slept_s), 1) < slept_s * 1e9 / 2


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"ratio_peer": 3.1, "peer_goal": 3.0, "ratio_limit": 1.3, "limit_goal": 1.4}, []),
        ({"ratio_peer": 2.9, "peer_goal": 3.0}, ["3 times faster"]),
        ({"ratio_limit": 1.5, "limit_goal": 1.4}, ["1.4 times the limit"]),
        ({"bytes_per_s": 1e9, "rate_goal": 1.5e9}, ["1.5 GB/s"]),
        ({"skipped": "cv2 is not installed"}, ["not measured"]),
    ],
)
def test_what_was_promised_and_is_not_so_is_named(row, told):
    """A goal that is missed is never silent, and neither is a peer that is not there."""
    assert missed(row) == told
