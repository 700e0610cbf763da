"""Rows split over two threads, against one: whether the kernels leave the interpreter alone and get in nobody's way.

`python -m benchmarks.scaling` prints a table and writes benchmarks/results/scaling.json. By wall clock, so it needs two
free processors: in every round two threads of pure arithmetic are measured as well, and where these do not come near
twice the pace of one, the run is NOISY and says nothing of the kernels.
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
from typing import Any

import numpy as np

from benchmarks.peers import collect, timing
from benchmarks.peers.case import Call

RESULTS = Path(__file__).parent / "results" / "scaling.json"
GOAL = 1.6
QUIET = 1.8
"""Pace of two threads of arithmetic over one from which on a run counts."""
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


def measure(rounds: int) -> list[dict[str, Any]]:
    """One row for each kernel, and for the control."""
    splits: list[Split] = [("control: SHA-256", hash_rows, 64)]
    for module in collect.load().modules:
        splits += module.splittable() if hasattr(module, "splittable") else []
    with ThreadPoolExecutor(2) as pool:
        calls = [call for split in splits for call in both_ways(split, pool)]
        taken = np.empty((rounds, len(calls)))
        for number in range(rounds):
            for index in random.sample(range(len(calls)), len(calls)):
                taken[number, index] = wall_ns(calls[index], 1)
    control = timing.ratio(taken[:, 0], taken[:, 1])
    rows = []
    for index, (name, _, _) in enumerate(splits):
        gain = timing.ratio(taken[:, 2 * index], taken[:, 2 * index + 1])
        rows.append({"case": name, "gain": gain.median, "ci95": gain[1:], "noisy": control.median < QUIET})
    return rows


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=31)
    collect.single_thread()
    rows = measure(parser.parse_args().rounds)
    for row in rows:
        low, high = row["ci95"]
        print(f"{row['case']:44}{row['gain']:6.2f} times with two threads  {low:.2f}–{high:.2f}")
    noisy = rows[0]["noisy"]
    if noisy:
        print(f"NOISY: two threads of arithmetic should be {QUIET} times as fast as one; the figures say nothing")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if not noisy and any(row["gain"] < GOAL for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
