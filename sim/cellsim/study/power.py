"""Power: when the rate truly falls to ρ times what it was, how often does the verdict say so?

The move works as stated (one step multiplies the rate by ρ), everything else is the real cell: honest baseline, finite
tests, a camera that misses some spurs and sees some that are none, and a protected class that may object.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from cellctl.config.resolved import ResolvedCell
from cellctl.model import TransactionState
from cellsim.study import rows
from cellsim.study.cell import true_normal
from cellsim.study.edge import Edge, Fault, cured_by_ratio
from cellsim.study.intervals import clopper_pearson
from cellsim.study.line import CAMERA_M, Line, Options
from cellsim.study.plan import Plan, Scale
from cellsim.study.pool import Job
from cellsim.study.rows import Row

S = TransactionState
NAME = "power"
BEGIN_M = 500.0
"""Before the fault: the protected class needs a history to be compared with."""
LENGTH_M = 6000.0
BATCH = 250
RATES = (0.2, 0.25, 0.3)
LEAST = {0.24: 0.80, 0.10: 0.97}
"""True ratio ρ after/before → smallest share of EFFECTIVE; ρ = 0.10 is an efficacy of 0.9."""
FAR_CAMERA_M = 40.0
"""The control needs a dead time that is long beside the test."""
REFERENCE = {(0.3, 0.24): 0.864}


def verdict_of(cell: ResolvedCell, rate_per_m: float, ratio: float, seed: int, options: Options) -> str:
    """Verdict of the first correction for a fault from 500 m on; empty when a false alarm came first."""
    normal = true_normal(cell)
    fault = Fault(BEGIN_M, float("inf"), cured_by_ratio(rate_per_m, ratio))
    line = Line(cell, Edge(normal, (fault,)), seed, LENGTH_M, options)
    judged = line.run(lambda line: bool(line.events) and line.events[-1].correction.state.is_verdict)
    if not judged or line.events[-1].correction.alarm_s_mm < BEGIN_M * 1000.0:
        return ""
    return line.events[-1].correction.state.value


def batch(cell: ResolvedCell, rate_per_m: float, ratio: float, seeds: range, options: Options) -> dict[str, int]:
    """Count verdicts."""
    return dict(Counter(verdict_of(cell, rate_per_m, ratio, seed, options) for seed in seeds))


class _Arm(NamedTuple):
    rate_per_m: float
    ratio: float
    samples: int
    camera_m: float = CAMERA_M
    waits: bool = True
    control: bool = False


def plan(cell: ResolvedCell, scale: Scale) -> Plan:
    """Power over rates and ratios, and the control that does not wait for the dead time."""
    arms = [_Arm(rate, ratio, scale.of(2500, 100)) for ratio in LEAST for rate in RATES]
    arms.append(_Arm(0.3, 0.24, scale.of(1000, 50), camera_m=FAR_CAMERA_M))
    arms.append(_Arm(0.3, 0.24, scale.of(1000, 50), camera_m=FAR_CAMERA_M, waits=False, control=True))
    jobs, owners = [], []
    for number, arm in enumerate(arms):
        for start in range(0, arm.samples, BATCH):
            seeds = range(1_000_000 * number + start, 1_000_000 * number + min(start + BATCH, arm.samples))
            options = Options(camera_m=arm.camera_m, waits=arm.waits, streaks=True)
            arguments = (cell, arm.rate_per_m, arm.ratio, seeds, options)
            jobs.append(Job(batch, arguments, len(seeds) * 0.008))
            owners.append(number)

    def to_rows(results: list[Any]) -> list[Row]:
        counts = [Counter[str]() for _ in arms]
        for owner, result in zip(owners, results, strict=True):
            counts[owner].update(result)
        return [_row(arm, found) for arm, found in zip(arms, counts, strict=True)]

    return Plan(NAME, tuple(jobs), to_rows)


def _row(arm: _Arm, counts: Counter[str]) -> Row:
    trials = sum(count for verdict, count in counts.items() if verdict)
    events = counts[S.EFFECTIVE.value]
    reference = REFERENCE.get((arm.rate_per_m, arm.ratio))
    others = ", ".join(
        f"{name} {count}" for name, count in sorted(counts.items()) if name and name != S.EFFECTIVE.value
    )
    note = f"others: {others or 'none'}"
    if arm.control:
        note = f"verification counts from the proposal on; {note}"
    elif reference is not None and arm.camera_m == CAMERA_M:
        note = f"computed beforehand without protected classes: {reference:g}; {note}"
    return Row(
        study=NAME,
        case={"rate_per_m": arm.rate_per_m, "ratio": arm.ratio, "camera_m": arm.camera_m},
        figure="EFFECTIVE when the rate truly fell to the ratio",
        value=events / trials if trials else float("nan"),
        n=trials,
        ci95=clopper_pearson(events, trials),
        must=rows.Line(least=LEAST[arm.ratio]),
        control=arm.control,
        note=note,
    )
