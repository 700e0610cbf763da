"""What people tell the guard, and who has which set-point: put on record before anybody is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from cellctl.guard import Guard
from cellctl.model.events import Priority
from cellctl.model.guarding import PLANT, Memory
from cellctl.model.people import Instruction, Order

TAKEN_OVER = ".taken_over"
TRIPPED = ".tripped"
"""How the ids of these alarms end: `<device>.<set-point>.taken_over`, `<device>.<loop>.tripped`."""
SOMEBODY_MOVED = "somebody else moved"
"""How the text begins where no person said so, and the guard may go on to the safe state."""


class OrdersPort(Protocol):
    """Where orders, and what stands because of them, are put on record."""

    def order(self, instruction: Instruction, memory: Memory) -> None:
        """Store what a person ordered."""
        ...

    def standing(self, memory: Memory, then: Callable[[], None]) -> None:
        """Store who has what and which loops have tripped, and call `then` when the disk has it or cannot take it."""
        ...


Alarming = Callable[[str, str, Priority], None]
"""Kind, text (empty: back to normal) and priority of an alarm that does not hold the cell."""


class Orders:
    """Carries out orders at once, and shows their consequences when they are on disk.

    A power cut between the two forgets an order that nobody was told is in effect, never one that was.

    Args:
        device: whose set-points the guard has.
        guard: of the device.
        journal: where orders are stored.
        alarm: raises and clears an alarm of the device.
    """

    def __init__(self, device: str, guard: Guard, journal: OrdersPort, alarm: Alarming) -> None:
        self._device = device
        self._guard = guard
        self._journal = journal
        self._alarm = alarm
        self._taken: Mapping[str, str] = {}
        self._tripped: Mapping[str, str] = {}

    def obey(self, told: Instruction) -> None:
        """Carry out one order, if it concerns this device's set-points or its loops; others are the loops' own."""
        loops, mine = self._guard.rules.loops, f"{self._device}."
        tags = [tag for tag in (told.subject, *loops.get(told.subject, ())) if tag.startswith(mine)]
        if told.order is Order.RESET:
            self._guard.reset(told.subject)
        elif told.order is Order.TAKE_OVER and told.subject in tags:
            self._guard.take_over(told.subject, told.by)
        elif told.order is Order.HAND_BACK and tags:
            for tag in tags:
                self._guard.hand_back(tag)
        else:
            return
        self._journal.order(told, self._guard.memory)

    def show(self) -> None:
        """Tell who has what and which loops have tripped, if that changed; not while a block is under way."""
        memory = self._guard.memory
        if (memory.taken, memory.tripped) == (self._taken, self._tripped):
            return
        self._taken, self._tripped = memory.taken, memory.tripped
        self._journal.standing(memory, lambda: self._tell(memory))

    def _tell(self, memory: Memory) -> None:
        for point in self._guard.rules.setpoints:
            kind = f"{point.tag.removeprefix(f'{self._device}.')}{TAKEN_OVER}"
            self._alarm(kind, _taken(point.tag, memory), Priority.MEDIUM)
        for loop in self._guard.rules.loops:
            self._alarm(f"{loop}{TRIPPED}", _tripped(loop, memory), Priority.HIGH)


def _taken(tag: str, memory: Memory) -> str:
    who = memory.taken.get(tag, "")
    if not who:
        return ""
    if who == PLANT:
        return f"{SOMEBODY_MOVED} {tag}; bring it back to the recipe, or: cellctl hand-back RUN {tag}"
    return f"{who} has {tag}; when it may be the cell's again: cellctl hand-back RUN {tag}"


def _tripped(loop: str, memory: Memory) -> str:
    why = memory.tripped.get(loop, "")
    return f"{why}; nothing of it is taken until: cellctl reset RUN {loop}" if why else ""
