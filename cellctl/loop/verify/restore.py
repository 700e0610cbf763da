"""What a loop still owes the plant after a restart: worked out from the last record of each of its corrections.

A restarted loop has not seen what passed the camera meanwhile, so no test goes on where it stood:

- a correction without a verdict goes back, CONFOUNDED; one whose test had already decided against it keeps that;
- an effective one is held again, and its release is still owed; what it must be in control for begins anew;
- one that stays undecided is still a person's to decide;
- a release that was under way is finished, and its watch is spoilt: RESTORED, and not judged.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cellctl.config.resolved import Loop
from cellctl.model.correction import Correction, TransactionState

S = TransactionState

RESTARTED = "the loop was restarted"


class Owed(NamedTuple):
    """What is to be done for one loop.

    Attributes:
        unfinished: corrections without a verdict, to be taken back.
        held: effective corrections in force or on their way back, oldest first.
        hold_m: metres in control before the next release.
        number: of the last correction; names go on from it.
        last: the last correction that had a verdict, None when there was none.
    """

    unfinished: tuple[Correction, ...]
    held: tuple[Correction, ...]
    hold_m: float
    number: int
    last: Correction | None


def owed(records: Iterable[Correction], loop: Loop, config: str) -> Owed:
    """What `loop` owes; `records` in the order they were sent, of any loop, `config` the hash of its configuration."""
    last = {it.transaction: it for it in records if (it.loop, it.side, it.config) == (loop.name, loop.side, config)}
    held = [it for it in last.values() if it.state in {S.EFFECTIVE, S.RELEASING} and loop.release.enabled]
    return Owed(
        unfinished=tuple(it for it in last.values() if not it.state.is_verdict),
        held=tuple(sorted(held, key=lambda it: it.times_ns[S.EFFECTIVE])),
        hold_m=_hold_m(last.values(), loop),
        number=max((_number(it.transaction) for it in last.values()), default=0),
        last=max(
            (it for it in last.values() if it.state.is_verdict), key=lambda it: _number(it.transaction), default=None
        ),
    )


def _hold_m(records: Iterable[Correction], loop: Loop) -> float:
    """Each return doubled it, each release without one brought it back."""
    ends = [
        (it.times_ns[state], state is S.STILL_NEEDED)
        for it in records
        for state in (S.STILL_NEEDED, S.RESTORED)
        if state in it.times_ns and it.released is not None and it.released.judged
    ]
    hold_m = loop.release.after_m
    for _, returned in sorted(ends):
        hold_m = min(2.0 * hold_m, loop.release.longest_m) if returned else loop.release.after_m
    return hold_m


def _number(transaction: str) -> int:
    """The number at the end of `<loop>-<side>-<number>`."""
    tail = transaction.rpartition("-")[2]
    return int(tail) if tail.isdigit() else 0
