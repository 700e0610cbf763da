"""What the guard looks at: the plant, its own memory, and one proposal beside both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import GuardRules, Setpoint
from cellctl.model.correction import Outcome, Proposal, WritePhase
from cellctl.model.packml import CellState
from cellctl.model.quality import Ne107, Quality
from cellctl.model.tags import TagValue

# Stand-ins for what is not known: every comparison with NaN is false, so a forgetful rule refuses.
NO_SETPOINT = Setpoint("", "", *(math.nan,) * 7)
NO_VALUE = TagValue("", math.nan, "", Quality.BAD_WAITING_FOR_INITIAL_DATA, Ne107.FAILURE, 0)


def within_s(then_ns: int, now_ns: int, limit_s: float) -> bool:
    """Whether `then` lies in the past and is no older than the limit."""
    return 0 <= now_ns - then_ns <= limit_s * NS_PER_S


class Plant(msgspec.Struct, frozen=True):
    """What is known of the plant: whether the link lives, and set-point tag → value in force."""

    alive: bool
    in_force: dict[str, TagValue]

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


class Memory(msgspec.Struct, frozen=True):
    """What must survive a restart; the drift needs no place here, it is net and read from the plant."""

    epoch: int = -1  # newest epoch of the cell that was seen
    lost_epoch: int = -1  # the link was lost in this epoch; only a newer one arms again
    sequences: dict[str, int] = {}  # source → newest sequence accepted in this epoch
    failures: dict[str, int] = {}  # set-point → moves in a row, in this epoch, that were not confirmed
    origins: dict[str, tuple[str, float]] = {}  # set-point → last correction that moved it, and the value before


@dataclass
class Move:
    """A running move of one set-point."""

    tag: str
    target: int  # least significant bits
    old: float  # in force before
    proposal: Proposal | None  # None on the way to the safe state
    reached: int | None = None  # last increment confirmed, least significant bits
    next_ns: int = 0


class Report(NamedTuple):
    """What became of a proposal at one of its moments; `old` was in force before the move."""

    proposal: Proposal
    phase: WritePhase
    outcome: Outcome
    reason: str
    old: float


class Case(NamedTuple):
    """One proposal and everything that the rules may ask of; `watched` as in `Slew`."""

    proposal: Proposal
    setpoint: Setpoint
    plant: Plant
    in_force: float  # NaN if there is none
    watched: bool
    move: Move | None
    cell: CellState
    memory: Memory
    rules: GuardRules
    now_ns: int
