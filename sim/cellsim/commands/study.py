"""`cellctl study`: how often the verdicts are right, and how much the cell helps, with a control for each claim."""

from __future__ import annotations

import os
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from cellctl.errors import ConfigError
from cellsim.study.cell import CONFIG, WHOLE, before_the_oven, load_study_cell
from cellsim.study.report import print_table, write_json
from cellsim.study.rows import Row
from cellsim.study.suite import FULL, PLANNERS, QUICK, Cells, plans, run_plans, total_weight


def study(
    *,
    config: Path = CONFIG,
    whole: Path = WHOLE,
    only: tuple[str, ...] = (),
    quick: bool = False,
    cores: int | None = None,
    out: Path = Path("out"),
) -> int:
    """Run the studies on all cores; up to half an hour on two.

    Writes `study.json` and the plots under `study/` in the folder. Exits 0 only if every line is kept and every
    negative control fails its own.

    Example: `cellctl study --quick --only sham`

    Args:
        config: the cell of the studies of events; only its in-control rate is changed.
        whole: the cell of the headline, likewise; what looks and acts behind the oven is left out.
        only: names of the studies to run, all by default; rows of the others stay in study.json.
        quick: a small part of everything: shows that it works, not that a line holds.
        cores: number of processes, the machine's own number by default; the result is the same.
        out: folder for the results.
    """
    unknown = sorted(set(only) - set(PLANNERS))
    if unknown:
        raise ConfigError(
            "CELL-1095",
            "there is no study {unknown}",
            do="name one of {known}",
            unknown=", ".join(unknown),
            known=", ".join(PLANNERS),
        )
    console = Console(highlight=False)
    cells = Cells(load_study_cell(config), before_the_oven(load_study_cell(whole)))
    chosen = plans(cells, QUICK if quick else FULL, only)
    began_s = time.monotonic()
    with _progress(console) as progress:
        task = progress.add_task("studies", total=total_weight(chosen))
        rows = run_plans(chosen, lambda weight: progress.advance(task, weight), cores)
    seconds = time.monotonic() - began_s
    facts = {"quick": quick, "seconds": round(seconds, 1), "cores": cores or os.cpu_count(), "config": cells.edges.hash}
    write_json(out / "study.json", rows, facts, only)
    pictures = _draw(out / "study", rows)
    print_table(console, rows)
    passed = all(row.passes for row in rows)
    console.print(f"{seconds / 60:.1f} minutes; figures in {out / 'study.json'}; {pictures}")
    console.print("Every line holds, and every control fails." if passed else "NOT every line holds.", style="bold")
    return 0 if passed else 1


def _draw(folder: Path, rows: list[Row]) -> str:
    """Draw the plots, where the extra that they need is installed."""
    try:
        from cellsim.study.plots import draw_all  # noqa: PLC0415 - matplotlib is an extra, and slow to load
    except ModuleNotFoundError:
        return "no plots (install them with: pip install -e './sim[study]')"
    return f"{len(draw_all(folder, rows))} plots in {folder}"


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
    )
