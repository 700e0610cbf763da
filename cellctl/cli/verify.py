"""`cellctl verify RUN`: does the evidence of a run still hold?"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cellctl.cli.language import say
from cellctl.errors import ConfigError, Where
from cellctl.evidence import LEDGER_FILE, RecordKind, Report, verify_run
from cellctl.evidence.record import Record
from cellctl.runtime.supervision.commands import is_running
from cellctl.runtime.supervision.folder import RESOLVED

OF_A_START = frozenset({RecordKind.RUN_OPENED, RecordKind.ALARM})
"""What a run records before anything is seen, judged or moved."""
CLOSED = "closed"
"""The check that fails where a run was never closed."""


def verify(run: Path, *, head: str = "") -> int:
    """Check the evidence of a run: chain, images, corrections, verdicts, journals, and that nothing is missing.

    Exits 0 only if everything holds, 1 if something does not, 2 when there is nothing to check:
    no run, one that is still going on, or one that never began.

    Example: `cellctl verify out/runs/RUN`

    Args:
        run: folder of the run.
        head: hash of a record that was kept elsewhere; shows that the ledger was not written anew.
    """
    if is_running(run):
        raise ConfigError("CELL-1236", "the run is still going on", where=Where(str(run)),
                          do="verify it when it has ended: `cellctl stop` ends it")  # fmt: skip
    if (run / RESOLVED).is_file() and not (run / LEDGER_FILE).exists():
        raise _never_began(run)
    kinds: set[str] = set()

    def hear(record: Record) -> None:
        kinds.add(record.kind)

    report = verify_run(run, head=head, listen=hear)
    if kinds <= OF_A_START and {check.name for check in report.checks if not check.ok} == {CLOSED}:
        raise _never_began(run)
    console = Console(highlight=False)
    console.print(_table(report))
    if report.ok:
        console.print(say("head {head}", head=report.head), soft_wrap=True)
    console.print(say("The evidence holds." if report.ok else "The evidence does NOT hold."))
    return 0 if report.ok else 1


def _never_began(run: Path) -> ConfigError:
    """Of a folder whose start failed: that it holds nothing is no fault of its evidence."""
    return ConfigError("CELL-1237", "the run never began: nothing was seen, judged or moved on record",
                       where=Where(str(run)), do="see in its folder log why the start failed")  # fmt: skip


def _table(report: Report) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in (say("check"), "", say("found")):
        table.add_column(title)
    for check in report.checks:
        mark = Text(say("ok")) if check.ok else Text(say("NOT OK"), style="bold red")
        table.add_row(check.name, mark, Text(check.detail))
    return table
