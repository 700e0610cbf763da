"""How many defects of an episode remain: over lives and rates, beside what was computed beforehand and the ceiling.

Each episode is a line of its own that begins at the recipe. The open arm thins the same field with its own rate, so
both arms differ only where their rates do. R = 1 - N_closed / N_open counts true spurs from the episode's first one
(which is the open arm's: until the first move both arms are the same) to its end, whether it was detected or not.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from cellctl.config.resolved import ResolvedCell
from cellsim.study import rows
from cellsim.study.cell import NORMAL_PER_M, true_normal, without_release
from cellsim.study.edge import Edge, Fault, cured_by_deficit, deficit_of
from cellsim.study.intervals import bootstrap, reduction
from cellsim.study.line import Line, Options, open_arm
from cellsim.study.plan import Plan, Scale
from cellsim.study.pool import Job
from cellsim.study.rows import Row

NAME = "recurrence"
LIVES_M = (60.0, 300.0, 600.0)
RATES = (0.2, 0.3, 0.5)
BEGIN_M = 20.0
EPISODES, SEEDS = 50, 20
"""Per seed, and seeds: the bootstrap draws seeds."""
REFERENCE = {
    (60.0, 0.2): 0.627, (60.0, 0.3): 0.739, (60.0, 0.5): 0.821,
    (300.0, 0.2): 0.828, (300.0, 0.3): 0.876, (300.0, 0.5): 0.914,
    (600.0, 0.2): 0.858, (600.0, 0.3): 0.898, (600.0, 0.5): 0.931,
}  # fmt: skip
"""(mean life m, rate per m) → R computed beforehand, with corrections that stay."""
LEAST = 0.76
"""What the control, a disconnected actuator, must not reach."""


class _Arm(NamedTuple):
    life_m: float
    rate_per_m: float
    what: str


class Sums(NamedTuple):
    """Over the episodes of one seed."""

    opened: float
    closed: float
    acted: float
    dead_time_s: float


def seed_sums(cell: ResolvedCell, life_m: float, rate_per_m: float, seeds: range, options: Options) -> Sums:
    """All episodes of one seed of the study; each has a seed of its own."""
    found = [_episode(cell, life_m, rate_per_m, seed, options) for seed in seeds]
    return Sums(*(float(sum(column)) for column in zip(*found, strict=True)))


def _episode(cell: ResolvedCell, life_m: float, rate_per_m: float, seed: int, options: Options) -> Sums:
    normal = true_normal(cell)
    rng = np.random.default_rng([seed, 0xEC])
    end_m = BEGIN_M + float(rng.exponential(life_m))
    cure = cured_by_deficit(deficit_of(rate_per_m, normal), normal)
    edge = Edge(normal, (Fault(BEGIN_M, end_m, cure),))
    opened = [s_m for s_m in open_arm(edge, seed, end_m) if s_m >= BEGIN_M]
    if not opened:
        return Sums(0.0, 0.0, 0.0, 0.0)
    line = Line(cell, edge, seed, end_m, options)
    line.run()
    closed = sum(s_m >= opened[0] for s_m in line.made)
    in_force = [e.correction.target_in_force_ns for e in line.events if e.correction.target_in_force_ns]
    acted = bool(in_force)
    return Sums(len(opened), closed, acted, in_force[0] / 1e9 - opened[0] if acted else 0.0)


def plan(cell: ResolvedCell, scale: Scale) -> Plan:
    """The table, and a control whose actuator is disconnected."""
    table = [(life, rate) for life in LIVES_M for rate in RATES]
    arms = [_Arm(life, rate, "released") for life, rate in table]
    arms += [_Arm(life, rate, "stays") for life, rate in table]
    arms.append(_Arm(300.0, 0.3, "disconnected"))
    cells = {"stays": without_release(cell)}
    seeds = scale.of(SEEDS, 3)
    jobs = [
        Job(
            seed_sums,
            (
                cells.get(arm.what, cell),
                arm.life_m,
                arm.rate_per_m,
                range(seed * 10_000, seed * 10_000 + EPISODES),
                Options(connected=arm.what != "disconnected"),
            ),
            EPISODES * arm.life_m / 40_000,
        )
        for arm in arms
        for seed in range(seeds)
    ]

    def to_rows(results: list[Any]) -> list[Row]:
        normal = true_normal(cell)
        found = []
        for number, arm in enumerate(arms):
            sums = results[number * seeds : (number + 1) * seeds]
            found.append(_row(arm, normal, sums))
        return found

    return Plan(NAME, tuple(jobs), to_rows)


def _row(arm: _Arm, normal: float, sums: list[Sums]) -> Row:
    control = arm.what == "disconnected"
    return Row(
        study=NAME,
        case={"correction": arm.what, "life_s": arm.life_m, "rate_per_m": arm.rate_per_m, "normal_per_m": normal},
        figure="recurrence reduction R",
        value=reduction(np.asarray(sums).sum(axis=0)),
        n=len(sums) * EPISODES,
        ci95=bootstrap(sums, reduction, seed=round(arm.life_m)),
        must=rows.Line(least=LEAST, by_interval=True) if control else None,
        control=control,
        note="actuator disconnected" if control else _beside(arm, normal, sums),
    )


def _beside(arm: _Arm, normal: float, sums: list[Sums]) -> str:
    """The ceiling of this arm, and the value computed beforehand."""
    total = np.asarray(sums).sum(axis=0)
    dead_s = total[3] / total[2] if total[2] else math.nan
    after = cured_by_deficit(deficit_of(arm.rate_per_m, normal), normal)(1.0)
    efficacy = 1.0 - after / arm.rate_per_m
    ceiling = efficacy * math.exp(-dead_s / arm.life_m)
    note = f"ceiling e·exp(-t_dead/τ) = {ceiling:.3f} with e = {efficacy:.3f}, mean t_dead = {dead_s:.1f} s"
    reference = REFERENCE.get((arm.life_m, arm.rate_per_m)) if normal == NORMAL_PER_M else None
    return note if reference is None else f"computed beforehand: {reference:g}; {note}"
