"""A million broken frames into each Modbus decoder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fieldbus.row import Row
from tests.fuzz.modbus import INPUTS, TARGETS, run

SEED = 1
QUICK = 20_000


def rows(quick: bool) -> Iterator[Row]:
    """One row per decoder."""
    data = Path(os.environ["CELLCTL_DATA"]) if "CELLCTL_DATA" in os.environ else None
    for target in TARGETS:
        tally = run(target, QUICK if quick else INPUTS, SEED, data)
        figure = (f"{tally.uncaught} uncaught exceptions or tracebacks, {tally.wrong} wrong answers, memory grows "
                  f"by {tally.grown_bytes / 1e6:.1f} MB, slowest {1e3 * tally.slowest_s:.0f} ms")  # fmt: skip
        yield Row(f"malformed frames, decoder {target}, seed {SEED}", tally.inputs, not tally.failed, figure,
                  asked="0 uncaught exceptions, 0 tracebacks in the log, bounded memory")  # fmt: skip
