"""What people order of the guard is carried out at once, and told when it is on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from cellctl.config.resolved import GuardRules, Setpoint
from cellctl.guard import Guard
from cellctl.model.events import Priority
from cellctl.model.guarding import PLANT, Memory
from cellctl.model.message import Stamp
from cellctl.model.people import Instruction, Order
from cellctl.runtime.bus.orders import Orders

LEFT, RIGHT = "plc.left", "plc.right"
POINTS = tuple(Setpoint(tag, "kPa", 20.0, 17.0, 23.0, 0.4, 1.0, 3.0, 0.01) for tag in (LEFT, RIGHT))
RULES = GuardRules(POINTS, 2.0, 2.5, 0.3, {"edge": (LEFT, RIGHT), "film": ("oven.zone",)})


class Told(NamedTuple):
    """One alarm."""

    kind: str
    text: str
    priority: Priority


class Bench:
    """A guard with its orders, and a disk that takes records when it is told to."""

    def __init__(self, memory: Memory | None = None) -> None:
        self.guard = Guard(RULES, memory)
        self.told: list[Told] = []
        self.stored: list[Order] = []
        self.waiting: list[Callable[[], None]] = []
        self.orders = Orders("plc", self.guard, self, lambda *it: self.told.append(Told(*it)))

    def order(self, instruction: Instruction, _memory: Memory) -> None:
        self.stored.append(instruction.order)

    def standing(self, _memory: Memory, then: Callable[[], None]) -> None:
        self.waiting.append(then)

    def obey(self, order: Order, subject: str) -> None:
        self.orders.obey(Instruction(stamp=Stamp(0), order=order, subject=subject, by="Li"))
        self.orders.show()

    @property
    def standing_texts(self) -> list[str]:
        while self.waiting:
            self.waiting.pop(0)()
        latest = {it.kind: it for it in self.told}
        return [f"{it.kind}: {it.text}" for it in latest.values() if it.text]


def test_a_set_point_is_taken_at_once_and_told_when_it_is_on_disk() -> None:
    """Who was told can rely on it, whenever the power goes."""
    bench = Bench()
    bench.obey(Order.TAKE_OVER, LEFT)
    assert bench.guard.memory.taken == {LEFT: "Li"}
    assert bench.told == []
    assert bench.standing_texts == [
        "left.taken_over: Li has plc.left; when it may be the cell's again: cellctl hand-back RUN plc.left"
    ]


@pytest.mark.parametrize("subject", [LEFT, "edge"])
def test_it_is_handed_back_by_its_name_or_its_loop(subject: str) -> None:
    """A loop's name stands for all its set-points."""
    bench = Bench()
    bench.obey(Order.TAKE_OVER, LEFT)
    bench.obey(Order.HAND_BACK, subject)
    assert bench.guard.memory.taken == {}
    assert bench.standing_texts == []
    assert bench.stored == [Order.TAKE_OVER, Order.HAND_BACK]


@pytest.mark.parametrize(
    ("order", "subject"),
    [(Order.TAKE_OVER, "oven.zone"), (Order.HAND_BACK, "film"), (Order.CONFIRM, "edge-left-1"), (Order.DECLINE, "x")],
)
def test_what_is_not_of_this_guard_is_left_to_others(order: Order, subject: str) -> None:
    """Another device's set-point, and what a loop is asked."""
    bench = Bench()
    bench.obey(order, subject)
    assert (bench.guard.memory, bench.stored) == (Memory(), [])


def test_a_tripped_loop_is_told_until_it_is_reset() -> None:
    """Known from the run before; the alarm says how it ends."""
    bench = Bench(Memory(tripped={"edge": "edge was refused too often"}))
    bench.orders.show()
    assert bench.standing_texts == [
        "edge.tripped: edge was refused too often; nothing of it is taken until: cellctl reset RUN edge"
    ]
    bench.obey(Order.RESET, "edge")
    assert bench.standing_texts == []


def test_what_the_plant_has_is_told_with_both_ways_out() -> None:
    """Back at the recipe, or handed back."""
    bench = Bench(Memory(taken={RIGHT: PLANT}))
    bench.orders.show()
    assert bench.standing_texts == [
        f"right.taken_over: somebody else moved {RIGHT}; bring it back to the recipe, or: cellctl hand-back RUN {RIGHT}"
    ]


def test_nothing_is_told_twice() -> None:
    """Looked at after every block, it speaks when something changed."""
    bench = Bench()
    bench.obey(Order.TAKE_OVER, LEFT)
    bench.orders.show()
    assert len(bench.waiting) == 1
