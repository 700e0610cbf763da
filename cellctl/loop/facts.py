"""What was known when a correction was decided, gathered from all rooms of the loop."""

from __future__ import annotations

from cellctl.config.resolved import Loop
from cellctl.loop.adjust.laws.step import Step
from cellctl.loop.diagnose.influence import Remedy
from cellctl.loop.diagnose.situation import Situation
from cellctl.loop.estimate.watch import ClassWatch, Deciding
from cellctl.loop.verify.record import Facts
from cellctl.model.inspection import Inspection, Judgement
from cellctl.model.quality import Quality


def facts_of(
    loop: Loop,
    situation: Situation,
    watch: ClassWatch,
    remedy: Remedy,
    *,
    inspection: Inspection,
    found: Deciding,
    now_ns: int,
    transaction: str,
    baseline_per_m: float,
    confirms: str,
) -> Facts:
    """The facts of one decision; KeyError for a loop that moves a set-point which was never read.

    Args:
        loop: the loop that decides.
        situation: what it shares with the others.
        watch: what it saw.
        remedy: what helps, and in which direction.
        inspection: the frame in which the deciding object closed.
        found: that object.
        now_ns: now.
        transaction: name of the correction or advice.
        baseline_per_m: honest baseline rate of the test.
        confirms: transaction that this one repeats after its release, else empty.
    """
    old = 0.0 if loop.advise else situation.plant.value(loop.tag)
    return Facts(
        transaction=transaction,
        evidence=watch.evidence,
        rule=watch.rule(remedy, baseline_per_m),
        model=inspection.model,
        config=situation.config_hash,
        lot=situation.lot,
        product=situation.product,
        old=old,
        target=Step(loop.step, remedy.sign).target(old),
        baseline_per_m=baseline_per_m,
        alarm_s_mm=found.s_mm,
        epoch=situation.epoch,
        trace=inspection.trace,
        exposure_ns=found.exposure_ns,
        first_line_ns=found.first_line_ns,
        received_ns=inspection.received_ns,
        judged_ns=inspection.judged_ns,
        decided_ns=now_ns,
        confirms=confirms,
        quality=Quality.BAD if inspection.judgement is Judgement.INDETERMINATE else Quality.GOOD,
    )
