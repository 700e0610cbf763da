"""Cuts the guard's power after each call to its files, and kills it at random moments: what does it remember then?

Every disk that may be there after a cut is laid out and asked for the memory: nothing of what was not synced, all of
it, one thing without another, the last write torn at each sector. `tests/faults` says how.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from benchmarks.fieldbus.row import Row
from tests.faults.cuts import Verdict, judge
from tests.faults.kills import command, kill_after
from tests.faults.trace import run_traced

ASKED = "drift, tries and epoch never reset in our favour"
RUNS, MOVES = 4, 40
LATEST_LINE = 120


def rows(quick: bool) -> Iterator[Row]:
    """Power cuts, the same of a guard that never syncs, and kills."""
    if shutil.which("strace") is None:
        yield Row("power cut at every call to the guard's files", 0, False, "strace is not installed", asked=ASKED)
        return
    seeds = range(1, 2 if quick else 11)
    verdicts = [_cut(seed, RUNS, MOVES // (4 if quick else 1)) for seed in seeds]
    outcomes = sum(it.outcomes for it in verdicts)
    worse = sum(len(it.favours) for it in verdicts)
    asked = sum(len(it.refused) for it in verdicts)
    yield Row(
        f"power cut after each of {sum(it.calls for it in verdicts)} calls to the guard's files",
        outcomes,
        all(it.holds for it in verdicts),
        f"{worse} in our favour, {asked} unreadable, of {sum(it.different for it in verdicts)} different disks",
        asked=ASKED,
    )
    control = _cut(1, 1, 10, "--no-sync")
    yield Row("control: the same without any sync", control.outcomes, bool(control.favours),
              f"{len(control.favours)} in our favour", asked="found")  # fmt: skip
    yield _kills(3 if quick else 100)


def _cut(seed: int, runs: int, moves: int, *more: str) -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "cell"
        root.mkdir()
        events = run_traced(command(root, seed, runs, moves, *more), Path(folder) / "log", root)
        return judge(events, str(root), Path(folder) / "disk")


def _kills(count: int) -> Row:
    dice = Random(6)
    found = []
    for number in range(count):
        with tempfile.TemporaryDirectory() as folder:
            found.append(kill_after(Path(folder), number, dice.randint(1, LATEST_LINE)))
    worse = [it for it in found if it]
    for it in worse[:3]:
        print(it, file=sys.stderr)
    return Row("killed at a random moment", count, not worse, f"{len(worse)} in our favour", asked=ASKED)
