"""Rows split over two threads, against one: whether the kernels leave the interpreter alone and get in nobody's way.

`python -m benchmarks.scaling` prints a table and writes benchmarks/results/scaling.json. By wall clock, so it needs two
free processors: in every round two threads of pure arithmetic are measured as well, and where these do not come near
twice the pace of one, the run is NOISY and says nothing of the kernels. Then it is made again, three times at most.
The exit status is 1 when a goal is missed in a run that counts, and 2 when none counts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.peers import collect, timing
from benchmarks.peers.case import Call

RESULTS = Path(__file__).parent / "results" / "scaling.json"
GOAL = 1.6
QUIET = 1.8
"""Pace of two threads of arithmetic over one from which on a run counts."""
RUNS = 3
SAMPLE_S = 0.02
WORK = bytes(1 << 22)
Split = tuple[str, Callable[[int, int], Any], int]


def hash_rows(start: int, stop: int) -> None:
    """Arithmetic that needs no memory to speak of and leaves the interpreter alone: the control."""
    hashlib.sha256(memoryview(WORK)[: (stop - start) << 16]).digest()


def wall_ns(call: Call, times: int) -> float:
    """Wall time of one call, ns."""
    start = time.perf_counter_ns()
    for _ in range(times):
        call()
    return (time.perf_counter_ns() - start) / times


def both_ways(split: Split, pool: ThreadPoolExecutor) -> tuple[Call, Call]:
    """All rows by one thread, and half of them by each of two; each thread repeats its half without waiting."""
    _, call, rows = split
    once = wall_ns(lambda: call(0, rows), 3)
    times = max(1, round(SAMPLE_S * 1e9 / once))

    def repeat(start: int, stop: int) -> None:
        for _ in range(times):
            call(start, stop)

    def one() -> None:
        repeat(0, rows)

    def two() -> None:
        halves = [pool.submit(repeat, 0, rows // 2), pool.submit(repeat, rows // 2, rows)]
        for half in halves:
            half.result()

    return one, two


def splits(modules: list[ModuleType]) -> list[Split]:
    """The control first, then what can be split over rows."""
    found: list[Split] = [("control: SHA-256", hash_rows, 64)]
    for module in modules:
        found += module.splittable() if hasattr(module, "splittable") else []
    return found


def times_of(found: list[Split], rounds: int) -> timing.Times:
    """Wall times by round, ns, shape (rounds, splits, 2): by one thread, by two; in random order within a round."""
    with ThreadPoolExecutor(2) as pool:
        calls = [call for split in found for call in both_ways(split, pool)]
        taken = np.empty((rounds, len(calls)))
        for number in range(rounds):
            for index in random.sample(range(len(calls)), len(calls)):
                taken[number, index] = wall_ns(calls[index], 1)
    return taken.reshape(rounds, len(found), 2)


def rows_of(names: list[str], taken: timing.Times) -> list[dict[str, Any]]:
    """One row for the control, and one for each kernel."""
    gains = [timing.ratio(taken[:, index, 0], taken[:, index, 1]) for index in range(len(names))]
    noisy = gains[0].median < QUIET
    return [
        {"case": name, "gain": gain.median, "ci95": gain[1:], "noisy": noisy}
        for name, gain in zip(names, gains, strict=True)
    ]


def measure(found: list[Split], rounds: int) -> list[dict[str, Any]]:
    """The first run that counts, or the last one made; printed as they come."""
    rows: list[dict[str, Any]] = []
    for run in range(1, RUNS + 1):
        rows = [row | {"run": run} for row in rows_of([name for name, *_ in found], times_of(found, rounds))]
        for row in rows:
            low, high = row["ci95"]
            print(f"{row['case']:56}{row['gain']:6.2f} times with two threads  {low:.2f}–{high:.2f}")
        if not rows[0]["noisy"]:
            break
        print(f"run {run} is NOISY: two threads of arithmetic should be {QUIET} times as fast as one", flush=True)
    return rows


def status(rows: list[dict[str, Any]]) -> int:
    """0 when all goals are met, 1 when one is missed, 2 when the machine was never quiet."""
    if rows[0]["noisy"]:
        return 2
    return 1 if any(row["gain"] < GOAL for row in rows) else 0


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=31)
    asked = parser.parse_args()
    collect.single_thread()
    rows = measure(splits(collect.load().modules), asked.rounds)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return status(rows)


if __name__ == "__main__":
    sys.exit(main())
