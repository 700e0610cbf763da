"""What the studies say, as a file and as a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from cellsim.study.rows import Row


def write_json(path: Path, rows: Sequence[Row], facts: dict[str, Any], only: Sequence[str] = ()) -> None:
    """Write study.json: facts of the run, and one entry per row.

    After a run of some studies alone (`only`) the rows of the others stay, before the new ones; `runs` says for each
    study with which cell and when in full its rows were measured.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    runs, kept = _others(path, facts, only) if only else ({}, [])
    written = [row.to_builtins() for row in rows]
    runs |= {row.study: facts for row in rows}
    passed = all(row.passes for row in rows) and all(map(_passes, kept))
    document = {**facts, "holds": passed, "runs": runs, "rows": [*kept, *written]}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _others(
    path: Path, facts: dict[str, Any], only: Sequence[str]
) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """Facts and rows of the studies that were not run now; a small run and a full one are not mixed."""
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}, []
    if before.get("quick") != facts.get("quick"):
        return {}, []
    kept = [row for row in before["rows"] if row["study"] not in only]
    whole = {name: value for name, value in before.items() if name not in {"rows", "runs", "holds"}}
    known = before.get("runs", {})
    return {row["study"]: known.get(row["study"], whole) for row in kept}, kept


def _passes(row: dict[str, Any]) -> bool:
    return bool(row["fails"]) if row.get("control") else row["holds"] is not False


def print_table(console: Console, rows: Sequence[Row]) -> None:
    """Asked, measured, holds: one line per row that has a line to keep; the others are in the file."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("figure", ratio=1)
    for title in ("asked", "measured", "95 %", "n", "holds"):
        table.add_column(title, justify="left" if title in {"asked", "holds"} else "right")
    asked = [row for row in rows if row.must is not None]
    for row in asked:
        table.add_row(*_cells(row))
    console.print(table)
    console.print(f"{len(rows) - len(asked)} more figures without a line to keep are in the file.")


def case_text(row: Row) -> str:
    """What was varied, in words."""
    return ", ".join(f"{name.removesuffix('_per_m')} {value}" for name, value in row.case.items())


def _cells(row: Row) -> tuple[str, ...]:
    interval = "" if row.ci95 is None else f"{row.ci95[0]:.3f} – {row.ci95[1]:.3f}"
    figure = f"{row.study}: {row.figure} ({case_text(row)})"
    return (figure, str(row.must), f"{row.value:.3f}", interval, str(row.n), verdict(row))


def verdict(row: Row) -> str:
    """How a row ended, in a word or two."""
    if row.must is None:
        return ""
    if row.control:
        return "fails, as a control must" if row.passes else "CONTROL DOES NOT FAIL"
    return "yes" if row.passes else "NO"
