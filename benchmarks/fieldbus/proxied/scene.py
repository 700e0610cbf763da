"""Plays one case: the work under way, the fault, and what comes after it."""

from __future__ import annotations

import asyncio
import time
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from benchmarks.fieldbus.proxied.broken import Break, sound
from benchmarks.fieldbus.proxied.rig import LEFT, REGISTERS, RIGHT, Rig, running
from cellctl.model.correction import Outcome, WritePhase, WriteResult
from cellctl.model.packml import PackMLState
from cellsim.plc import Upset
from cellsim.plc import registers as reg
from cellsim.plc.program import HEALTHY
from cellsim.proxy import Fault

_AFTER_S = 0.3
"""So long the fault stays when everything is said, and so long is watched after the safe state."""


class Work(StrEnum):
    """What is under way when the fault strikes."""

    STEP = "step"
    """One set-point, one increment."""
    RAMP = "ramp"
    """One set-point, five increments."""
    BOTH = "both"
    """Two set-points at once, in the same requests."""
    HOME = "home"
    """The guard's own way to the safe state."""


class Case(NamedTuple):
    """One fault, or several in turn, at one moment of one work; `upset`: what the PLC itself does wrong meanwhile."""

    name: str
    work: Work
    faults: tuple[Fault, ...]
    upset: Upset = HEALTHY


class Played(NamedTuple):
    """What a case left behind."""

    case: Case
    rig: Rig
    struck_ns: int


MOVES = {
    Work.STEP: {LEFT: 20.04},
    Work.RAMP: {LEFT: 20.2},
    Work.BOTH: {LEFT: 20.12, RIGHT: 19.88},
    Work.HOME: {LEFT: 20.12},
}


async def play(case: Case, folder: Path, spoil: Break = sound, timeout: str = "200 ms") -> Played:
    """Run one case to its end. GaveUpError when it does not come to one."""
    async with running(folder, spoil, timeout) as rig:
        await _begin(case, rig)
        await rig.until(lambda: bool(rig.plan.struck), "the request that the fault waits for")
        struck_ns = round(rig.plan.struck[0][0] * 1e9)
        await rig.until(lambda: len(terminal(rig.ports.kept)) == len(rig.proposals), "the last word on each proposal")
        await asyncio.sleep(_AFTER_S)
        rig.plan.clear()
        rig.plc.upset = HEALTHY
        rig.ports.enter(PackMLState.HELD, safe=True)
        await rig.until(lambda: rig.link_is_up, "the link after the fault", 15.0)
        await rig.until(lambda: _at_recipe(rig), "the recipe in force", 15.0)
        await asyncio.sleep(_AFTER_S)
        return Played(case, rig, struck_ns)


async def _begin(case: Case, rig: Rig) -> None:
    """Start the work, with the faults in place from its first request on."""
    rig.plc.upset = case.upset
    if case.work is not Work.HOME:
        rig.plan.arm(*case.faults)
    for tag, target in MOVES[case.work].items():
        rig.propose(tag, target)
    if case.work is Work.HOME:
        await rig.until(lambda: bool(terminal(rig.ports.kept)), "the move before the way home")
        rig.plan.arm(*case.faults)
        rig.ports.enter(PackMLState.HELD, safe=True)


def terminal(results: list[WriteResult]) -> dict[str, WriteResult]:
    """Transaction → its last word: the target's result, or an earlier one that is not CONFIRMED."""
    return {
        it.transaction: it for it in results if it.phase is WritePhase.TARGET or it.outcome is not Outcome.CONFIRMED
    }


def _at_recipe(rig: Rig) -> bool:
    now_ns = time.monotonic_ns()
    return all(rig.plc.shown(k, now_ns) == reg.CLAMPS[k].recipe for k in REGISTERS.values())
