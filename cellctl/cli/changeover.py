"""`cellctl changeover`: announce another recipe or lot to a running cell."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

from rich.console import Console

from cellctl.runtime.supervision.changeover import Announcement
from cellctl.runtime.supervision.commands import ask


def changeover(run: Path, *, recipe: str = "", lot: str = "", by: str = "") -> None:
    """Announce another recipe, another lot, or both: what is made from now on belongs to them.

    Nothing is moved until `changeover.settle` of the new material has run. Open corrections end CONFOUNDED. The cell
    does not bring the set-points to the new recipe: that is the line's own changeover.

    Example: `cellctl changeover out/runs/RUN --recipe LFP-150 --lot LOT-0002`

    Args:
        run: the run folder that `cellctl run` printed.
        recipe: name of a recipe in the cell's file; as it is without it.
        lot: name of the new lot; as it is without it.
        by: who says so; the user of this machine without it.
    """
    reply = ask(run, Announcement(recipe, lot, by or getuser()))
    Console(highlight=False).print(reply, markup=False, soft_wrap=True)
