"""Put the figures of the last full run into the page that explains them: `python -m cellsim.study.publish out docs`."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- study:begin", "<!-- study:end -->"
HEAD = ("| asked | must be | measured | 95 % | n | holds |", "|---|---|---|---|---|---|")
_KNOWN = frozenset({"study", "figure", "value", "n", "ci95", "must", "holds", "control", "fails", "note"})


def table(rows: Iterable[dict[str, Any]]) -> str:
    """Markdown of the rows that have a line to keep."""
    return "\n".join((*HEAD, *(_line(row) for row in rows if row["must"] is not None)))


def _line(row: dict[str, Any]) -> str:
    case = ", ".join(f"{name.removesuffix('_per_m')} {value}" for name, value in row.items() if name not in _KNOWN)
    interval = "" if row["ci95"] is None else f"{row['ci95'][0]:.3f} – {row['ci95'][1]:.3f}"
    figure = f"{row['study']}: {row['figure']} ({case})"
    cells = (figure, row["must"], f"{row['value']:.3f}", interval, str(row["n"]), _holds(row))
    return f"| {' | '.join(cells)} |"


def _holds(row: dict[str, Any]) -> str:
    if row.get("control"):
        return "fails, as a control must" if row["fails"] else "**control does not fail**"
    return "yes" if row["holds"] else "**no**"


def fill(page: str, rows: Iterable[dict[str, Any]]) -> str:
    """The page with its table between the two markers replaced; ValueError without them."""
    before, marker, rest = page.partition(BEGIN)
    comment, closing, behind = rest.partition("-->\n")
    _, end, after = behind.partition(END)
    if not (marker and closing and end):
        raise ValueError(f"expected the markers {BEGIN!r} and {END!r}")
    return f"{before}{marker}{comment}{closing}{table(rows)}\n{end}{after}"


def publish(out: Path, docs: Path) -> None:
    """Fill the page and copy the plots; refuses figures of a quick run."""
    found = json.loads((out / "study.json").read_text(encoding="utf-8"))
    if found["quick"]:
        raise ValueError(f"{out / 'study.json'} is of a quick run: run `make study` first")
    page = docs / "proof.md"
    page.write_text(fill(page.read_text(encoding="utf-8"), found["rows"]), encoding="utf-8")
    for plot in sorted((out / "study").glob("*.svg")):
        shutil.copyfile(plot, docs / "images" / f"study-{plot.name}")


if __name__ == "__main__":
    publish(Path(sys.argv[1]), Path(sys.argv[2]))
