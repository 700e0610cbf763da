"""`cellctl check`: is this cell's configuration sound?"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console

from cellctl.cli.data_option import DataFolder
from cellctl.cli.language import say, translate
from cellctl.config.findings import Findings
from cellctl.config.resolved import ResolvedCell
from cellctl.errors import ConfigError, ConfigErrors, Translate, text
from cellctl.runtime.doctor.devices import SIMULATED
from cellctl.runtime.loading import Checked, has_world, load_checked, try_world


class MistakesFound(ConfigErrors):
    """Every mistake of a cell, and how many they are."""

    def said(self, translate: Translate = str) -> str:
        """One mistake on each line, and their number on the last."""
        count = len(self.errors)
        number = text("{count} mistakes", count=count) if count > 1 else text("1 mistake")
        return f"{super().said(translate)}\n{number.said(translate)}"


def check(config: Path, *, simulated: bool = False, data: DataFolder = None) -> None:
    """Check a cell's configuration before it runs; every mistake is listed with file, line and column.

    Example: `cellctl check configs/coater.yaml --simulated`

    Args:
        config: the cell's YAML file.
        simulated: check it with what stands in for its devices (section `simulate:`).
        data: folder that paths of devices written `data:NAME` are below.
    """
    try:
        with _without_collecting():
            checked = _checked(config, simulated=simulated, data=data)
    except ConfigErrors as errors:
        raise MistakesFound(errors.errors) from errors
    except ConfigError as error:
        raise MistakesFound([error]) from error
    remarks = [] if simulated else _stand_ins(checked.cell)
    console = Console(highlight=False)
    for line in (_sound(config, checked.cell), *_let_pass(checked.findings), *remarks):
        console.print(line, soft_wrap=True, markup=False)


def _checked(config: Path, *, simulated: bool, data: Path | None) -> Checked:
    lockstep = simulated and has_world(config)
    checked = load_checked(config, simulated=simulated, lockstep=lockstep, data=data)
    if lockstep:
        try_world(config, checked.cell)
    return checked


@contextmanager
def _without_collecting() -> Iterator[None]:
    """A large cell makes a hundred thousand objects that all stay: looking for garbage among them is time lost."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _sound(config: Path, cell: ResolvedCell) -> str:
    live = msgspec.structs.replace(cell, world=None)  # its hash is that of a run with devices or their stand-ins
    loops = (*cell.loops, *cell.advising)
    return say("{file}: sound. {cell}: {devices} devices, {plugins} plugins, loops: {loops} (by edge: {edges}; may "
               "move set-points: {acting}), configuration {hash}", file=config, cell=cell.id, devices=len(cell.devices),
               plugins=len(cell.plugins), loops=len({loop.name for loop in loops}), edges=len(loops),
               acting=", ".join(cell.guard.loops) or text("none"), hash=live.hash[:12])  # fmt: skip


def _stand_ins(cell: ResolvedCell) -> list[str]:
    """Of a cell that is checked as it will run at a line: which of its devices only the simulated line has."""
    return [say("{device} uses a simulated driver, {driver}", device=device.name, driver=device.driver)
            for device in cell.devices if device.driver.startswith(SIMULATED)]  # fmt: skip


def _let_pass(findings: Findings) -> list[str]:
    """What was waived, by whom and why, and what is worth a word."""
    waived = [
        say("waived by {name}: {place}: {code}: {finding} ({reason})", name=it.waiver.name,
            place=it.finding.error.where, code=it.finding.code, finding=it.finding.error.what_text,
            reason=it.waiver.reason)
        for it in findings.waived
    ]  # fmt: skip
    return [*waived, *(note.said(translate()) for note in findings.notes)]
