"""`cellctl shadow-report RUN`: what the loops of a run would have done."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from cellctl.cli.language import current, say, translate
from cellctl.report import read_run
from cellctl.report.writing import Kind, terminal_lines, write_report


def shadow_report(run: Path, *, out: Path | None = None, pdf: bool = False) -> int:
    """Say what loops in shadow or advisory would have done, what was expected of it, and what became of the rate.

    Example: `cellctl shadow-report out/runs/RUN`

    Args:
        run: folder of the run.
        out: the HTML file; by default shadow-report.html in the run's folder.
        pdf: write the same as PDF beside it.
    """
    record = read_run(run)
    console = Console(highlight=False)
    for line in terminal_lines(record, translate()):
        console.print(line, markup=False, soft_wrap=True)
    for path in write_report(Kind.SHADOW, record, out, pdf=pdf, say=translate(), language=current()):
        console.print(say("written: {path}", path=path), markup=False, soft_wrap=True)
    return 0
