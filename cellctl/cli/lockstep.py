"""The part of `cellctl run` that runs a cell in virtual time."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from cellctl.cli.language import say
from cellctl.cli.summary import counted, reports
from cellctl.config.resolved import ResolvedCell
from cellctl.evidence import verify_run
from cellctl.evidence.alarms import AlarmCount
from cellctl.model import (
    Advice,
    Alarm,
    Correction,
    Features,
    Inspection,
    Judgement,
    Nonconformity,
    Outcome,
    WriteResult,
)
from cellctl.runtime.lockstep import LockstepCell
from cellctl.runtime.signals import interrupts_go_to

SETTLE_S = 1.5
"""Virtual time before the start: the guard wants to have watched every set-point for a second."""
SLICE_S = 1.0
"""Virtual time between two looks at Ctrl-C and the progress bar; rendered, it takes about as long in real time."""


@dataclass
class Tally:
    """What a run has said so far."""

    corrections: dict[str, Correction] = field(default_factory=dict)
    advices: dict[str, Advice] = field(default_factory=dict)
    alarms: AlarmCount = field(default_factory=AlarmCount)
    kinds: Counter[str] = field(default_factory=Counter)
    objects: Counter[str] = field(default_factory=Counter)
    unjudged: int = 0
    deaf: int = 0

    def take(self, message: Any) -> None:
        """Take in one message of the cell."""
        self.kinds[type(message).__name__] += 1
        if isinstance(message, Inspection):
            self.unjudged += message.judgement is Judgement.INDETERMINATE
            self.objects.update(found.defect for found in message.objects)
        elif isinstance(message, Features):
            self.deaf += message.judgement is Judgement.INDETERMINATE
        elif isinstance(message, Correction):
            self.corrections[message.transaction] = message
        elif isinstance(message, Nonconformity):
            self.kinds["filed"] += 1
        elif isinstance(message, WriteResult):
            self.kinds["not confirmed"] += message.outcome is not Outcome.CONFIRMED
        elif isinstance(message, Alarm):
            self.alarms.see(message.id, active=message.active)
        elif isinstance(message, Advice):
            self.advices[message.transaction] = message

    def verdicts(self) -> str:
        """`2 EFFECTIVE, 1 CONFOUNDED`."""
        counts = Counter(correction.state.value for correction in self.corrections.values())
        return ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "no correction"


def run_lockstep(cell: ResolvedCell, run_dir: Path, seconds: float, console: Console, *, open_loop: bool) -> int:
    """Run a cell for so much virtual time, or until every file was read, and say how it went; returns the exit status.

    Args:
        cell: the resolved cell, with its world.
        run_dir: folder of the run.
        seconds: of virtual time.
        console: to print on.
        open_loop: leave the cell in Stopped: it sees and records, and nothing is moved.
    """
    tally = Tally()
    live = LockstepCell(cell, run_dir, listen=tally.take)
    console.print(say("run folder: {folder}", folder=run_dir), markup=False, soft_wrap=True)
    begin = time.perf_counter()
    asked: list[bool] = []  # between two slices: an interrupted handler would leave half a record
    with interrupts_go_to(lambda: asked.append(True)):
        live.start()
        done = min(SETTLE_S, seconds)
        live.run(done)
        refusal = "" if open_loop else live.arm()
        with _progress(console) as bar:
            task = bar.add_task("", total=seconds)
            while done < seconds and not (asked or live.exhausted):
                live.run(min(SLICE_S, seconds - done))
                done = min(done + SLICE_S, seconds)
                bar.update(task, completed=done)
        against = [f"not started: {refusal}"] if refusal else live.authority.standing
        live.stop()
    if asked:
        console.print(say("interrupted after {seconds:.0f} s of virtual time", seconds=done))
    factor = done / (time.perf_counter() - begin)
    _print(
        console,
        live,
        tally,
        say("{seconds:.0f} s of virtual time, {factor:.0f} times as fast as real time", seconds=done, factor=factor),
    )
    report = verify_run(run_dir)
    holds = "evidence holds; ledger head {head}" if report.ok else "evidence does NOT hold; ledger head {head}"
    console.print(say(holds, head=report.head), soft_wrap=True)
    for standing in against:
        console.print(say("at the end: {standing}", standing=standing), style="bold red", markup=False, soft_wrap=True)
    return 0 if report.ok and not against else 1


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.completed:.0f} of {task.total:.0f} s"), BarColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _print(console: Console, live: LockstepCell, tally: Tally, length: str) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    kinds = tally.kinds
    objects = ", ".join(f"{count} {defect}" for defect, count in sorted(tally.objects.items())) or say("none")
    table.add_row(say("length"), length)
    table.add_row(say("verdicts"), tally.verdicts())
    table.add_row(say("objects"), objects)
    table.add_row(say("frames"), say("{inspected} inspected, {unsure} could not be judged",
                                     inspected=kinds["Inspection"], unsure=tally.unjudged))  # fmt: skip
    if kinds["Features"]:
        table.add_row(say("windows"), say("{judged} heard, {unsure} could not be judged", judged=kinds["Features"],
                                          unsure=tally.deaf))  # fmt: skip
    if tally.advices:
        table.add_row(say("advices"), counted(Counter(advice.state.value for advice in tally.advices.values())))
    table.add_row(say("reports"), reports(kinds["filed"], kinds["Escalation"], tally.alarms.raised))
    table.add_row(say("writes"), say("{results} results, {open} of them not confirmed", results=kinds["WriteResult"],
                                     open=kinds["not confirmed"]))  # fmt: skip
    for name, count in sorted(live.dropped.items()):
        table.add_row(
            say("lost"), say("{count} messages at {name}: its handlers take too long", count=count, name=name)
        )
    console.print(table)
    for correction in tally.corrections.values():
        text = f"{correction.transaction}  {correction.state.value}  {correction.reason}"
        console.print(text, markup=False, soft_wrap=True)
