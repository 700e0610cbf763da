"""What the loops of a cell share: plant values, the cell's state, and which corrections have no verdict yet."""

from __future__ import annotations

from collections.abc import Mapping

from cellctl.config.resolved import Loop, ResolvedCell, Setpoint
from cellctl.loop.diagnose.arbitration import Arbitration
from cellctl.loop.diagnose.conditions import Conditions, conditions_now, needed_tags
from cellctl.loop.diagnose.custody import Custody
from cellctl.loop.diagnose.plant import PlantView
from cellctl.loop.diagnose.sight import Sight
from cellctl.model.packml import CellState, PackMLState
from cellctl.model.quality import Quality

_ENDED = frozenset({PackMLState.STOPPING, PackMLState.STOPPED, PackMLState.ABORTING, PackMLState.ABORTED})
_HELD = frozenset({PackMLState.HOLDING, PackMLState.HELD})


class Situation:
    """Shared by all loops of one cell.

    Args:
        cell: the resolved configuration.
        constants: tags whose change confounds a verification (lot, recipe number).
    """

    def __init__(self, cell: ResolvedCell, constants: tuple[str, ...] = ()) -> None:
        self.cell = cell
        self.config_hash = cell.hash
        self._as_started = cell
        self.plant = PlantView(cell.guard.input_age_s)
        self.state: CellState | None = None
        self._constants = constants
        self.sight = Sight()
        self._claims: dict[str, Loop] = {}
        self._sampled: set[str] = set()
        self._advised: dict[str, Loop] = {}
        self._make(cell)

    def _make(self, cell: ResolvedCell) -> None:
        self.cell = cell
        self.arbitration = Arbitration(cell)
        self.custody = Custody(cell)
        self._setpoints = {setpoint.tag: setpoint for setpoint in cell.guard.setpoints}

    def take_recipe(self) -> None:
        """Work by the recipe that was announced; its loops begin anew, so nothing of the last one is outstanding."""
        for outstanding in (self._claims, self._sampled, self._advised):
            outstanding.clear()
        if self.state is not None:
            self._make(self._as_started.for_product(self.state.product))

    @property
    def recipe_changes(self) -> bool:
        """Whether another recipe than the loops work by was announced: its set-points are the line's to move."""
        return self.state is not None and self.state.product not in {"", self.cell.recipe.product}

    @property
    def is_changing(self) -> bool:
        """Whether a changeover of recipe or lot is under way."""
        return self.state is not None and self.state.changing

    @property
    def lot(self) -> str:
        """The running lot."""
        return (self.state.lot if self.state is not None else "") or self.cell.lot

    @property
    def product(self) -> str:
        """Whose recipe holds."""
        return self.cell.recipe.product

    @property
    def since_mm(self) -> float:
        """Material from here on is of the running lot and recipe."""
        since = self.state.since_mm if self.state is not None else None
        return float("-inf") if since is None else since

    @property
    def executing(self) -> bool:
        """Whether loops may act: in Execute, no safe state demanded, no changeover; without set-points always."""
        if self.is_changing:
            return False
        if not self.cell.guard.setpoints:
            return True
        return self.state is not None and self.state.state is PackMLState.EXECUTE and not self.state.safe

    @property
    def standstill(self) -> str:
        """Why no loop may act, in words; empty while they may."""
        if self.executing:
            return ""
        return "a changeover is under way" if self.is_changing else "the cell is not in Execute"

    @property
    def interruption(self) -> str:
        """What kept the loops from acting when the cell's state changed, in words."""
        why = self.state.reason if self.state is not None else ""
        return why if self.is_changing else f"the cell left Execute: {why}"

    @property
    def epoch(self) -> int:
        """The cell's epoch; -1 before the first state, which no guard accepts."""
        return self.state.epoch if self.state is not None else -1

    def goes_safe(self, tag: str) -> bool:
        """Whether the guard is bringing a set-point to its safe value by itself."""
        return self.state is not None and self.state.safe and not self._holds(tag)

    def leaves_in_place(self, tag: str) -> bool:
        """Whether a set-point stays where it is, because neither the guard nor a loop will move it again.

        So it is when its safe state is `hold` and the cell is held, and when any cell ends without an order to go safe.
        """
        if self.state is None or self.goes_safe(tag):
            return False
        held = self.state.safe or self.state.state in _HELD
        return self.state.state in _ENDED or (held and self._holds(tag))

    def _holds(self, tag: str) -> bool:
        setpoint = self.setpoint(tag)
        return setpoint is None or setpoint.safe is None

    def quality(self, tag: str) -> Quality:
        """The worst quality of the plant values that a move of a set-point rests on."""
        return self.plant.quality(needed_tags(self.cell.web, tag, self._constants))

    def obstacle(self, loop: Loop, now_ns: int) -> str:
        """Why `loop` may not act now, in words; empty when it may."""
        waits = self.standstill or self.rival(loop)[1]
        if waits:
            return waits
        web = self.cell.web
        fault = self.plant.fault(needed_tags(web, loop.tag, self._constants), now_ns)
        if fault:
            return fault
        if web.splice and self.plant.value(web.splice):
            return "a splice is passing"
        return "the web stands still" if web.speed and self.plant.value(web.speed) <= 0.0 else ""

    def rival(self, loop: Loop) -> tuple[Loop | None, str]:
        """The loop whose correction without a verdict keeps `loop` from acting, and why; (None, "") when none does.

        A correction that only waits for a gauge to see its material keeps nobody back but those on its own set-point.
        """
        for transaction, acting in self._claims.items():
            sampled = transaction in self._sampled and acting.tag != loop.tag
            why = "" if sampled else self.arbitration.conflict(loop, acting)
            if why:
                return acting, f"{transaction} has no verdict yet, and {why}"
        return None, ""

    def conditions(self, loop: Loop) -> Conditions:
        """What must hold until the verdict of a correction that `loop` proposes now."""
        return conditions_now(self.plant, self.cell.web, loop.tag, self._constants, loop.verify.speed_tolerance)

    def is_advised_beside(self, loop: Loop) -> bool:
        """Whether an open advice of another loop would keep `loop` from acting if it were a correction."""
        return any(self.arbitration.conflict(loop, other) for other in self._advised.values())

    def advise(self, transaction: str, loop: Loop) -> None:
        """An advice of `loop` is open: loops that only advise do not advise beside it."""
        self._advised[transaction] = loop

    def advise_over(self, transaction: str) -> None:
        """The advice has its answer."""
        self._advised.pop(transaction, None)

    def taken_over(self, tag: str) -> str:
        """Who has the set-point instead of the cell, in words; empty when it is the cell's."""
        return self.custody.look(tag, self.plant.get(tag), executing=self.executing)

    def claim(self, transaction: str, loop: Loop) -> None:
        """An action of `loop` is outstanding: what would disturb its test waits for the verdict."""
        self._claims[transaction] = loop

    def sampled(self, transaction: str) -> None:
        """All material that its verdict needs has been made: what others do from now on is no part of the test."""
        self._sampled.add(transaction)

    def release(self, transaction: str) -> None:
        """The verdict is there."""
        self._claims.pop(transaction, None)
        self._sampled.discard(transaction)

    def is_claimed(self, transaction: str) -> bool:
        """Whether this correction has no verdict yet."""
        return transaction in self._claims

    @property
    def under_test(self) -> Mapping[str, Loop]:
        """Corrections whose test still needs material to be made → the loop that made them."""
        return {name: loop for name, loop in self._claims.items() if name not in self._sampled}

    def setpoint(self, tag: str) -> Setpoint | None:
        """The guard's rules for a set-point."""
        return self._setpoints.get(tag)

    def resolution(self, tag: str) -> float:
        """Least significant bit of a set-point; 0 when the guard has no rules for it."""
        setpoint = self._setpoints.get(tag)
        return setpoint.resolution if setpoint is not None else 0.0
