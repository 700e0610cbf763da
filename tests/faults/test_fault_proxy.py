"""A few of the faults between cell and PLC, and processes that are broken on purpose under the same faults.

All run at once; the oracle believes the PLC's log. `python -m benchmarks.fieldbus proxy` plays the whole matrix.
"""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from benchmarks.fieldbus.proxied.broken import believing, denying, retrying, sound
from benchmarks.fieldbus.proxied.cases import matrix
from benchmarks.fieldbus.proxied.oracle import Judgement, judge
from benchmarks.fieldbus.proxied.rig import before_others
from benchmarks.fieldbus.proxied.scene import Played, play

CASES = {case.name: case for case in matrix()}
HEALTHY = "first write: delay answer delay_s 0.02"
CUT = "first write: cut answer byte 0 reset 0"
CUT_REQUEST = "third write: cut request byte 10 reset 1"
LYING = "first write: exception answer code 4"
SOUND = (HEALTHY, CUT, CUT_REQUEST, LYING, "echo: stale answer", "second write home: drop request")
BROKEN = {
    "believing": ("step: the PLC refuses with code 2", believing, "200 ms"),
    "retrying": (CUT_REQUEST, retrying, "200 ms"),
    "denying": (LYING, denying, "200 ms"),
    "slow": ("echo: half-open answer", sound, "600 ms"),
}


PLAYS = 3
"""A machine that is busy with other things may keep a case from its end; then it is played again."""


@cache
def judged() -> dict[str, Any]:
    """Name of the case, or of what is broken → what the oracle says."""
    plays = {name: (name, sound, "200 ms") for name in SOUND} | BROKEN
    found: dict[str, Any] = {}
    with before_others(), TemporaryDirectory() as folder:
        for number in range(PLAYS):
            left = {name: it for name, it in plays.items() if not isinstance(found.get(name), Judgement)}
            found |= asyncio.run(played(left, Path(folder) / str(number)))
    return found


async def played(plays, folder):
    """Each of them once, all beside each other."""
    cases = [play(CASES[name], folder / str(place), *spoilt) for place, (name, *spoilt) in enumerate(plays.values())]
    ends = await asyncio.gather(*cases, return_exceptions=True)
    return {name: judge(end) if isinstance(end, Played) else end for name, end in zip(plays, ends, strict=True)}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_said_of_a_move_holds_by_the_plcs_log(name):
    """CONFIRMED was in force, REFUSED was not, and nothing was sent that nobody asked for any more."""
    assert judged()[name].wrong == []
    assert judged()[name].replays == []


def test_with_a_harmless_fault_the_move_is_confirmed():
    """Otherwise a cell that never confirms would pass."""
    assert judged()[HEALTHY].outcomes == ["CONFIRMED"]


def test_control_a_process_that_believes_the_answer_is_found():
    """It says CONFIRMED while the PLC refuses."""
    assert "was not in force" in judged()["believing"].wrong[0]


def test_control_a_process_that_sends_again_is_found():
    """The block comes when nobody asks for it any more."""
    assert judged()["retrying"].replays != []


def test_control_a_process_that_denies_what_came_into_force_is_found():
    """The PLC had done what it said it had not."""
    assert "came into force" in judged()["denying"].wrong[0]


def test_control_a_time_out_that_is_too_long_is_found():
    """The cell is held after 600 ms instead of 200 ms."""
    assert judged()["slow"].late[0].startswith("held ")
