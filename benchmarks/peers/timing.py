"""Interleaved timing: every candidate of a case in every round, in random order, by CPU time of one thread.

Machines that are shared run at changing speeds, and what comes first after a heavy candidate runs cold. So a ratio is
taken within each round, and its median over the rounds counts, with the interval that order statistics give it.

Every sample begins with a call that is not counted. So what a candidate reads and writes is as warm as the caches of
the machine let it be, for a fast one that is called many times in a sample and for a slow one that is called once: a
frame of 5 MB stays in the last cache of a server and not in that of a small PC.

Every round also times the same arithmetic. Where that, other processes or other guests say that the machine was not
quiet, or the interval of a ratio is wide, the row is NOISY; that excuses nothing, it says what to do again.
"""

from __future__ import annotations

import math
import random
import time
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.peers import machine
from benchmarks.peers.case import Call, Case, Peer

SAMPLE_NS = 1_000_000
"""A candidate is called so often in a row that a sample takes about this long: the clock's own time does not show."""
WIDE = 0.1
"""A ratio whose interval reaches further than this share of the median to either side is NOISY."""
CALIBRATION = "the same arithmetic"
Times = npt.NDArray[np.float64]


class Ratio(NamedTuple):
    """The median of a ratio and the interval that holds the true median with at least 95 %."""

    median: float
    low: float
    high: float

    @property
    def is_noisy(self) -> bool:
        """Whether the interval is too wide for the ratio to say much."""
        return max(self.high - self.median, self.median - self.low) > WIDE * self.median


def thread_ns(call: Call, times: int) -> float:
    """CPU time of one call, ns, over `times` calls in a row after one that is not counted."""
    call()
    start = time.thread_time_ns()
    for _ in range(times):
        call()
    return (time.thread_time_ns() - start) / times


def repetitions(call: Call) -> int:
    """How many calls make a sample long enough; the calls that find out warm the candidate up."""
    times = 1
    while (taken := thread_ns(call, times) * times) < SAMPLE_NS:
        times = max(2 * times, math.ceil(times * SAMPLE_NS / max(1.0, taken))) if taken > SAMPLE_NS / 10 else 4 * times
    return times


def interleave(calls: dict[str, Call], rounds: int) -> dict[str, Times]:
    """Times of every candidate by round, ns, shape (rounds,) each."""
    times = {name: repetitions(call) for name, call in calls.items()}
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name in random.sample(list(calls), len(calls)):
            taken[name].append(thread_ns(calls[name], times[name]))
    return {name: np.array(values) for name, values in taken.items()}


def rank_of_interval(n: int) -> int:
    """Largest k for which the k-th smallest and the k-th largest of n values hold the median with at least 95 %.

    The number of values below the median is binomial (n, 1/2). With fewer than six values no interval does; then 1.
    """
    outside, k = 0.0, 0
    while k < n // 2 and outside + math.comb(n, k) / 2**n <= 0.025:
        outside += math.comb(n, k) / 2**n
        k += 1
    return max(1, k)


def ratio(over: Times, under: Times) -> Ratio:
    """Median of `over / under` by round with its interval."""
    values = np.sort(over / under)
    k = rank_of_interval(len(values))
    return Ratio(float(np.median(values)), float(values[k - 1]), float(values[-k]))


def compare(case: Case, rounds: int) -> list[dict[str, Any]]:
    """The rows of one case: one for each peer, or one without a peer."""
    calls = {"ours": case.ours, **{peer.name: peer.call for peer in case.peers}, CALIBRATION: machine.calibrate}
    if case.limit is not None:
        calls["limit"] = case.limit.call
    before = machine.read_clocks()
    taken = interleave(calls, rounds)
    noise = machine.disturbances(before, machine.read_clocks(), taken[CALIBRATION])
    ours_us = float(np.median(taken["ours"])) / 1e3
    row: dict[str, Any] = {"case": case.name, "ours_us": ours_us, "error": case.error(), "error_unit": case.error_unit}
    if case.read_bytes:
        row |= {"bytes_per_s": case.read_bytes / ours_us * 1e6, "rate_goal": case.rate_goal}
    row |= {"noise": noise, "noisy": bool(noise)} | _against_limit(case, taken)
    return [row | _against_peer(peer, taken, noise) for peer in case.peers] or [row]


def _against_limit(case: Case, taken: dict[str, Times]) -> dict[str, Any]:
    """What a row says of the limit; nothing where there is none."""
    if case.limit is None:
        return {"limit": None, "limit_us": None, "ratio_limit": None}
    to_limit = ratio(taken["ours"], taken["limit"])
    return {
        "limit": case.limit.name,
        "limit_us": float(np.median(taken["limit"])) / 1e3,
        "ratio_limit": to_limit.median,
        "ratio_limit_ci95": to_limit[1:],
        "limit_goal": case.limit.goal,
    }


def _against_peer(peer: Peer, taken: dict[str, Times], noise: list[str]) -> dict[str, Any]:
    """What a row says of one peer."""
    to_peer = ratio(taken[peer.name], taken["ours"])
    noise = noise + ["wide interval"] * to_peer.is_noisy
    return {
        "peer": peer.name,
        "peer_us": float(np.median(taken[peer.name])) / 1e3,
        "ratio_peer": to_peer.median,
        "ci95": to_peer[1:],
        "peer_goal": peer.goal,
        "noise": noise,
        "noisy": bool(noise),
    }
