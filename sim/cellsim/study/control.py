"""Study: how near the laws come to the smallest variance that the dead time allows, and that none gets below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from cellctl.loop.adjust.laws import minimum_variance
from cellsim.study import control_laws as laws
from cellsim.study.control_plant import DURATION_S, LawOf, World, simulate
from cellsim.study.intervals import bootstrap
from cellsim.study.plan import Plan, Scale
from cellsim.study.pool import Advance, Job, run_jobs
from cellsim.study.rows import Line, Row

NAME = "control"
FIGURE = "film variance / minimum-variance bound"
TAUS_S = (60.0, 300.0, 600.0)
DRY = World(theta_s=66.0, tau_s=60.0, period_s=5.0, fine=5)
"""Gauge far behind the oven, read every second, averaged over 5 s."""
DRY_EACH = World(theta_s=66.0, tau_s=60.0, period_s=1.0)
"""The same gauge for a law that moves once per dead time and need not wait for the average."""
WET = World(theta_s=1.5, tau_s=60.0, period_s=0.1)
"""Laser right behind the blade."""
LEAST = 0.95
"""Below this share of the bound a law would know the future."""
PLOT_S = 1800

FULL = Scale(1.0, quick=False)


class Case(msgspec.Struct, frozen=True):
    """One law in one world, and the line it must keep.

    Args:
        loop: `dry` or `wet`.
        law: name of the law.
        make: makes it.
        world: where it runs.
        seeds: number of runs.
        line: what it must keep.
        control: whether it must fail that line.
    """

    loop: str
    law: str
    make: LawOf
    world: World
    seeds: int
    line: Line
    control: bool = False


def cases() -> list[Case]:
    """All of them; the wet loop's are judged by the best one afterwards."""
    found = []
    for tau_s in TAUS_S:
        dry, each, wet = (msgspec.structs.replace(world, tau_s=tau_s) for world in (DRY, DRY_EACH, WET))
        found += [
            Case("dry", "ewma", laws.ewma, dry, 40, _at_most(1.15)),
            Case("dry", "mpc", laws.mpc, dry, 10, _at_most(1.15)),
            Case("dry", "pulse_and_wait", laws.pulse, each, 40, _at_most(1.5)),
            Case("wet", "pi", laws.pi, wet, 6, Line(least=LEAST)),
            Case("wet", "smith", laws.smith, wet, 6, Line(least=LEAST)),
        ]
    slow = msgspec.structs.replace(DRY, tau_s=300.0)
    return [
        *found,
        Case("dry", "ewma, g = 1", laws.ewma_without_prediction, DRY, 40, _at_most(1.15), control=True),
        Case("dry", "pulse_and_wait, g = 1", laws.pulse_without_prediction, DRY_EACH, 40, _at_most(1.5), control=True),
        Case("dry", "knows the future", laws.oracle, slow, 6, Line(least=LEAST), control=True),
    ]


def plan(scale: Scale) -> Plan:
    """One job for each law in each world; the rows follow from the sums over the seeds."""
    todo = cases()
    jobs = tuple(_job(case, scale) for case in todo)

    def to_rows(results: list[Any]) -> list[Row]:
        rows = [_row(case, sums) for case, sums in zip(todo, results, strict=True)]
        return [*rows, *_best_wet(rows)]

    return Plan(NAME, jobs, to_rows)


def run(progress: Advance = lambda _: None, scale: Scale = FULL) -> dict[str, Any]:
    """The study by itself, on one core.

    Args:
        progress: is told the expected seconds of every part that is done.
        scale: how many seeds.

    Returns:
        `rows`: a list of `Row`; `series`: as `series()`.
    """
    planned = plan(scale)
    return {"rows": planned.rows(run_jobs(planned.jobs, progress, cores=1)), "series": series()}


def variances(make: LawOf, world: World, seeds: int) -> list[tuple[float, float]]:
    """By seed: the law's variance, and what the minimum-variance law leaves of the same disturbance."""
    runs = (simulate(world, make(world), seed) for seed in range(seeds))
    return [(run.variance, run.ideal) for run in runs]


def _job(case: Case, scale: Scale) -> Job:
    seeds = scale.of(case.seeds, 2)
    per_sample_s = 3e-4 if case.law == "mpc" else 2e-6
    return Job(variances, (case.make, case.world, seeds), seeds * case.world.samples * per_sample_s)


def _at_most(times: float) -> Line:
    return Line(least=LEAST, most=times, by_interval=True)


def _row(case: Case, sums: list[tuple[float, float]]) -> Row:
    """The law's variance over what the minimum-variance law leaves of the same disturbances.

    That is the bound itself, but with the luck of the draw in both: the interval is several times narrower than
    against the formula.
    """
    ratio = sum(variance for variance, _ in sums) / len(sums)
    bound = minimum_variance(case.world.tau_s, case.world.theta_s)
    return Row(
        NAME,
        {"loop": case.loop, "theta_s": case.world.theta_s, "tau_s": case.world.tau_s, "law": case.law},
        FIGURE,
        _over(np.sum(sums, axis=0)),
        len(sums),
        ci95=bootstrap(sums, _over, seed=1),
        must=case.line,
        control=case.control,
        note=f"{ratio:.4f} of the open loop's variance; bound {bound:.4f}; runs of {DURATION_S:g} s",
    )


def _over(sums: Any) -> float:
    return float(sums[0] / sums[1])


def _best_wet(rows: Sequence[Row]) -> Iterator[Row]:
    """Near the blade noise is the floor: the best law is held against max(1.35·MV, MV + 0.02)."""
    for tau_s in TAUS_S:
        bound = minimum_variance(tau_s, WET.theta_s)
        best = min((row for row in rows if _is(row, "wet", tau_s)), key=lambda row: row.value)
        line = _at_most(max(1.35 * bound, bound + 0.02) / bound)
        yield msgspec.structs.replace(best, case=best.case | {"law": f"best: {best.case['law']}"}, must=line)


def _is(row: Row, loop: str, tau_s: float) -> bool:
    return bool(row.case["loop"] == loop and row.case["tau_s"] == tau_s)


def series() -> dict[str, list[float]]:
    """Half an hour of the dry loop at τ = 300 s, second by second: nothing done, and what two laws make of it."""
    dry, each = (msgspec.structs.replace(world, tau_s=300.0) for world in (DRY, DRY_EACH))
    by_ewma, by_pulse = simulate(dry, laws.ewma(dry), 0), simulate(each, laws.pulse(each), 0)
    nothing = simulate(dry, lambda sample, disturbance: 0.0, 0)  # noqa: ARG005 - that is its point
    part = slice(PLOT_S, 2 * PLOT_S)
    return {
        "t_s": [float(second) for second in range(PLOT_S)],
        "open": nothing.film[part].tolist(),
        "ewma": by_ewma.film[part].tolist(),
        "pulse_and_wait": by_pulse.film[part].tolist(),
        "ewma_setpoint": np.repeat(by_ewma.setpoint, dry.fine)[part].tolist(),
        "pulse_and_wait_setpoint": by_pulse.setpoint[part].tolist(),
    }
