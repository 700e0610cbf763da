"""The deciding plugin in its harness, a plant that is well, and a web that runs at 1 m/s."""

from __future__ import annotations

from typing import Any

from cellctl.builtin.quality_loop import QualityLoop
from cellctl.config.resolved import ResolvedCell
from cellctl.model import Correction, DefectObject, Proposal, Quality, TransactionState, WritePhase
from cellctl.testing import Harness
from tests.unit.loop.builders import answer, make_inspection, make_object, make_reading, make_state

BLOCK_MM = 250.0


class Bench:
    """The plugin, a plant that is well, and a web that runs at 1 m/s."""

    def __init__(self, cell: ResolvedCell, settings: dict[str, object] | None = None) -> None:
        self.harness = Harness(QualityLoop, settings, cell=cell)
        self.harness.clock.advance(1.0)
        self.s_mm = 0.0
        self.plant: dict[str, float] = {}
        self.quality = Quality.GOOD
        self.harness.feed("state", make_state())
        self.read()

    @property
    def now_ns(self) -> int:
        return self.harness.clock.now_ns()

    def read(self) -> None:
        self.harness.feed("readings", make_reading(self.now_ns, self.quality, **self.plant))

    def look(self, *objects: DefectObject, ok: bool = True) -> None:
        """One block; objects are placed in its middle."""
        self.harness.clock.advance(BLOCK_MM / 1000.0)
        self.read()
        from_mm, self.s_mm = self.s_mm, self.s_mm + BLOCK_MM
        inspection = make_inspection(from_mm, self.s_mm, *objects, t_ns=self.now_ns - 20_000_000, ok=ok)
        self.harness.feed("inspections", inspection)

    def spur(self, **changes: Any) -> DefectObject:
        return make_object(self.s_mm + BLOCK_MM / 2, **changes)

    def alarm(self, **changes: Any) -> Proposal:
        """Four spurs in four metres; the proposal they lead to."""
        before = len(self.proposals)
        for _ in range(4):
            self.look(self.spur(**changes))
            self.clean(0.75)
        assert len(self.proposals) == before + 1
        return self.proposals[-1]

    def clean(self, metres: float) -> None:
        for _ in range(round(metres * 1000.0 / BLOCK_MM)):
            self.look()

    def answer(self, proposal: Proposal, phase: WritePhase, **changes: Any) -> None:
        """The guard reports; the encoder stands where the camera looks."""
        result = answer(proposal, phase, self.now_ns, **({"encoder_mm": self.s_mm} | changes))
        self.harness.feed("results", result)

    def move(self, proposal: Proposal) -> None:
        """The guard carries the move out, and the plant shows it."""
        for phase in WritePhase:
            self.answer(proposal, phase)
        self.plant[proposal.tag.removeprefix("plc.")] = proposal.target
        self.harness.clock.advance(0.01)
        self.read()

    @property
    def proposals(self) -> list[Proposal]:
        return self.harness.sent("proposals")

    @property
    def corrections(self) -> list[Correction]:
        return self.harness.sent("corrections")

    @property
    def states(self) -> list[TransactionState]:
        return [record.state for record in self.corrections]

    def alarms(self, prefix: str) -> list[bool]:
        """Whether each alarm of that name was raised (True) or returned to normal (False)."""
        return [alarm.active for alarm in self.harness.sent("alarms") if alarm.id.startswith(prefix)]
