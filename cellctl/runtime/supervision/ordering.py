"""What people may order of the loops and of the guard, by which names."""

from __future__ import annotations

from typing import Any

import msgspec

from cellctl.config.resolved import ResolvedCell
from cellctl.config.source.nearest import nearest
from cellctl.errors import CellError, ConfigError, text
from cellctl.model import Advice, AdviceState, Alarm, Order
from cellctl.runtime.bus.orders import TAKEN_OVER, TRIPPED

SHOWN = 5
"""Names that a refusal lists at most."""
TAKEN = frozenset({"takeover", "correction", "taken-over"})
"""Alarms by which a loop or regulator says that a set-point waits to be handed back."""


class Command(msgspec.Struct, frozen=True, tag=True):
    """An order to a loop or to the guard; the fields are those of `Instruction`."""

    order: Order
    subject: str
    by: str


class Orders:
    """Knows which names can be ordered about, and what stands to be handed back or reset.

    Args:
        cell: the resolved cell.
    """

    def __init__(self, cell: ResolvedCell) -> None:
        self._loops = {loop.name for loop in cell.loops} | {regulator.name for regulator in cell.regulators}
        self._regulators = {regulator.name for regulator in cell.regulators}
        self._tags = cell.guard.loops
        self._setpoints = {point.tag for point in cell.guard.setpoints}
        levels = [(loop.name, loop.authority) for loop in cell.loops]
        levels += [(regulator.name, regulator.authority) for regulator in cell.regulators]
        self._silent = {name for name, authority in levels if authority in {"off", "shadow"}}
        self._waiting: set[str] = set()
        self._standing: set[str] = set()

    def hear(self, message: Advice | Alarm) -> None:
        """Remember which moves wait for a yes, and what stands to be handed back or reset."""
        if isinstance(message, Advice):
            waits = message.state is AdviceState.OPEN and message.due_ns > 0
            (self._waiting.add if waits else self._waiting.discard)(message.transaction)
        elif message.id.endswith((TAKEN_OVER, TRIPPED)) or not TAKEN.isdisjoint(message.id.split(".")):
            (self._standing.add if message.active else self._standing.discard)(message.id)

    def judge(self, command: Command) -> str:
        """What the reply adds; raises ConfigError for a name that cannot be meant.

        CELL-1066: no such move waits. CELL-1067: no such loop, regulator or set-point. CELL-1068: no such set-point.
        CELL-1069: no such loop or regulator.
        """
        name = command.subject
        if command.order is Order.TAKE_OVER:
            if name not in self._setpoints:
                raise unknown("CELL-1068", "expected a set-point, got {name!r}", name, sorted(self._setpoints))
            return ""
        if command.order is Order.HAND_BACK:
            known = self._loops | self._setpoints
            if name not in known:
                raise unknown("CELL-1067", "expected a loop, regulator or set-point, got {name!r}", name, sorted(known))
            return self._nothing_to_hand_back(name)
        if command.order is Order.RESET:
            if name not in self._loops:
                raise unknown("CELL-1069", "expected a loop or regulator, got {name!r}", name, sorted(self._loops))
            return self._nothing_to_reset(name)
        self._expect_waiting(name)
        return ""

    def _expect_waiting(self, name: str) -> None:
        if not self._waiting:
            raise ConfigError(
                "CELL-1066",
                "no move waits for a yes, and so none is called {name!r}",
                do="confirm when the cell asks: its display shows the name of each move that waits",
                name=name,
            )
        if name not in self._waiting:
            raise unknown(
                "CELL-1066", "expected a move that waits for a yes, got {name!r}", name, sorted(self._waiting)
            )

    def _nothing_to_reset(self, name: str) -> str:
        tripped = any(it.removesuffix(TRIPPED).split(".", 1)[-1] == name for it in self._standing)
        return "" if tripped else f"; {name} had not tripped"

    def _nothing_to_hand_back(self, name: str) -> str:
        """That there was nothing to hand back; a loop that calls nobody does not say whose its set-point is."""
        if name in self._silent or self._is_taken(name):
            return ""
        if name in self._setpoints:
            return f"; {name} does not stand as taken over: it was the cell's already"
        kind = "regulator" if name in self._regulators else "loop"
        return f"; no set-point of {name} stands as taken over: it was the {kind}'s already"

    def _is_taken(self, name: str) -> bool:
        """Alarms are `kind.loop.side`, `regulator.name.kind`, or the guard's `<set-point>.taken_over`."""
        tags = {name, *self._tags.get(name, ())}
        return any(it.removesuffix(TAKEN_OVER) in tags or it.split(".")[1] == name for it in self._standing)


def unknown(code: str, what: str, name: str, known: object, **values: Any) -> CellError:
    """A name that the cell does not know, with what there is instead."""
    names = list(known) if isinstance(known, list | tuple | dict) else []
    there = ", ".join(names[-SHOWN:]) or text("none")
    return ConfigError(
        code, what, do="use one of: {known}", nearest=nearest(name, names), name=name, known=there, **values
    )
