"""The arms of the headline study: the cell in lockstep over full messages, and what it is held against.

All arms of a seed meet the same web: the same field of candidates, the same episodes, the same slurry. They differ only
where a load, and hence a rate, differs.
"""

from __future__ import annotations

import bisect
import statistics
from collections import defaultdict
from dataclasses import dataclass

from cellctl.config.resolved import ResolvedCell
from cellctl.model import Correction, Evidence, Side
from cellctl.runtime.lockstep import LockstepCell
from cellctl.runtime.lockstep.cell import START_NS
from cellsim.plant.causes import RandomCauses
from cellsim.plant.coater import Made, Step
from cellsim.plant.coater_settings import CoaterSettings
from cellsim.plant.defects import IN_CONTROL_PER_M, SPUR
from cellsim.plant.disturbances import Disturbances, SlurryDisturbances
from cellsim.plant.edge_dam import EdgeDam
from cellsim.plant.schedule import Episode
from cellsim.plant.setpoints import Setpoints
from cellsim.study.cell import NORMAL_PER_M
from cellsim.study.truth import Push, Pushes, Truth, at_recipe, episodes_of, run_plant, with_offset
from cellsim.world.coater_world import CoaterWorld
from cellsim.world.settings import CoaterWorldSettings, DetectorSettings

SPURS_PER_H = 1.5
"""Episodes begin so often on each edge, per hour in control."""
BURSTS_PER_H = 0.5
LIFE_S = 300.0
HARMLESS_PER_M = {"dust": 0.2, "blotch": 0.05}
CONFUSION = {
    "agglomerate": {SPUR: 0.02, "streak": 0.02},
    "bare_foil": {SPUR: 0.02},
    "streak": {"agglomerate": 0.02},
    "pinhole": {"agglomerate": 0.02},
    SPUR: {"heavy_edge": 0.02},
}
"""Classes taken for one another: what no set-point mends looks like a spur now and then."""
UNSURE = DetectorSettings(confusion=CONFUSION)
"""Hits and confidences of the world's own: it misses 5 %, sees 0.002 /m that are not there, and with confidences
Beta(9, 1) 23 % of the true objects that it finds are below 0.85. The whole coater's cell is told that 73 % count."""
SURE = DetectorSettings(confidence=(60.0, 1.0), confusion=CONFUSION)
"""The same misses and false objects, but as sure as the shipped classifier on its test webs: none is below 0.85."""
NO_DETECTION_S = 1.5 + 0.15 + 2.5 + 0.18
"""From the first spur to the target in force for who needs no more than to see it: transport, act, ramp, lag."""
MATCH_MM = 20.0


def world_settings(seed: int) -> CoaterSettings:
    """The coater of the headline.

    Every class in control, episodes on both edges, bursts of agglomerates, and a wandering viscosity that moves film
    and rates; constant speed, no splices.
    """
    causes = RandomCauses(spur_per_h=SPURS_PER_H, mean_s=LIFE_S, burst_per_h=BURSTS_PER_H)
    return CoaterSettings(
        seed=seed,
        speed_m_s=1.0,
        edge=EdgeDam(NORMAL_PER_M, 25.0),
        background_per_m=IN_CONTROL_PER_M | HARMLESS_PER_M,
        disturbances=Disturbances(slurry=SlurryDisturbances(reaches_film=True), causes=causes),
    )


@dataclass
class CellRun:
    """What a cell did, and what truly happened meanwhile.

    Attributes:
        truth: of the web.
        corrections: the last record of each.
        unfixable: corrections whose evidence is mostly no true object of their class.
    """

    truth: Truth
    corrections: list[Correction]
    unfixable: int


def run_cell(
    cell: ResolvedCell,
    settings: CoaterSettings,
    seconds: float,
    *,
    detector: DetectorSettings = UNSURE,
    sham: bool = False,
    armed: bool = True,
) -> CellRun:
    """The cell in lockstep on the coater; not armed it sees and records, and moves nothing."""
    world = CoaterWorld(CoaterWorldSettings(detector=detector, sham=sham, truth=False), cell, coater=settings)
    truth, latest = Truth(), dict[str, Correction]()

    def watch(step: Step, _setpoints: Setpoints) -> None:
        encoder_m = step.encoder_mm / 1000.0
        truth.see(step.made)
        truth.stand(encoder_m, step.load_kpa)
        truth.weigh(world.coater.gauge.true_g_m2, encoder_m)

    def listen(message: object) -> None:
        if isinstance(message, Correction):
            latest[message.transaction] = message

    world.watch = watch
    host = LockstepCell(cell, world=world, listen=listen, in_memory=True)
    host.start()
    if armed:
        host.arm()
    host.run(seconds)
    host.stop()
    corrections = list(latest.values())
    places = _places(world.objects)
    return CellRun(truth, corrections, sum(_is_unfixable(correction, places) for correction in corrections))


def _places(objects: list[Made]) -> dict[tuple[str, Side], list[tuple[float, float]]]:
    """Class and side (none: any) → stretches of the true objects, mm, in order."""
    found: dict[tuple[str, Side], list[tuple[float, float]]] = defaultdict(list)
    for made in objects:
        thing = made.thing
        for side in {thing.side, Side.NONE}:
            found[thing.defect, side].append((thing.from_mm, thing.to_mm))
    return {key: sorted(stretches) for key, stretches in found.items()}


def _is_unfixable(correction: Correction, places: dict[tuple[str, Side], list[tuple[float, float]]]) -> bool:
    """Whether a correction rests on nothing, or mostly on what was no object of its class on its edge."""
    known = places.get((correction.defect, correction.side), [])
    true = sum(_is_true(seen, known) for seen in correction.evidence)
    return not correction.evidence or 2 * true < len(correction.evidence)


def _is_true(seen: Evidence, known: list[tuple[float, float]]) -> bool:
    behind = bisect.bisect_right(known, (seen.s_mm + MATCH_MM, float("inf")))
    return any(to_mm >= seen.s_mm - MATCH_MM for _, to_mm in known[max(0, behind - 8) : behind])


@dataclass(frozen=True)
class Case:
    """One episode: where its first spur was made, where it ended, and when the cell's move was in force.

    Attributes:
        episode: the hidden cause.
        from_m: its first true spur, in every arm the same until a load differs.
        to_m: its end, or the end of the web.
        dead_s: from the first spur to the target in force; None when nothing came into force within the episode.
        was_off: the load was off the recipe already when the episode began.
    """

    episode: Episode
    from_m: float
    to_m: float
    dead_s: float | None
    was_off: bool


def cases_of(settings: CoaterSettings, length_m: float, opened: Truth, run: CellRun) -> list[Case]:
    """Every episode in which the open arm made a spur."""
    found = []
    for episode in episodes_of(settings, length_m):
        side, from_m, to_m = episode.side, episode.from_mm / 1000.0, min(length_m, episode.to_mm / 1000.0)
        first_m = next((s_m for s_m in opened.spurs[side] if from_m <= s_m < to_m), None)
        if first_m is None:
            continue
        in_force = sorted(_in_force_m(c) for c in run.corrections if _is_on(c, side))
        dead_s = next((at_m - first_m for at_m in in_force if first_m < at_m < to_m), None)
        found.append(Case(episode, first_m, to_m, dead_s, run.truth.is_off(side, first_m)))
    return found


def _is_on(correction: Correction, side: Side) -> bool:
    return correction.defect == SPUR and correction.side is side and correction.target_in_force_ns > 0


def _in_force_m(correction: Correction) -> float:
    """Encoder position when the target was in force: the web runs at 1 m/s from the start."""
    return (correction.target_in_force_ns - START_NS) / 1e9


def oracle(settings: CoaterSettings, seconds: float, cases: list[Case], *, detects: bool) -> Truth:
    """Who knows cause and time: one step for exactly the episode, after the cell's own dead time or after none.

    Args:
        settings: of the coater.
        seconds: how long.
        cases: the episodes.
        detects: it takes as long as the cell did (where the cell did not act: as its median); else it needs no more
            than to see the first spur.
    """
    known = [case.dead_s for case in cases if case.dead_s is not None and not case.was_off]
    median_s = statistics.median(known) if known else NO_DETECTION_S
    pushes = []
    for case in cases:
        own_s = case.dead_s if case.dead_s is not None and not case.was_off else median_s
        pushes.append(Push(case.episode.side, case.from_m + (own_s if detects else NO_DETECTION_S), case.to_m))
    return run_plant(settings, seconds, Pushes(pushes))


def open_and_offset(settings: CoaterSettings, seconds: float) -> tuple[Truth, Truth]:
    """The arm without a cell, and the one with a constant offset of one step."""
    return run_plant(settings, seconds, at_recipe), run_plant(settings, seconds, with_offset)
