"""A guard with one or two set-points, and a plant that obeys at once."""

from __future__ import annotations

import msgspec

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellctl.config.resolved import GuardRules, Setpoint
from cellctl.guard import Guard
from cellctl.model.correction import Kind, Proposal
from cellctl.model.guarding import Memory, Plant
from cellctl.model.message import Stamp
from cellctl.model.packml import CellState, PackMLState
from cellctl.model.quality import Ne107, Quality
from cellctl.model.tags import TagValue

LEFT = "plc.blade_load_sp_left"
RIGHT = "plc.blade_load_sp_right"


def setpoint(tag: str, **changes: object) -> Setpoint:
    """Recipe 20 kPa in 17…23 kPa, 0.4 kPa/s, 1 kPa per event, 3 kPa drift, 0.01 kPa on the wire, safe at the recipe."""
    base = Setpoint(tag, "kPa", 20.0, 17.0, 23.0, 0.4, 1.0, 3.0, 0.01, safe=20.0)
    return msgspec.structs.replace(base, **changes)


def rules(**changes: object) -> GuardRules:
    """Both set-points, with changes, moved by one loop."""
    setpoints = tuple(setpoint(tag, **changes) for tag in (LEFT, RIGHT))
    return GuardRules(setpoints, 0.2, 0.8, 0.3, {"edge_spur": (LEFT, RIGHT)})


class Bench:
    """A guard, a virtual time and a plant whose in-force values the test sets."""

    def __init__(self, guard_rules: GuardRules | None = None, memory: Memory | None = None) -> None:
        self.rules = guard_rules or rules()
        self.guard = Guard(self.rules, memory)
        self.now_ns = 100 * NS_PER_S
        self.values = {item.tag: item.recipe for item in self.rules.setpoints}
        self.quality = Quality.GOOD
        self.alive = True
        self.refuses = ""
        self.age_s = 0.0
        self.supervised = True
        """Whether the supervisor lives and sends its state again and again."""
        self._state: CellState | None = None
        self.written: list[tuple[int, str, float]] = []

    @property
    def plant(self) -> Plant:
        t_ns = self.now_ns - round(self.age_s * NS_PER_S)
        in_force = {
            tag: TagValue(tag, value, "kPa", self.quality, Ne107.OK, t_ns) for tag, value in self.values.items()
        }
        return Plant(self.alive, in_force, self.refuses)

    def watch(self) -> None:
        """Let the guard watch the plant for more than a second."""
        for _ in range(11):
            self.due()
            self.now_ns += 101 * NS_PER_MS
        self.due()

    def arm(
        self,
        epoch: int = 1,
        *,
        safe: bool = False,
        state: PackMLState = PackMLState.EXECUTE,
        product: str = "",
        changing: bool = False,
    ) -> None:
        """The cell's state arrives."""
        self._state = CellState(
            stamp=Stamp(self.now_ns), state=state, epoch=epoch, safe=safe, reason="test", product=product,
            changing=changing,
        )  # fmt: skip
        self.guard.on_cell(self._state)

    def tell(self) -> None:
        """A living supervisor sends its state again, unchanged but for the stamp."""
        if self.supervised and self._state is not None:
            self._state = msgspec.structs.replace(self._state, stamp=Stamp(self.now_ns))
            self.guard.on_cell(self._state)

    def proposal(self, **changes: object) -> Proposal:
        """A legal step of the left blade load, with changes."""
        base = Proposal(
            source="loop", sequence=1, stamp=Stamp(self.now_ns), transaction="edge_spur-left-1", loop="edge_spur",
            kind=Kind.STEP, tag=LEFT, target=21.0, unit="kPa", epoch=1, exposure_ns=self.now_ns - 30 * NS_PER_MS,
            first_line_ns=self.now_ns - 55 * NS_PER_MS, confidence=0.95, quality=Quality.GOOD,
        )  # fmt: skip
        return msgspec.structs.replace(base, **changes)

    def begin(self, **changes: object) -> str:
        """Propose and start; returns the refusal."""
        self.tell()
        return self.guard.begin(self.proposal(**changes), self.now_ns, self.plant)

    def due(self) -> list[tuple[str, float]]:
        """Ask for increments without answering."""
        self.tell()
        return self.guard.due(self.now_ns, self.plant)

    def obey(self) -> list[tuple[str, float]]:
        """One tick of 100 ms whose increments the plant takes at once."""
        increments = self.due()
        for tag, value in increments:
            self.written.append((self.now_ns, tag, value))
            self.values[tag] = value
        if increments:
            self.guard.confirmed(self.now_ns)
        self.now_ns += 100 * NS_PER_MS
        return increments

    def reports(self) -> list[tuple[str, str, str]]:
        """(phase, outcome, name of the reason) of what happened since the last call."""
        taken, self.guard.reports = self.guard.reports, []
        return [(str(item.phase), str(item.outcome), item.reason.split(":")[0]) for item in taken]
