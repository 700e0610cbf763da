"""What the loops of a cell share: plant values, the cell's state, and which edge is being acted on."""

from __future__ import annotations

from typing import NamedTuple

from cellctl.config.resolved import Loop, ResolvedCell, Setpoint
from cellctl.loop.conditions import Conditions, conditions_now, needed_tags
from cellctl.loop.plant import PlantView
from cellctl.model.packml import CellState, PackMLState
from cellctl.model.web import Side

_ENDED = frozenset({PackMLState.STOPPING, PackMLState.STOPPED, PackMLState.ABORTING, PackMLState.ABORTED})
_HELD = frozenset({PackMLState.HOLDING, PackMLState.HELD})


class Claim(NamedTuple):
    """One outstanding action: nothing else moves on this edge until its verdict."""

    tag: str
    side: Side


class Situation:
    """Shared by all loops of one cell.

    Args:
        cell: the resolved configuration.
        constants: tags whose change confounds a verification (lot, recipe number).
    """

    def __init__(self, cell: ResolvedCell, constants: tuple[str, ...] = ()) -> None:
        self.cell = cell
        self.config_hash = cell.hash
        self.plant = PlantView(cell.guard.input_age_s)
        self.state: CellState | None = None
        self._constants = constants
        self._claims: dict[str, Claim] = {}
        self._setpoints = {setpoint.tag: setpoint for setpoint in cell.guard.setpoints}
        self._sides: dict[str, set[Side]] = {}
        for loop in cell.loops:
            self._sides.setdefault(loop.tag, set()).add(loop.side)

    @property
    def executing(self) -> bool:
        """Whether the cell is in Execute and no safe state is demanded."""
        return self.state is not None and self.state.state is PackMLState.EXECUTE and not self.state.safe

    @property
    def epoch(self) -> int:
        """The cell's epoch; -1 before the first state, which no guard accepts."""
        return self.state.epoch if self.state is not None else -1

    @property
    def returns_to_recipe(self) -> bool:
        """Whether the guard is bringing the set-points to the recipe by itself."""
        return self.state is not None and self.state.safe and self.cell.guard.safe_state == "recipe"

    @property
    def leaves_in_place(self) -> bool:
        """Whether the set-points stay where they are, because neither the guard nor a loop will move them again.

        So it is when a cell whose safe state is `hold` is held, and when any cell ends without an order to go safe.
        """
        if self.state is None or self.returns_to_recipe:
            return False
        holds = self.cell.guard.safe_state == "hold"
        return self.state.state in _ENDED or (holds and (self.state.safe or self.state.state in _HELD))

    def obstacle(self, loop: Loop, now_ns: int) -> str:
        """Why `loop` may not act now, in words; empty when it may."""
        if not self.executing:
            return "the cell is not in Execute"
        if any(_same_edge(claim.side, loop.side) or claim.tag == loop.tag for claim in self._claims.values()):
            return "another correction on this edge has no verdict yet"
        web = self.cell.web
        fault = self.plant.fault(needed_tags(web, loop.tag, self._constants), now_ns)
        if fault:
            return fault
        if web.splice and self.plant.value(web.splice):
            return "a splice is passing"
        return "" if self.plant.value(web.speed) > 0.0 else "the web stands still"

    def conditions(self, loop: Loop) -> Conditions:
        """What must hold until the verdict of a correction that `loop` proposes now."""
        return conditions_now(self.plant, self.cell.web, loop.tag, self._constants, loop.verify.speed_tolerance)

    def claim(self, transaction: str, loop: Loop) -> None:
        """Reserve the set-point and the edge of `loop`."""
        self._claims[transaction] = Claim(loop.tag, loop.side)

    def release(self, transaction: str) -> None:
        """Give the edge free again."""
        self._claims.pop(transaction, None)

    def disturbs(self, tag: str, side: Side) -> bool:
        """Whether a move of `tag` acts on the edge `side`; a set-point no loop knows acts on every edge."""
        return any(_same_edge(known, side) for known in self._sides.get(tag, {Side.NONE}))

    def setpoint(self, tag: str) -> Setpoint | None:
        """The guard's rules for a set-point."""
        return self._setpoints.get(tag)

    def resolution(self, tag: str) -> float:
        """Least significant bit of a set-point; 0 when the guard has no rules for it."""
        setpoint = self._setpoints.get(tag)
        return setpoint.resolution if setpoint is not None else 0.0


def _same_edge(one: Side, other: Side) -> bool:
    return one is other or Side.NONE in {one, other}
