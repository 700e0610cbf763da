"""Sham: the set-point shows in force, but secretly nothing moves. How often is that called EFFECTIVE, or PROVEN?

Three strata, never mixed: the fault persists; the fault ended by itself between the alarm and the verdict; and the
alarm was a false one in control. Each sample is the first correction of a line of its own. When it is EFFECTIVE the
line goes on, further faults come at random, and what its release shows is waited for.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from cellctl.config.resolved import ResolvedCell, Watch
from cellctl.loop import Run, honest_baseline
from cellctl.loop.estimate.watch import Baseline
from cellctl.model import TransactionState
from cellsim.study import rows
from cellsim.study.cell import NORMAL_PER_M, counting, true_normal
from cellsim.study.edge import Edge, Fault, cured_by_deficit, deficit_of, draw_faults
from cellsim.study.intervals import clopper_pearson
from cellsim.study.line import Event, Eye, Line, Options
from cellsim.study.plan import Plan, Scale
from cellsim.study.pool import Job
from cellsim.study.rows import Row

S = TransactionState
NAME = "sham"
RATES = (0.2, 0.3, 0.5)
LIFE_M = 300.0
GAP_M = 2000.0
"""Mean gap to the next fault: a later fault can make a sham correction look needed."""
BEGIN_M = 20.0
FOLLOW_M = 4000.0
QUIET_M = 600_000.0
BATCH = 250
PERSISTS, ENDED, QUIET, ALL = "fault persists", "ended by itself", "false alarm in control", "all, fault of 300 m mean"
EFFECTIVE_MOST, PROVEN_MOST = 0.10, 0.03
SURE_SHARE = 0.77
UNSURE = Eye(hit=0.95 * SURE_SHARE)
"""An unsure classifier: 23 % of the spurs that it finds are below the confidence limit and do not count."""
REFERENCE_ALL = {0.2: 0.177, 0.3: 0.097, 0.5: 0.062}


class Sample(NamedTuple):
    """One correction: where it belongs, its verdict, and where its release ended it."""

    stratum: str
    verdict: str
    last: str


def naive_baseline(run: Run, watch: Watch) -> float:
    """The plain rate of the run that raised the alarm, first and last object included: the negative control."""
    return run.objects / run.metres if run.metres > 0.0 else watch.alarm


def one_fault(cell: ResolvedCell, rate_per_m: float, life_m: float | None, seed: int, options: Options) -> Sample:
    """The first correction on a line with a fault of this rate from 20 m on; without `life_m` it never ends."""
    normal = true_normal(cell)
    rng = np.random.default_rng([seed, 0x5AA])
    cure = cured_by_deficit(deficit_of(rate_per_m, normal), normal)
    end_m = BEGIN_M + float(rng.exponential(life_m)) if life_m else float("inf")
    faults: tuple[Fault, ...] = (Fault(BEGIN_M, end_m, cure),)
    if life_m:
        later = draw_faults(rng, FOLLOW_M, gap_m=GAP_M, life_m=life_m, rate=lambda _rng: cure)
        faults += tuple(Fault(end_m + fault.from_m, end_m + fault.to_m, cure) for fault in later)
    line = Line(cell, Edge(normal, faults), seed, BEGIN_M + FOLLOW_M, options)
    if not line.run(_judged):
        return Sample("none", "", "")
    verdict = line.events[-1]
    stratum = PERSISTS if verdict.s_m <= end_m else ENDED if _alarm_m(verdict) <= end_m else "other"
    return _followed(line, verdict, stratum)


def no_fault(cell: ResolvedCell, rate_per_m: float, seed: int, options: Options) -> Sample:
    """The first correction on a line in control; faults come only after its verdict."""
    normal = true_normal(cell)
    line = Line(cell, Edge(normal, ()), seed, QUIET_M, options)
    if not line.run(_judged):
        return Sample("none", "", "")
    verdict = line.events[-1]
    cure = cured_by_deficit(deficit_of(rate_per_m, normal), normal)
    rng = np.random.default_rng([seed, 0x0FF])
    later = draw_faults(rng, FOLLOW_M, gap_m=GAP_M, life_m=LIFE_M, rate=lambda _rng: cure)
    line.edge = Edge(normal, tuple(Fault(verdict.s_m + f.from_m, verdict.s_m + f.to_m, cure) for f in later))
    return _followed(line, verdict, QUIET)


def _judged(line: Line) -> bool:
    return bool(line.events) and line.events[-1].correction.state.is_verdict


def _alarm_m(event: Event) -> float:
    return event.correction.alarm_s_mm / 1000.0


def _followed(line: Line, verdict: Event, stratum: str) -> Sample:
    """Wait for what the release shows, if there is one."""
    name, state = verdict.correction.transaction, verdict.correction.state
    if state is not S.EFFECTIVE:
        return Sample(stratum, state.value, state.value)
    end_m = verdict.s_m + FOLLOW_M

    def settled(line: Line) -> bool:
        return line.at_m > end_m or _last(line, name) in {S.PROVEN, S.RESTORED}

    line.run(settled)
    return Sample(stratum, state.value, _last(line, name).value)


def _last(line: Line, transaction: str) -> TransactionState:
    return next(e.correction.state for e in reversed(line.events) if e.correction.transaction == transaction)


def batch(
    cell: ResolvedCell, stratum: str, rate_per_m: float, seeds: range, options: Options
) -> dict[tuple[str, str, str], int]:
    """Count samples of one stratum; ALL draws lives at random and sorts what comes."""
    if stratum == QUIET:
        samples = [no_fault(cell, rate_per_m, seed, options) for seed in seeds]
    else:
        life_m = None if stratum == PERSISTS else LIFE_M
        samples = [one_fault(cell, rate_per_m, life_m, seed, options) for seed in seeds]
    return dict(Counter((sample.stratum, sample.verdict, sample.last) for sample in samples))


class _Arm(NamedTuple):
    """One set of samples; `told` says whether the cell knows which share of the true spurs counts."""

    stratum: str
    rate_per_m: float
    samples: int
    naive: bool = False
    eye: Eye = Eye()
    told: bool = True

    @property
    def is_control(self) -> bool:
        """Whether it must fail."""
        return self.naive or not self.told


SAMPLES_ALL = {0.2: 6000, 0.3: 9000, 0.5: 13_000}
"""So many that every rate has at least 500 faults that ended by themselves between alarm and verdict."""


def plan(cell: ResolvedCell, scale: Scale) -> Plan:
    """Sham over strata and rates, an unsure classifier, and two controls.

    The controls: a naive baseline, and a cell that is not told that a quarter of the spurs does not count.
    """
    arms = [_Arm(PERSISTS, rate, scale.of(6000, 100)) for rate in RATES]
    arms += [_Arm(ALL, rate, scale.of(SAMPLES_ALL[rate], 200)) for rate in RATES]
    arms += [_Arm(QUIET, rate, scale.of(1000, 20)) for rate in RATES]
    arms += [_Arm(PERSISTS, rate, scale.of(3000, 100), eye=UNSURE) for rate in RATES]
    arms += [_Arm(PERSISTS, rate, scale.of(1500, 100), naive=True) for rate in RATES]
    arms.append(_Arm(PERSISTS, min(RATES), scale.of(1500, 100), eye=UNSURE, told=False))
    jobs, owners = _jobs(cell, arms)

    def to_rows(results: list[Any]) -> list[Row]:
        counts = [Counter[tuple[str, str, str]]() for _ in arms]
        for owner, result in zip(owners, results, strict=True):
            counts[owner].update(result)
        normal = true_normal(cell)
        return [row for arm, found in zip(arms, counts, strict=True) for row in _rows(arm, normal, found)]

    return Plan(NAME, tuple(jobs), to_rows)


def _jobs(cell: ResolvedCell, arms: list[_Arm]) -> tuple[list[Job], list[int]]:
    """Batches of seeds, and the number of the arm that each belongs to."""
    knowing = counting(cell, SURE_SHARE)
    jobs, owners = [], []
    for number, arm in enumerate(arms):
        baseline: Baseline = naive_baseline if arm.naive else honest_baseline
        options = Options(False, baseline=baseline, eye=arm.eye)
        study_cell = knowing if arm.eye == UNSURE and arm.told else cell
        for start in range(0, arm.samples, BATCH):
            seeds = range(1_000_000 * number + start, 1_000_000 * number + min(start + BATCH, arm.samples))
            weight = len(seeds) * (0.05 if arm.stratum == QUIET else 0.008)
            jobs.append(Job(batch, (study_cell, arm.stratum, arm.rate_per_m, seeds, options), weight))
            owners.append(number)
    return jobs, owners


def _rows(arm: _Arm, normal: float, counts: Counter[tuple[str, str, str]]) -> list[Row]:
    if arm.is_control:
        return [_effective(arm, normal, PERSISTS, counts)]
    if arm.stratum != ALL:
        return [_effective(arm, normal, arm.stratum, counts), _proven(arm, normal, arm.stratum, counts)]
    strata = [_effective(arm, normal, ENDED, counts), _proven(arm, normal, ENDED, counts)]
    return [*strata, _effective(arm, normal, "", counts)]


def _case(arm: _Arm, normal: float, stratum: str) -> dict[str, Any]:
    case: dict[str, Any] = {"stratum": stratum or ALL, "rate_per_m": arm.rate_per_m, "normal_per_m": normal}
    return case | ({"classifier": "unsure"} if arm.eye == UNSURE else {})


def _effective(arm: _Arm, normal: float, stratum: str, counts: Counter[tuple[str, str, str]]) -> Row:
    events, trials = _share(counts, stratum, lambda key: key[1] == S.EFFECTIVE.value)
    gate = stratum == PERSISTS
    return Row(
        study=NAME,
        case=_case(arm, normal, stratum),
        figure="EFFECTIVE although nothing moved",
        value=events / trials if trials else float("nan"),
        n=trials,
        ci95=clopper_pearson(events, trials),
        must=rows.Line(most=EFFECTIVE_MOST, by_interval=True) if gate else None,
        control=arm.is_control,
        note=_note(arm, normal, stratum),
    )


def _note(arm: _Arm, normal: float, stratum: str) -> str:
    if arm.naive:
        return "baseline: plain rate of the run that raised the alarm"
    if arm.eye == UNSURE:
        told = "" if arm.told else ", and the cell is not told: its alarm rate is above the counted one"
        return f"23 % of the spurs found do not count{told}"
    known = not stratum and normal == NORMAL_PER_M and arm.rate_per_m in REFERENCE_ALL
    return f"computed beforehand: {REFERENCE_ALL[arm.rate_per_m]:g}" if known else ""


def _proven(arm: _Arm, normal: float, stratum: str, counts: Counter[tuple[str, str, str]]) -> Row:
    events, trials = _share(counts, stratum, lambda key: key[2] == S.PROVEN.value)
    return Row(
        study=NAME,
        case=_case(arm, normal, stratum),
        figure="PROVEN although nothing moved",
        value=events / trials if trials else float("nan"),
        n=trials,
        ci95=clopper_pearson(events, trials),
        must=rows.Line(most=PROVEN_MOST),
    )


def _share(counts: Counter[tuple[str, str, str]], stratum: str, is_event: Any) -> tuple[int, int]:
    """Events and trials of a stratum; all strata for an empty one."""
    keys = [key for key in counts if key[0] != "none" and stratum in {"", key[0]}]
    return sum(counts[key] for key in keys if is_event(key)), sum(counts[key] for key in keys)
