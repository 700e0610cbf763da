"""Scripted faults of the PLC: what it does wrong on the wire, in its program, and what people do at its panel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from cellctl.model.packml import PackMLState

PRODUCTION, MANUAL = 1, 3
"""PackML mode numbers (ISA-TR88.00.02)."""
WIRE = ("silent", "exception", "late", "dropped")
"""Faults that the server plays."""
ONCE = ("operator", "restart")
"""Faults that happen at their `from`, once."""


@dataclass(frozen=True)
class PlcFault:
    """One fault from `from_s` on for `for_s` seconds after the line's start.

    Attributes:
        kind: `silent` (no answer, requests have no effect), `exception` (every request is answered with exception
            `code`), `late` (answers come `delay_s` late), `dropped` (every `every`th request has its effect and no
            answer), `held` (PackML state Held), `manual` (PackML mode Manual: no block is taken), `frozen` (answers,
            and does not scan), `wrong-echo` (echoes another sequence), `refuse` (judges every block with `code`),
            `wrong-value` (puts `by` more in force than was asked for), `operator` (somebody moves the set-point to
            `value` at the panel), `restart` (registers back to the recipe, sequences and scans begin at 0).
        code: exception code, or accept code.
        every: of `dropped`.
        register: holding register of the set-point of `wrong-value` and `operator`.
        value: in raw units, of `operator`.
        by: in raw units, of `wrong-value`.
    """

    kind: str
    from_s: float
    for_s: float = 0.0
    delay_s: float = 0.3
    code: int = 4
    every: int = 3
    register: int = 0
    value: int = 0
    by: int = 0


class Upset(NamedTuple):
    """What is wrong with the program in one scan.

    Attributes:
        state: PackML state.
        mode: PackML mode.
        refuse: accept code of every block, 0 to judge them.
        echo: added to the sequence echoed.
        by: holding register → added to what a block puts in force.
    """

    state: PackMLState = PackMLState.EXECUTE
    mode: int = PRODUCTION
    refuse: int = 0
    echo: int = 0
    by: tuple[tuple[int, int], ...] = ()


class PlcFaults:
    """Which fault is on at a time."""

    def __init__(self, faults: tuple[PlcFault, ...] = ()) -> None:
        self._faults = faults
        self._once = sorted((fault for fault in faults if fault.kind in ONCE), key=lambda fault: fault.from_s)

    def active(self, t_s: float, *kinds: str) -> PlcFault | None:
        """The first fault of these kinds that is on at `t_s`."""
        return next(self._running(t_s, kinds), None)

    def due(self, t_s: float) -> list[PlcFault]:
        """What happens once and has come due since the last call."""
        due = [fault for fault in self._once if fault.from_s <= t_s]
        self._once = self._once[len(due) :]
        return due

    def upset(self, t_s: float) -> Upset:
        """What is wrong with the program: Execute and Production unless scripted otherwise."""
        refuse = self.active(t_s, "refuse")
        return Upset(
            state=PackMLState.HELD if self.active(t_s, "held") else PackMLState.EXECUTE,
            mode=MANUAL if self.active(t_s, "manual") else PRODUCTION,
            refuse=refuse.code if refuse else 0,
            echo=1 if self.active(t_s, "wrong-echo") else 0,
            by=tuple((fault.register, fault.by) for fault in self._running(t_s, ("wrong-value",))),
        )

    def _running(self, t_s: float, kinds: tuple[str, ...]) -> Iterator[PlcFault]:
        return (f for f in self._faults if f.kind in kinds and f.from_s <= t_s < f.from_s + f.for_s)
