"""Captured traffic of others through the decoders of both directions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fieldbus.row import Row
from tests.fuzz.captures import FILES
from tests.fuzz.decoded import decode_capture

ASKED = "0 errors"


def rows(quick: bool) -> Iterator[Row]:
    """One row per capture; without the captures one that does not pass."""
    del quick  # it takes a second
    data = Path(os.environ.get("CELLCTL_DATA", ""))
    for name in FILES:
        path = data / name
        if "CELLCTL_DATA" not in os.environ or not path.is_file():
            yield Row(f"capture {name}", 0, False, "not here: CELLCTL_DATA names no folder with it", asked=ASKED)
            continue
        decoded = decode_capture(path)
        requests = decoded.reads.total() + decoded.refused.total()
        yield Row(
            f"capture {name}", requests + decoded.answers.total(), not decoded.problems,
            f"{len(decoded.problems)} errors in {requests} requests ({decoded.reads.total()} reads, the others are "
            f"refused) and {decoded.answers.total()} answers", asked=ASKED,
        )  # fmt: skip
