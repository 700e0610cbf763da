"""`cellctl doctor`: does this machine fit, and do the devices of a cell answer?"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cellctl.cli.data_option import DataFolder
from cellctl.runtime.doctor import Finding, Mark, examine, examine_devices, look
from cellctl.runtime.loading import load_cell

STYLES = {Mark.OK: "", Mark.NOTE: "yellow", Mark.BAD: "bold red"}


def doctor(
    config: Path | None = None, *, simulated: bool = False, data: DataFolder = None, out: Path = Path("out")
) -> int:
    """Look at this machine, and at the devices of a cell: each line says ok, note or NOT OK, and what to do.

    Example: `cellctl doctor configs/coater.yaml`

    Exits 0 when a cell can run here, 1 when a line is NOT OK. Nothing is written, neither here nor to a device.

    Args:
        config: a cell's YAML file, to try its devices too.
        simulated: try what stands in for its devices (section `simulate:`).
        data: folder that paths of devices written `data:NAME` are below.
        out: the folder that runs will go to.
    """
    findings = examine(look(out))
    if config is not None:
        findings += examine_devices(load_cell(config, simulated=simulated, data=data))
    console = Console(highlight=False)
    console.print(_table(findings))
    against = sum(one.mark is Mark.BAD for one in findings)
    notes = sum(one.mark is Mark.NOTE for one in findings)
    words = f"{against} NOT OK" if against else "a cell can run here"
    console.print(f"{words}; {notes} notes", style=STYLES[Mark.BAD] if against else "")
    return 1 if against else 0


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("", "what", "found"):
        table.add_column(title)
    for one in findings:
        text = Text(one.text)
        if one.remedy:
            text.append(f"\ndo: {one.remedy}", style="italic")
        table.add_row(Text(one.mark.value, style=STYLES[one.mark]), one.subject, text)
    return table
