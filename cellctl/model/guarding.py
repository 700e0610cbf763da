"""What the guard is told of the plant, what it remembers over a restart, and what it says of a move."""

from __future__ import annotations

import math
from typing import NamedTuple

import msgspec

from cellctl.clock import NS_PER_S
from cellctl.model.correction import Outcome, Proposal, WritePhase
from cellctl.model.quality import Ne107, Quality
from cellctl.model.tags import TagValue

PLANT = "the plant"
"""Holds a set-point whose value in force changed although no move of the cell was running."""

NO_VALUE = TagValue("", math.nan, "", Quality.BAD_WAITING_FOR_INITIAL_DATA, Ne107.FAILURE, 0)
"""Stands for a value that nobody knows: every comparison with NaN is false, so a forgetful rule refuses."""


def within_s(then_ns: int, now_ns: int, limit_s: float) -> bool:
    """Whether `then` lies in the past and is no older than the limit."""
    return 0 <= now_ns - then_ns <= limit_s * NS_PER_S


class Plant(msgspec.Struct, frozen=True):
    """What is known of the plant at one moment.

    Attributes:
        alive: whether the link lives.
        in_force: set-point → value in force.
        refuses: why the controller takes no moves now, in words; empty while it does.
    """

    alive: bool
    in_force: dict[str, TagValue]
    refuses: str = ""

    def value(self, tag: str) -> float:
        """The in-force value of a set-point, NaN if there is none."""
        return self.in_force.get(tag, NO_VALUE).value

    def usable(self, tag: str, now_ns: int, age_s: float) -> bool:
        """Whether that value may be acted on: link alive, Good, finite, fresh."""
        return self.usable_value(tag, now_ns, age_s) is not None

    def usable_value(self, tag: str, now_ns: int, age_s: float) -> float | None:
        """That value if it may be acted on, else None."""
        seen = self.in_force.get(tag)
        if seen is None or not self.alive or not seen.quality.is_good or not math.isfinite(seen.value):
            return None
        return seen.value if within_s(seen.t_ns, now_ns, age_s) else None


Slots = tuple[tuple[int, float, float], ...]
"""(running time at which the slot began in ns, lowest, highest value in force in it), oldest first."""

SLOTS = 16
"""Slots of one window; a value counts for up to two slots longer than the window, never shorter."""


def noted(seen: Slots, running_ns: int, window_ns: int, value: float) -> Slots:
    """The slots once `value` is seen in force.

    A slot counts until the end of the one that follows it: its last value was in force until that one began.
    """
    width_ns = window_ns // SLOTS
    if seen and running_ns - seen[-1][0] < width_ns:
        began_ns, lowest, highest = seen[-1]
        seen = (*seen[:-1], (began_ns, min(lowest, value), max(highest, value)))
    elif not seen or seen[-1][1:] != (value, value):
        seen = (*seen, (running_ns, value, value))
    over = sum(began_ns + width_ns < running_ns - window_ns for began_ns, _, _ in seen[1:])
    return seen[over:]


def extremes(seen: Slots) -> tuple[float, ...]:
    """The lowest and the highest value of all slots; empty when nothing was seen."""
    return (min(lowest for _, lowest, _ in seen), max(highest for _, _, highest in seen)) if seen else ()


class Memory(msgspec.Struct, frozen=True):
    """What must survive a restart.

    Attributes:
        epoch: newest epoch of the cell that was seen.
        lost_epoch: the link was lost in this epoch; only a newer one arms again.
        sequences: source → newest sequence accepted in this epoch.
        failures: set-point → moves in a row, in this epoch, that were not confirmed.
        origins: set-point → last correction that moved it, and the value before.
        running_ns: time that the cell spent in Execute, as far as the guard saw it.
        drift: set-point → what its budget counts from, times in `running_ns`.
        ended: set-point → `running_ns` at the end of its last move.
        begun: set-point → `running_ns` at the beginning of its last steps, oldest first.
        taken: set-point → who has taken it over.
        tripped: loop → why nothing of it is taken until a person resets it.
        product: whose values `drift` holds.
        lot: the lot that `drift` counts from.
    """

    epoch: int = -1
    lost_epoch: int = -1
    sequences: dict[str, int] = {}
    failures: dict[str, int] = {}
    origins: dict[str, tuple[str, float]] = {}
    running_ns: int = 0
    drift: dict[str, Slots] = {}
    ended: dict[str, int] = {}
    begun: dict[str, tuple[int, ...]] = {}
    taken: dict[str, str] = {}
    tripped: dict[str, str] = {}
    product: str = ""
    lot: str = ""


class Report(NamedTuple):
    """What became of a proposal at one of its moments; `old` was in force before the move."""

    proposal: Proposal
    phase: WritePhase
    outcome: Outcome
    reason: str
    old: float
