"""`cellctl run`: run a cell on this machine."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from cellctl.cli.data_option import DataFolder
from cellctl.cli.language import say, translate
from cellctl.cli.lockstep import run_lockstep
from cellctl.cli.summary import print_summary
from cellctl.config.resolved import ResolvedCell
from cellctl.errors import ConfigError, sentence_of
from cellctl.evidence import RunSummary, verify_run
from cellctl.hmi.live import LiveView
from cellctl.runtime.loading import load_cell
from cellctl.runtime.supervision import Interrupted, LiveCell
from cellctl.runtime.supervision.state import state_dir
from cellctl.units import convert


def run(
    config: Path,
    *,
    simulated: bool = False,
    lockstep: bool = False,
    start: bool = False,
    open_loop: bool = False,
    duration: Annotated[str, Parameter(name=["--for"])] = "",
    seed: int | None = None,
    scenario: str = "",
    data: DataFolder = None,
    out: Path | None = None,
    state: Path | None = None,
) -> int:
    """Run a cell until Ctrl-C, `cellctl stop`, the end of its time, or until every file was read that it sees.

    Without --start the cell sees and records, and the guard refuses every move until `cellctl start RUN`.
    Exits 0 when the cell ended in good order, nothing held it at the end, and its evidence holds; else 1.

    With --lockstep the whole cell runs in one process on a virtual clock, much faster than real time and
    the same at every repetition: nobody could start it later, so it starts by itself, unless --open-loop is given.

    Examples: `cellctl run configs/coater.yaml --simulated`, in virtual time
    `cellctl run configs/coater.yaml --lockstep --for 10min`, and on files
    `cellctl run configs/steel_strip.yaml --data DIR`

    Args:
        config: the cell's YAML file.
        simulated: let what stands in for its devices (section `simulate:`) take their place.
        lockstep: run in virtual time against the world that stands in for all devices (`simulate: {world: …}`); needs
            --for. Devices have no virtual time, so --simulated goes without saying.
        start: go to Execute as soon as every process is ready.
        open_loop: with --lockstep, stay in Stopped: what would have happened without the loop.
        duration: end after this time, for example "10 min".
        seed: with --lockstep, of the cell and its world, instead of the file's.
        scenario: with --lockstep, of the world, instead of the file's: a name, or the path of a YAML file.
        data: folder that paths of devices written `data:NAME` are below.
        out: the run folder; by default a new one under out/runs.
        state: where the guard's memory outlives the run; by default out/state/CELL, beside the run folder with --out,
            and with --simulated nowhere: the plant is new, too.
    """
    console = Console(highlight=False)
    limit_s = _seconds(duration)
    _check(lockstep=lockstep, duration=duration, other=seed is not None or bool(scenario))
    _check_open(lockstep=lockstep, start=start, open_loop=open_loop)
    if lockstep and state is not None:
        raise ConfigError("CELL-1013", "--state: a plant in virtual time is new, and so is its guard",
                          do="leave out one of --lockstep and --state")  # fmt: skip
    if lockstep:
        world = {"scenario": scenario} if scenario else {}
        cell = load_cell(config, lockstep=True, seed=seed, world=world, data=data)
        return run_lockstep(cell, out or _run_dir(cell.id), limit_s, console, open_loop=open_loop)
    cell = load_cell(config, simulated=simulated, data=data)
    run_dir = out or _run_dir(cell.id)
    kept = state or (None if simulated else state_dir(run_dir, cell.id))
    return _run_live(cell, run_dir, kept, limit_s, console, start=start)


def _run_live(
    cell: ResolvedCell, run_dir: Path, kept: Path | None, limit_s: float, console: Console, *, start: bool
) -> int:
    """Run a cell in processes of its own until its end, and say how it went; returns the exit status."""
    view = LiveView(cell, console)
    try:
        with LiveCell(cell, run_dir, listen=view.take, state_dir=kept) as live, view:
            console.print(say("run folder: {folder}", folder=run_dir), markup=False, soft_wrap=True)
            live.start()
            if start and (refusal := live.arm()):
                said = say("not started: {refusal}; then: cellctl start {folder}", refusal=refusal, folder=run_dir)
                console.print(said, markup=False, soft_wrap=True)
            end = time.monotonic() + limit_s
            while not (live.interrupted or live.failure or live.exhausted) and time.monotonic() < end:
                live.poll()
                view.show(live)
            ended_by_itself = live.exhausted
            drained = live.stop()
            view.show(live, now=True)
            against = [live.failure] if live.failure else live.authority.standing
    except Interrupted:
        console.print(say("interrupted while starting; everything was ended"))
        return 1
    status = _conclude(console, run_dir, against, drained=drained)
    if ended_by_itself:
        _report(console, run_dir)
    return status


def _report(console: Console, run_dir: Path) -> None:
    """Write the report of a run that has read all its files; without the packages for it, say how to get them."""
    from cellctl.cli.report import report  # noqa: PLC0415  # it draws: slow to load, and an extra

    try:
        report(run_dir)
    except ConfigError as error:
        console.print(error.said(translate()), markup=False, soft_wrap=True)


def _conclude(console: Console, run_dir: Path, against: list[str], *, drained: bool) -> int:
    """Say how it ended; returns the exit status."""
    summary = RunSummary()
    report = verify_run(run_dir, listen=summary.see)
    print_summary(console, summary)
    holds = "evidence holds; ledger head {head}" if report.ok else "evidence does NOT hold; ledger head {head}"
    console.print(say(holds, head=report.head), soft_wrap=True)
    for standing in against:
        console.print(say("at the end: {standing}", standing=standing), style="bold red", markup=False, soft_wrap=True)
    if against:
        console.print(say("logs: {folder}", folder=run_dir / "log"), markup=False, soft_wrap=True)
    return 0 if report.ok and drained and not against else 1


def _run_dir(cell_id: str) -> Path:
    """A new folder under out/runs, named by the time of day."""
    return Path("out") / "runs" / f"{datetime.now(UTC).strftime('%Y%m%dT%H%M%SZ')}-{cell_id}"


def _check(*, lockstep: bool, duration: str, other: bool) -> None:
    """ConfigError CELL-1013 for options that do not go together."""
    if lockstep and not duration:
        raise ConfigError("CELL-1013", "--lockstep: virtual time needs an end", do='add --for "1 h"')
    if other and not lockstep:
        raise ConfigError("CELL-1013", "--seed and --scenario belong to virtual time", do="add --lockstep")


def _check_open(*, lockstep: bool, start: bool, open_loop: bool) -> None:
    """ConfigError CELL-1013: nobody may take a line for its own open arm that moves set-points."""
    if open_loop and not lockstep:
        raise ConfigError("CELL-1013", "--open-loop belongs to virtual time",
                          do="add --lockstep, or leave out --start: then nothing is moved either")  # fmt: skip
    if open_loop and start:
        raise ConfigError("CELL-1013", "--start and --open-loop contradict each other", do="give one of them")


def _seconds(duration: str) -> float:
    try:
        seconds = convert(duration, "s") if duration else float("inf")
    except ValueError as error:
        raise ConfigError(
            "CELL-1012", "--for: {reason}", do='write it as "10 min"', reason=sentence_of(error)
        ) from error
    if not seconds > 0.0:
        raise ConfigError(
            "CELL-1012", "--for: expected a time above zero, got {duration!r}", do='write "10 min"', duration=duration
        )
    return seconds
