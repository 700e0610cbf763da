"""The headline: how many defects of fixable episodes remain when the whole cell works, and what that costs.

The cell runs in lockstep over full messages (cameras' inspections, readings, guard, PLC) on the whole coater. Beside it
stand the twin without a cell, an oracle with the same dead time and envelope, a constant offset without any loop, and
the same cell with its actuator secretly disconnected.
"""

from __future__ import annotations

import bisect
import math
from collections import Counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellctl.config.resolved import ResolvedCell
from cellctl.model import Side, TransactionState
from cellsim.plant.defects import SPUR
from cellsim.study.arms import (
    LIFE_S,
    SURE,
    UNSURE,
    Case,
    CellRun,
    cases_of,
    open_and_offset,
    oracle,
    run_cell,
    world_settings,
)
from cellsim.study.cell import NORMAL_PER_M, without_loops
from cellsim.study.intervals import bootstrap, clopper_pearson, reduction
from cellsim.study.plan import Plan, Scale
from cellsim.study.pool import Job
from cellsim.study.rows import Line, Row
from cellsim.study.truth import Truth

NAME = "headline"
SEEDS = 20
FIRST_SEED = 1000
"""Webs that no setting of the cell was chosen on."""
OTHER_SEEDS = 4
"""Seeds of the control and of the sure classifier."""
HOURS = 2.0
FASTER = 160.0
"""Lockstep over real time, roughly: for the progress bar alone."""
SIDES = (Side.LEFT, Side.RIGHT)


class SeedResult(NamedTuple):
    """Everything that one seed contributes; lists are per episode or per correction, tuples are sums.

    Attributes:
        spurs: of the episodes: open arm, the cell, oracle with the cell's dead time, oracle without detection, offset.
        episodes: number of episodes with a spur.
        dead_s: dead times of the episodes that began at the recipe and were acted on.
        was_off: episodes that began while the load was off the recipe.
        missed_s: from the first spur to the end of episodes that began at the recipe and ended without an action.
        cured: spurs of open arm and cell within episodes while the step was in force.
        quiet_m: metres of both edges outside of episodes, and those of them off the recipe: cell, offset.
        film_out_m: metres with film weight out of tolerance: open arm, cell, offset.
        defects: of all classes: open arm, cell.
        corrections: number, on unfixable causes, of the spur loops outside of episodes.
        verdicts: last state → number.
    """

    spurs: tuple[int, int, int, int, int]
    episodes: int
    dead_s: list[float]
    was_off: int
    missed_s: list[float]
    cured: tuple[int, int]
    quiet_m: tuple[int, int, int]
    film_out_m: tuple[int, int, int]
    defects: tuple[int, int]
    corrections: tuple[int, int, int]
    verdicts: dict[str, int]


def run_seed(cell: ResolvedCell, seed: int, hours: float, variant: str) -> SeedResult:
    """All arms of one seed; `variant` is `cell`, `sure`, `disconnected` or `regulator` (no loop on defects)."""
    settings, seconds = world_settings(seed), hours * 3600.0
    detector = SURE if variant == "sure" else UNSURE
    cell = without_loops(cell) if variant == "regulator" else cell
    opened, offset = open_and_offset(settings, seconds)
    run = run_cell(cell, settings, seconds, detector=detector, sham=variant == "disconnected")
    cases = cases_of(settings, seconds, opened, run)
    same = oracle(settings, seconds, cases, detects=True)
    fast = oracle(settings, seconds, cases, detects=False)
    fresh = [case for case in cases if not case.was_off]
    counts = [_in_cases(truth, cases) for truth in (opened, run.truth, same, fast, offset)]
    return SeedResult(
        spurs=(counts[0], counts[1], counts[2], counts[3], counts[4]),
        episodes=len(cases),
        dead_s=[case.dead_s for case in fresh if case.dead_s is not None],
        was_off=len(cases) - len(fresh),
        missed_s=[case.to_m - case.from_m for case in fresh if case.dead_s is None],
        cured=_cured(opened, run.truth, cases),
        quiet_m=_quiet(run.truth, offset, cases, int(seconds)),
        film_out_m=(opened.film_out_m, run.truth.film_out_m, offset.film_out_m),
        defects=(opened.defects, run.truth.defects),
        corrections=(len(run.corrections), run.unfixable, _without_cause(run, cases)),
        verdicts=dict(Counter(correction.state.value for correction in run.corrections)),
    )


def _in_cases(truth: Truth, cases: list[Case]) -> int:
    return sum(truth.spurs_between(case.episode.side, case.from_m, case.to_m) for case in cases)


def _cured(opened: Truth, closed: Truth, cases: list[Case]) -> tuple[int, int]:
    """Spurs of both arms in episodes from where the step was in force until its episode ended or it was taken back."""
    before = after = 0
    for case in cases:
        side = case.episode.side
        start_m = case.from_m if case.was_off else case.from_m + (case.dead_s or math.inf)
        if start_m >= case.to_m:
            continue
        stop_m = next(
            (at_m for at_m, load in closed.loads[side] if start_m < at_m < case.to_m and load < 20.9), case.to_m
        )
        before += opened.spurs_between(side, start_m, stop_m)
        after += closed.spurs_between(side, start_m, stop_m)
    return before, after


def _quiet(closed: Truth, offset: Truth, cases: list[Case], length_m: int) -> tuple[int, int, int]:
    """Quiet metres of both edges, and how many of them are off the recipe: the cell's, and the offset's."""
    quiet = biased = shifted = 0
    for side in SIDES:
        noisy = [c.episode for c in cases if c.episode.side is side]
        for metre in range(length_m):
            if not any(episode.covers(metre * 1000.0) for episode in noisy):
                quiet += 1
                biased += closed.is_off(side, metre)
                shifted += offset.is_off(side, metre)
    return quiet, biased, shifted


def _without_cause(run: CellRun, cases: list[Case]) -> int:
    """Corrections of the spur loops whose alarm lies in no episode: false alarms in control."""
    spurs = [correction for correction in run.corrections if correction.defect == SPUR]
    return sum(
        not any(c.episode.side is correction.side and c.episode.covers(correction.alarm_s_mm) for c in cases)
        for correction in spurs
    )


def plan(cell: ResolvedCell, scale: Scale) -> Plan:
    """The cell over all seeds, the control and a surer classifier over some."""
    hours = 0.5 if scale.quick else HOURS
    seeds, others = scale.of(SEEDS, 2), scale.of(OTHER_SEEDS, 1)
    variants = [("cell", seeds), ("sure", others), ("disconnected", others), ("regulator", others)]
    jobs = [
        Job(run_seed, (cell, FIRST_SEED + seed, hours, variant), hours * 3600.0 / FASTER + 10.0)
        for variant, count in variants
        for seed in range(count)
    ]

    def to_rows(results: list[Any]) -> list[Row]:
        main = results[:seeds]
        sure, sham, alone = (results[at : at + others] for at in range(seeds, len(results), others))
        return [
            *_main_rows(main, hours),
            *_film(main[:others], hours, 1, seeds_of="the first seeds"),
            *_film(alone, hours, 1, seeds_of="the film regulator alone, without a loop on defects"),
            *_other_rows(sure, sham, hours),
        ]

    return Plan(NAME, tuple(jobs), to_rows)


def _case(hours: float, seeds: int) -> dict[str, Any]:
    return {"seeds": seeds, "hours": hours, "life_s": LIFE_S, "normal_per_m": NORMAL_PER_M}


def _reduction_row(
    found: list[SeedResult], hours: float, figure: str, arm: int, must: Line | None = None, **more: Any
) -> Row:
    sums = [(one.spurs[0], one.spurs[arm]) for one in found]
    return Row(
        NAME,
        _case(hours, len(found)),
        figure,
        reduction(np.sum(sums, axis=0, dtype=float)),
        sum(one.episodes for one in found),
        ci95=bootstrap(sums, reduction, seed=arm),
        must=must,
        **more,
    )


def _main_rows(found: list[SeedResult], hours: float) -> list[Row]:
    verdicts = Counter[str]()
    for one in found:
        verdicts.update(one.verdicts)
    said = ", ".join(f"{name} {count}" for name, count in sorted(verdicts.items()))
    was_off, missed = sum(one.was_off for one in found), sum(len(one.missed_s) for one in found)
    beside = f"{was_off} episodes began off the recipe, {missed} ended without an action; records: {said}"
    return [
        _reduction_row(found, hours, "recurrence reduction R", 1, Line(least=0.76, by_interval=True), note=beside),
        _to_oracle(found, hours, 2, "with the same dead time"),
        _to_oracle(found, hours, 3, "that needs no detection"),
        _reduction_row(found, hours, "R of an oracle with the same dead time", 2),
        _reduction_row(found, hours, "R of an oracle that needs no detection", 3),
        _reduction_row(
            found, hours, "R of a constant offset without a loop", 4, note="and all quiet metres are biased"
        ),
        *_dead_time(found, hours),
        _efficacy(found, hours),
        _biased(found, hours, 1, control=False),
        _biased(found, hours, 2, control=True),
        *_film(found, hours, 1, Line(most=1.0)),
        *_all_classes(found, hours),
        *_actions(found, hours),
    ]


def _to_oracle(found: list[SeedResult], hours: float, arm: int, words: str) -> Row:
    def difference(sums: NDArray[np.float64]) -> float:
        return float((sums[arm] - sums[1]) / sums[0])

    sums = [one.spurs for one in found]
    value = difference(np.sum(sums, axis=0, dtype=float))
    return Row(
        NAME,
        _case(hours, len(found)),
        f"R minus R of an oracle {words}",
        value,
        sum(one.episodes for one in found),
        ci95=bootstrap(sums, difference, seed=5),
        must=Line(least=-0.05, most=0.05),
    )


def _dead_time(found: list[SeedResult], hours: float) -> list[Row]:
    """Percentiles of the product-limit estimate; the interval draws seeds."""
    rows = []
    for percent, most in ((50, 15.0), (95, 35.0)):
        rng = np.random.default_rng([percent, 0xDEAD])
        drawn = []
        for _ in range(1000):
            pick = [found[n] for n in rng.integers(len(found), size=len(found))]
            drawn.append(_quantile_s(pick, percent / 100.0))
        low, high = np.nanquantile(drawn, [0.025, 0.975], method="inverted_cdf")
        rows.append(
            Row(
                NAME,
                _case(hours, len(found)),
                f"t_dead p{percent}, s, first true defect to target in force",
                _quantile_s(found, percent / 100.0),
                sum(len(one.dead_s) + len(one.missed_s) for one in found),
                ci95=(float(low), float(high)),
                must=Line(most=most),
                note="episodes that began at the recipe; one that ended first counts as longer than it lasted",
            )
        )
    return rows


def _quantile_s(found: list[SeedResult], share: float) -> float:
    """Quantile of the dead time, s, where an episode that ended without an action is censored (Kaplan & Meier 1958)."""
    acted = sorted(second for one in found for second in one.dead_s)
    ended = sorted(second for one in found for second in one.missed_s)
    left = 1.0
    for number, second in enumerate(acted):
        at_risk = len(acted) - number + len(ended) - bisect.bisect_left(ended, second)
        left *= 1.0 - 1.0 / at_risk
        if left <= 1.0 - share + 1e-12:
            return second
    return math.inf if acted or ended else math.nan


def _efficacy(found: list[SeedResult], hours: float) -> Row:
    sums = [one.cured for one in found]
    return Row(
        NAME,
        _case(hours, len(found)),
        "efficacy e of a step in force",
        reduction(np.sum(sums, axis=0, dtype=float)),
        sum(one.cured[0] for one in found),
        ci95=bootstrap(sums, reduction, seed=6),
        must=Line(least=0.85),
        note="spurs of both arms in episodes while the step was in force",
    )


def _share(sums: NDArray[np.float64]) -> float:
    return float(sums[1] / sums[0]) if sums[0] > 0.0 else math.nan


def _biased(found: list[SeedResult], hours: float, arm: int, *, control: bool) -> Row:
    sums = [(one.quiet_m[0], one.quiet_m[arm]) for one in found]
    return Row(
        NAME,
        _case(hours, len(found)),
        "share of quiet metres off the recipe",
        _share(np.sum(sums, axis=0, dtype=float)),
        len(found),
        ci95=bootstrap(sums, _share, seed=7),
        must=Line(most=0.40),
        control=control,
        note="constant offset without a loop" if control else "per edge, metres outside of its episodes",
    )


def _film(
    found: list[SeedResult], hours: float, arm: int, must: Line | None = None, *, seeds_of: str = ""
) -> list[Row]:
    """Metres out of tolerance; without a line it is printed beside, for the seeds named."""
    sums = [(one.film_out_m[0], one.film_out_m[arm]) for one in found]
    total = np.sum([one.film_out_m for one in found], axis=0)
    beside = f"open {total[0]} m, cell {total[1]} m, constant offset {total[2]} m"
    return [
        Row(
            NAME,
            _case(hours, len(found)),
            "metres with film weight out of tolerance, over the open arm's",
            _share(np.sum(sums, axis=0, dtype=float)),
            len(found),
            ci95=bootstrap(sums, _share, seed=8),
            must=must,
            note=f"{seeds_of}: {beside}" if seeds_of else beside,
        )
    ]


def _all_classes(found: list[SeedResult], hours: float) -> list[Row]:
    sums = [one.defects for one in found]
    return [
        Row(
            NAME,
            _case(hours, len(found)),
            "reduction over all classes and all metres",
            reduction(np.sum(sums, axis=0, dtype=float)),
            sum(one.defects[0] for one in found),
            ci95=bootstrap(sums, reduction, seed=9),
            note="what no set-point mends and what is in control included",
        )
    ]


def _actions(found: list[SeedResult], hours: float) -> list[Row]:
    made, unfixable, idle = (int(total) for total in np.sum([one.corrections for one in found], axis=0))
    rows: list[tuple[str, int, Line | None]] = [
        ("actions on unfixable causes, by ground truth", unfixable, Line(most=0.01)),
        ("actions of the spur loops outside of episodes", idle, None),
    ]
    return [
        Row(
            NAME,
            _case(hours, len(found)),
            figure,
            events / made if made else math.nan,
            made,
            ci95=clopper_pearson(events, made),
            must=must,
        )
        for figure, events, must in rows
    ]


def _other_rows(sure: list[SeedResult], sham: list[SeedResult], hours: float) -> list[Row]:
    proven = sum(one.verdicts.get(TransactionState.PROVEN.value, 0) for one in sham)
    least = Line(least=0.76, by_interval=True)
    return [
        _reduction_row(
            sure, hours, "recurrence reduction R, sure classifier", 1,
            note="no true object is below the confidence limit; the cell is told as before",
        ),
        _reduction_row(
            sham, hours, "recurrence reduction R", 1, least, control=True,
            note=f"actuator disconnected; PROVEN all the same: {proven}",
        ),
    ]  # fmt: skip
