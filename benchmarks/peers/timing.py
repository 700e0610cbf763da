"""Interleaved timing: every candidate of a case in every round, in random order, by CPU time of one thread.

Machines that are shared run at changing speeds, and what comes first after a heavy candidate runs cold. So a ratio is
taken within each round, and its median over the rounds counts, with the interval that order statistics give it.
"""

from __future__ import annotations

import math
import random
import time
from typing import Any, NamedTuple

import numpy as np

from benchmarks.peers.case import Call, Case

SAMPLE_NS = 1_000_000
"""A candidate is called so often in a row that a sample takes about this long: the clock's own time does not show."""


class Ratio(NamedTuple):
    """The median of a ratio and the interval that holds the true median with 95 %."""

    median: float
    low: float
    high: float


def thread_ns(call: Call, times: int) -> float:
    """CPU time of one call, ns, over `times` calls in a row."""
    start = time.thread_time_ns()
    for _ in range(times):
        call()
    return (time.thread_time_ns() - start) / times


def repetitions(call: Call) -> int:
    """How many calls make a sample long enough."""
    call()
    return max(1, round(SAMPLE_NS / max(1.0, min(thread_ns(call, 1) for _ in range(3)))))


def interleave(calls: dict[str, Call], rounds: int) -> dict[str, Any]:
    """Times of every candidate by round, ns, shape (rounds,) each."""
    times = {name: repetitions(call) for name, call in calls.items()}
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name in random.sample(list(calls), len(calls)):
            taken[name].append(thread_ns(calls[name], times[name]))
    return {name: np.array(values) for name, values in taken.items()}


def ratio(over: Any, under: Any) -> Ratio:
    """Median of `over / under` by round with its 95 % interval (binomial order statistics)."""
    values = np.sort(over / under)
    n = len(values)
    reach = 1.96 * math.sqrt(n) / 2
    low, high = max(0, math.floor(n / 2 - reach)), min(n - 1, math.ceil(n / 2 + reach) - 1)
    return Ratio(float(np.median(values)), float(values[low]), float(values[high]))


def compare(case: Case, rounds: int) -> list[dict[str, Any]]:
    """The rows of one case: one for each peer, or one without a peer."""
    calls = {"ours": case.ours, **{peer.name: peer.call for peer in case.peers}}
    if case.limit is not None:
        calls["limit"] = case.limit.call
    taken = interleave(calls, rounds)
    ours_us = float(np.median(taken["ours"])) / 1e3
    row: dict[str, Any] = {"case": case.name, "ours_us": ours_us, "error": case.error(), "error_unit": case.error_unit}
    if case.read_bytes:
        row |= {"bytes_per_s": case.read_bytes / ours_us * 1e6, "rate_goal": case.rate_goal}
    if case.limit is not None:
        to_limit = ratio(taken["ours"], taken["limit"])
        row |= {
            "limit": case.limit.name,
            "limit_us": float(np.median(taken["limit"])) / 1e3,
            "ratio_limit": to_limit.median,
            "ratio_limit_ci95": to_limit[1:],
            "limit_goal": case.limit.goal,
        }
    return [row | _against(peer.name, peer.goal, taken) for peer in case.peers] or [row]


def _against(name: str, goal: float, taken: dict[str, Any]) -> dict[str, Any]:
    """What a row says of one peer."""
    to_peer = ratio(taken[name], taken["ours"])
    return {
        "peer": name,
        "peer_us": float(np.median(taken[name])) / 1e3,
        "ratio_peer": to_peer.median,
        "ci95": to_peer[1:],
        "peer_goal": goal,
    }
