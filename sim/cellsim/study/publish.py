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


PLOTS = {
    "headline": "R of the cell, of what it is held against, and of what must fail",
    "sham": "EFFECTIVE and PROVEN with a disconnected actuator",
    "power": "EFFECTIVE when the rate truly fell",
    "recurrence": "R over the life and the rate of the fault",
    "control": "What the laws leave of the film's variance",
}
"""Plot → what a reader who cannot see it is told."""


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


def pictures(names: Iterable[str]) -> str:
    """Markdown of the plots that were drawn."""
    return "".join(f"\n![{text}](images/study-{name}.svg)\n" for name, text in PLOTS.items() if name in set(names))


def fill(page: str, rows: Iterable[dict[str, Any]], plots: Iterable[str] = ()) -> str:
    """The page with what stands between the two markers replaced by table and plots; ValueError without them."""
    before, marker, rest = page.partition(BEGIN)
    comment, closing, behind = rest.partition("-->\n")
    _, end, after = behind.partition(END)
    if not (marker and closing and end):
        raise ValueError(f"expected the markers {BEGIN!r} and {END!r}")
    return f"{before}{marker}{comment}{closing}{table(rows)}\n{pictures(plots)}{end}{after}"


def publish(out: Path, docs: Path) -> None:
    """Fill the page and copy the plots; refuses figures of a quick run."""
    found = json.loads((out / "study.json").read_text(encoding="utf-8"))
    if found["quick"]:
        raise ValueError(f"{out / 'study.json'} is of a quick run: run `make study` first")
    drawn = {plot.stem: plot for plot in sorted((out / "study").glob("*.svg")) if plot.stem in PLOTS}
    for name, plot in drawn.items():
        shutil.copyfile(plot, docs / "images" / f"study-{name}.svg")
    page = docs / "proof.md"
    page.write_text(fill(page.read_text(encoding="utf-8"), found["rows"], list(drawn)), encoding="utf-8")


if __name__ == "__main__":
    publish(Path(sys.argv[1]), Path(sys.argv[2]))
