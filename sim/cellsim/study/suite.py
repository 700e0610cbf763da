"""All studies: their jobs on one pool, their rows in one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from cellctl.config.resolved import ResolvedCell
from cellsim.study import control, headline, power, recurrence, sham, speed
from cellsim.study.cell import one_edge
from cellsim.study.plan import Plan, Scale
from cellsim.study.pool import Advance, run_jobs
from cellsim.study.rows import Row

FULL = Scale(1.0, quick=False)
QUICK = Scale(0.04, quick=True)


class Cells(NamedTuple):
    """The cells under study: the one that ships for the edges, and the whole coater's before the oven."""

    edges: ResolvedCell
    whole: ResolvedCell


Planner = Callable[[Cells, Scale], Plan]

PLANNERS: dict[str, Planner] = {
    headline.NAME: lambda cells, scale: headline.plan(cells.whole, scale),
    sham.NAME: lambda cells, scale: sham.plan(one_edge(cells.edges, protect=False), scale),
    power.NAME: lambda cells, scale: power.plan(one_edge(cells.edges, protect=True), scale),
    recurrence.NAME: lambda cells, scale: recurrence.plan(one_edge(cells.edges, protect=False), scale),
    control.NAME: lambda _, scale: control.plan(scale),
    speed.NAME: lambda _cells, _scale: speed.plan(),
}
"""Name → how to plan it; the order is the report's."""


def plans(cells: Cells, scale: Scale, only: Sequence[str]) -> list[Plan]:
    """The chosen studies, all when none is named."""
    return [planner(cells, scale) for name, planner in PLANNERS.items() if not only or name in only]


def run_plans(chosen: Sequence[Plan], advance: Advance, cores: int | None = None) -> list[Row]:
    """Run everything; rows in the order of the studies, whatever the number of cores."""
    jobs = [job for plan in chosen for job in plan.jobs]
    results = run_jobs(jobs, advance, cores)
    found: list[Row] = []
    at = 0
    for plan in chosen:
        found += plan.rows(results[at : at + len(plan.jobs)])
        at += len(plan.jobs)
    return found


def total_weight(chosen: Sequence[Plan]) -> float:
    """Expected seconds of one core."""
    return sum(job.weight for plan in chosen for job in plan.jobs)
