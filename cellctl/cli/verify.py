"""`cellctl verify RUN`: does the evidence of a run still hold?"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cellctl.cli.language import say
from cellctl.evidence import Report, verify_run


def verify(run: Path, *, head: str = "") -> int:
    """Check the evidence of a run: chain, images, corrections, verdicts, journals, and that nothing is missing.

    Exits 0 only if everything holds, 1 if something does not, 2 when there is nothing to check.

    Example: `cellctl verify out/runs/RUN`

    Args:
        run: folder of the run.
        head: hash of a record that was kept elsewhere; shows that the ledger was not written anew.
    """
    report = verify_run(run, head=head)
    console = Console(highlight=False)
    console.print(_table(report))
    if report.ok:
        console.print(say("head {head}", head=report.head), soft_wrap=True)
    console.print(say("The evidence holds." if report.ok else "The evidence does NOT hold."))
    return 0 if report.ok else 1


def _table(report: Report) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in (say("check"), "", say("found")):
        table.add_column(title)
    for check in report.checks:
        mark = Text(say("ok")) if check.ok else Text(say("NOT OK"), style="bold red")
        table.add_row(check.name, mark, Text(check.detail))
    return table
