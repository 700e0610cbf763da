"""How fast virtual time runs: quoted from the benchmark that measures it, when it was run on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cellsim.study.plan import Plan
from cellsim.study.pool import Job
from cellsim.study.rows import Line, Row

NAME = "lockstep speed"
RESULT = Path("benchmarks/results/lockstep.json")
_NOTE = "quoted from benchmarks/lockstep.py; per second of CPU time, because other work may share the machine"
_FIGURES = (
    ("detector", "times_real_time_by_cpu", "virtual over CPU time, detector model", Line(least=200.0)),
    ("rendered", "times_real_time_by_cpu", "virtual over CPU time, rendered images", Line(least=1.2)),
    ("host", "us_per_message_and_handler", "framework, µs per message and handler", Line(most=10.0)),
)


def read(path: Path) -> dict[str, Any]:
    """The benchmark's figures, empty when it was not run."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def plan(path: Path = RESULT) -> Plan:
    """Reading costs nothing; without the file there are no rows."""
    return Plan(NAME, (Job(read, (path,), 0.1),), _rows)


def _rows(results: list[Any]) -> list[Row]:
    found = results[0]
    return [
        Row(NAME, {"case": case}, figure, float(found[case][key]), 1, must=line, note=_NOTE)
        for case, key, figure, line in _FIGURES
        if key in found.get(case, {})
    ]
