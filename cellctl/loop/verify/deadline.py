"""Was the first increment in force in time, and if not: which stage is to blame."""

from __future__ import annotations

from cellctl.clock import NS_PER_MS
from cellctl.loop.verify.record import Facts
from cellctl.model.correction import WriteResult


def stages_ms(facts: Facts, result: WriteResult) -> dict[str, float]:
    """Stage → milliseconds, from the exposure of the deciding object to the first increment in force.

    The guard's stamps are missing (0) when it could not take them; such a stage is merged with the next.
    """
    marks = (
        ("receive", facts.received_ns),
        ("judge", facts.judged_ns),
        ("decide", facts.decided_ns),
        ("intent on disk", result.intent_ns),
        ("write and confirm", result.stamp.t_ns),
    )
    stages: dict[str, float] = {}
    before_ns = facts.exposure_ns
    for name, at_ns in marks:
        if at_ns:
            stages[name] = (at_ns - before_ns) / NS_PER_MS
            before_ns = at_ns
    return stages


def lateness(facts: Facts, result: WriteResult, deadline_s: float) -> str:
    """What to tell a person about a missed deadline; empty when it was met."""
    total_ms = (result.stamp.t_ns - facts.exposure_ns) / NS_PER_MS
    if total_ms <= deadline_s * 1000.0:
        return ""
    stages = stages_ms(facts, result)
    blamed = max(stages, key=stages.__getitem__)
    listed = ", ".join(f"{name} {ms:.1f} ms" for name, ms in stages.items())
    return (
        f"{facts.transaction}: first increment in force {total_ms:.0f} ms after exposure, "
        f"deadline {deadline_s * 1000.0:.0f} ms; the longest stage is '{blamed}' ({listed})"
    )
