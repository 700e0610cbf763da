"""Kills the guarded program at any moment: the page cache survives that, half-written files do not hide it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cellctl.errors import EvidenceError
from tests.faults.cuts import recalled
from tests.faults.favour import Effect

MODULE = "tests.faults.guarded"


def command(folder: Path, seed: int, runs: int, moves: int, *more: str) -> list[str]:
    """The program as a command."""
    return [sys.executable, "-m", MODULE, str(folder), str(seed), str(runs), str(moves), *more]


def kill_after(folder: Path, seed: int, lines: int) -> str:
    """Kill it when it has said so many lines; what of its memory favours the cell, or why there is none."""
    effect = Effect()
    with subprocess.Popen(command(folder, seed, 50, 50), stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        for _ in range(lines):
            effect.hear(program.stdout.readline())
        program.kill()
        for line in program.stdout:
            effect.hear(line)
    try:
        return effect.favours(recalled(folder))
    except EvidenceError as error:
        return str(error)
