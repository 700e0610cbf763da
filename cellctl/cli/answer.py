"""`cellctl answer`: an expert says what an object is."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from cellctl.runtime.supervision.commands import ask
from cellctl.runtime.supervision.desk import Answer


def answer(
    run: Path,
    escalation: str,
    *,
    label: str,
    object_id: Annotated[str, Parameter(name=["--object"])] = "",
    by: str = "",
    note: str = "",
) -> None:
    """Answer a question of a running cell; the answer becomes a record of the run's evidence.

    Example: `cellctl answer out/runs/RUN ESC-edge_spur-right-1 --label coat_edge_spur`

    Args:
        run: the run folder that `cellctl run` printed.
        escalation: the question, for example ESC-edge_spur-left-1.
        label: what the object is: a defect class, or the classifier's name for no defect.
        object_id: one object of the question; all of them without it.
        by: who says so; the user of this machine without it.
        note: anything worth keeping with it.
    """
    reply = ask(run, Answer(escalation, label, object_id, by or getuser(), note))
    Console(highlight=False).print(reply, markup=False, soft_wrap=True)
