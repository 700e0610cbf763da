"""`cellctl report RUN`: what happened in a run, for people."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from cellctl.cli.language import current, say, translate
from cellctl.report import read_run
from cellctl.report.writing import Kind, write_report


def report(run: Path, *, out: Path | None = None, pdf: bool = False) -> int:
    """Write what happened in a run as one HTML file, for people.

    Defect rate over metres with every correction, set-points and values in force, measured values, latency, Pareto,
    alarms and questions, whether the evidence holds, and one page for each correction. The file needs nothing else: it
    can be mailed and printed. A damaged or unfinished run gets its report too, which says so first.

    Example: `cellctl report out/runs/RUN --pdf`

    Args:
        run: folder of the run.
        out: the HTML file; by default report.html in the run's folder.
        pdf: write the same as PDF beside it.
    """
    console = Console(highlight=False)
    with _rarely_collected():
        record = read_run(run)
        written = write_report(Kind.RUN, record, out, pdf=pdf, say=translate(), language=current())
    for path in written:
        console.print(say("written: {path}", path=path), markup=False, soft_wrap=True)
    if not record.report.ok:
        console.print(say("the evidence does NOT hold: cellctl verify {run}", run=run), markup=False, soft_wrap=True)
    return 0


@contextmanager
def _rarely_collected() -> Iterator[None]:
    """Look for cycles a hundred times less often: a report makes millions of objects that live until it is written."""
    usual = gc.get_threshold()
    gc.set_threshold(100 * usual[0], *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
