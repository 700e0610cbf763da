"""What one rule of the guard looks at: a proposal beside the plant, the cell and the guard's own memory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from cellctl.config.resolved import GuardRules, Setpoint
from cellctl.model.correction import Proposal
from cellctl.model.guarding import Memory, Plant
from cellctl.model.packml import CellState

# Stand-in for what is not known: every comparison with NaN is false, so a forgetful rule refuses.
NO_SETPOINT = Setpoint("", "", *(math.nan,) * 7)


@dataclass
class Move:
    """A running move of one set-point."""

    tag: str
    target: int  # least significant bits
    old: float  # in force before
    proposal: Proposal | None  # None on the way to the safe state
    reached: int | None = None  # last increment confirmed, least significant bits
    next_ns: int = 0


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

    @property
    def holder(self) -> str:
        """Who has taken the set-point over, empty when nobody has."""
        return self.memory.taken.get(self.proposal.tag, "")

    @property
    def tripped(self) -> str:
        """Why the loop has been tripped, empty when it has not."""
        return self.memory.tripped.get(self.proposal.loop, "")
