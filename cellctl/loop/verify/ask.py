"""The proposal of a correction's move: its step, its way back, or its release."""

from __future__ import annotations

from cellctl.config.resolved import Loop
from cellctl.loop.diagnose.situation import Situation
from cellctl.loop.verify.record import Facts
from cellctl.model.correction import Kind, Proposal
from cellctl.model.message import Stamp


def proposal(
    facts: Facts,
    loop: Loop,
    situation: Situation,
    *,
    kind: Kind,
    target: float,
    stamps_ns: tuple[int, int],
    now_ns: int,
) -> Proposal:
    """What the guard is asked for; `stamps_ns` are the exposures of the deciding block's last and first line."""
    exposure_ns, first_line_ns = stamps_ns
    return Proposal(
        stamp=Stamp(now_ns),
        trace=facts.trace,
        transaction=facts.transaction,
        loop=loop.name,
        kind=kind,
        tag=loop.tag,
        target=target,
        unit=loop.unit,
        epoch=situation.epoch,
        exposure_ns=exposure_ns,
        first_line_ns=first_line_ns,
        confidence=min(entry.confidence for entry in facts.evidence),
        quality=max(facts.quality, situation.quality(loop.tag)),
    )


def patience_s(loop: Loop, situation: Situation, *, distance: float, answer_s: float) -> float:
    """How long to wait for the guard's report about a ramp of `distance`, s."""
    setpoint = situation.setpoint(loop.tag)
    return answer_s if setpoint is None else answer_s + abs(distance) / setpoint.slew_per_s
