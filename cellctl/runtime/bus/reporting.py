"""Turns what the guard and the plant say into the messages that leave the bus process."""

from __future__ import annotations

import math

from cellctl.clock import Clock
from cellctl.guard import Guard
from cellctl.model.correction import Outcome, Proposal, WritePhase, WriteResult
from cellctl.model.events import Alarm, Priority
from cellctl.model.guarding import Report
from cellctl.model.message import Stamp
from cellctl.model.tags import Reading
from cellctl.runtime.bus.handshake import Written
from cellctl.runtime.bus.plant import PlantImage
from cellctl.runtime.bus.ports import BusSenders, ResultsPort


class Reporter:
    """Sends results, readings and alarms; remembers per set-point what was written last."""

    def __init__(self, image: PlantImage, guard: Guard, ports: BusSenders, intents: ResultsPort, clock: Clock) -> None:
        self._image = image
        self._guard = guard
        self._ports = ports
        self._intents = intents
        self._clock = clock
        self._written: dict[str, tuple[float, Written]] = {}
        self._intent_ns: dict[str, int] = {}
        self._product: dict[str, str] = {}
        self._active: dict[str, str] = {}

    def refused(self, proposal: Proposal, reason: str) -> None:
        """A proposal that will not move anything."""
        old = self._image.for_guard(self._clock.now_ns()).value(proposal.tag)
        self._send(proposal, WritePhase.DECIDED, Outcome.REFUSED, reason, old)

    def begun(self, proposal: Proposal, old: float, intent_ns: int) -> None:
        """A proposal whose intent is on disk and whose move has begun."""
        self._written.pop(proposal.tag, None)
        self._intent_ns[proposal.tag] = intent_ns
        self._product[proposal.tag] = self._guard.product  # a changeover may end the move
        self._send(proposal, WritePhase.DECIDED, Outcome.CONFIRMED, "", old)

    def written(self, increments: dict[str, float], written: Written) -> None:
        """One block went out or was answered: from now on reports of these set-points say so."""
        self._written.update({tag: (value, written) for tag, value in increments.items()})

    def moments(self) -> None:
        """Send what the guard has to say of its moves."""
        taken, self._guard.reports = self._guard.reports, []
        for report in taken:
            self._moment(report)

    def reading(self) -> None:
        """Send all polled values with the quality they have now."""
        now_ns = self._clock.now_ns()
        self._ports.readings.send(
            Reading(stamp=Stamp(now_ns), device=self._image.name, values=self._image.values.all(now_ns))
        )

    def controller(self) -> None:
        """Hold the cell while the PLC takes no moves: an interlock stands, or somebody stopped the machine.

        Without this the loops would go on asking, and nobody would be told why. While the link is down that is told.
        """
        if self._image.values.alive:
            self.alarm("controller", self._image.refusal(self._clock.now_ns()))

    def alarm(self, kind: str, text: str, *, priority: Priority = Priority.HIGH, holds: bool = True) -> None:
        """Raise `<device>.<kind>` with a text, or return it to normal with an empty one; repeats are not sent.

        `holds` is the rule: without link, journal or a living supervisor the cell may not act.
        """
        if self._active.get(kind, "") == text:
            return
        self._active[kind] = text
        self._ports.alarms.send(
            Alarm(
                stamp=Stamp(self._clock.now_ns()), id=f"{self._image.name}.{kind}", active=bool(text),
                priority=priority, text=text or "back to normal", holds=holds,
            )
        )  # fmt: skip

    def notice(self, kind: str, text: str, priority: Priority) -> None:
        """An alarm that people are to see, and that leaves the cell acting."""
        self.alarm(kind, text, priority=priority, holds=False)

    def _moment(self, report: Report) -> None:
        self._send(report.proposal, report.phase, report.outcome, report.reason, report.old)

    def _send(self, proposal: Proposal, phase: WritePhase, outcome: Outcome, reason: str, old: float) -> None:
        now_ns = self._clock.now_ns()
        value, written = self._written.get(proposal.tag, (None, Written(outcome, "", "", 0)))
        decided_no = phase is WritePhase.DECIDED and outcome is not Outcome.CONFIRMED
        in_force = self._image.for_guard(now_ns).value(proposal.tag)
        result = WriteResult(
            stamp=Stamp(now_ns), trace=proposal.trace, transaction=proposal.transaction, kind=proposal.kind,
            phase=phase, outcome=outcome, reason=reason, tag=proposal.tag, old=old, proposed=proposal.target,
            written=None if decided_no else value,
            in_force=in_force if math.isfinite(in_force) else None,
            unit=proposal.unit,
            registers="" if decided_no else written.registers,
            encoder_mm=self._image.encoder_mm(now_ns),
            intent_ns=0 if decided_no else self._intent_ns.get(proposal.tag, 0),
            written_ns=0 if decided_no else written.written_ns,
            exposure_ns=proposal.exposure_ns, first_line_ns=proposal.first_line_ns,
            product=self._guard.product if decided_no else self._product.get(proposal.tag, self._guard.product),
        )  # fmt: skip
        self._ports.results.send(result)
        if phase is not WritePhase.DECIDED or decided_no:  # the intent on disk already says that it was decided
            self._intents.result(result, self._guard.memory)
