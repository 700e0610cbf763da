"""How long the guard takes to decide on one proposal, in process: hostile and legal ones in turn, by the wall."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.fieldbus.figures import percentile_ms
from benchmarks.fieldbus.hostile import SEED, Shift
from benchmarks.fieldbus.plans import PLANS
from benchmarks.fieldbus.row import Row
from cellctl.guard import Guard

MOST_MS = 1.0


def rows(quick: bool) -> Iterator[Row]:
    """One row, over the plans of the attack."""
    moves, taken = 50 if quick else 1000, list[int]()
    judge = Guard.judge

    def timed(*given: Any) -> str:
        start_ns = time.perf_counter_ns()
        found = judge(*given)
        taken.append(time.perf_counter_ns() - start_ns)
        return found

    with patch.object(Guard, "judge", timed), tempfile.TemporaryDirectory() as folder:
        for number, plan in enumerate(PLANS):
            Shift(SEED + number, Path(folder), plan).run(moves)
    median, high = percentile_ms(taken, 50) * 1e3, percentile_ms(taken, 99)
    yield Row(
        f"guard decides on one proposal, in process, {len(PLANS)} sets of rules", len(taken), high < MOST_MS,
        f"median {median:.1f} µs, p99 {high * 1e3:.1f} µs, worst {max(taken) / 1e6:.2f} ms",
        asked=f"p99 < {MOST_MS:.0f} ms",
    )  # fmt: skip
