"""Runs the cases one after the other, prints each row as it comes and writes them all to out/fieldbus.json.

    python -m benchmarks.fieldbus [--quick] [CASE …]

Every case is a module of this package with `rows(quick)`; `--quick` asks it for a tenth or less of its size.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.fieldbus.row import Row

CASES: tuple[str, ...] = (
    "hostile",
    "decide",
    "takeover",
    "write",
    "confirm",
    "polls",
    "proxy",
    "powercut",
    "interop",
    "captures",
    "served",
    "fuzz",
)
"""Modules of this package, in the order in which they run."""
RESULTS = Path("out/fieldbus.json")


def measured(cases: Iterable[str], *, quick: bool) -> Iterator[Row]:
    """The rows of the cases; one that cannot run says so by failing."""
    for name in cases:
        started_s = time.monotonic()
        yield from importlib.import_module(f"benchmarks.fieldbus.{name}").rows(quick)
        print(f"   {name}: {time.monotonic() - started_s:.0f} s", file=sys.stderr)


def show(row: Row) -> str:
    """One row as people read it."""
    beside = f"; {row.peer}: {row.peer_figure}" if row.peer else ""
    return f"{'ok  ' if row.passed else 'FAIL'} {row.case} (n={row.n}): {row.figure}{beside}   [{row.asked}]"


def main(arguments: list[str]) -> int:
    """Run what was asked for; 1 when a row did not pass."""
    quick = "--quick" in arguments
    chosen = [it for it in arguments if it != "--quick"] or list(CASES)
    unknown = sorted(set(chosen) - set(CASES))
    if unknown:
        print(f"no case {', '.join(unknown)}; there are: {', '.join(CASES)}", file=sys.stderr)
        return 2
    found: list[Row] = []
    for row in measured(chosen, quick=quick):
        print(show(row), flush=True)
        found.append(row)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([row._asdict() for row in found], indent=1, ensure_ascii=False) + "\n")
    print(f"{sum(row.passed for row in found)} of {len(found)} rows hold; {RESULTS}")
    return 0 if all(row.passed for row in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
