"""Measured stage times against the deadlines, and whether they were measured on this PC and with these plugins."""

from __future__ import annotations

from cellctl.config.findings.scene import Scene
from cellctl.config.sections.stage_times import ENOUGH, STAGES, StageTimes
from cellctl.config.source.document import Loc
from cellctl.config.source.nearest import listed
from cellctl.errors import text

AT: Loc = ("cell", "stage_times")
ACTS = frozenset({"confirm", "auto"})
"""Authorities of loops that move set-points: the others keep no deadline."""


def check_times(scene: Scene) -> None:
    """Report deadlines that the measured stages cannot keep, and files that say nothing about this cell."""
    times = scene.times
    if times is None:
        if any(loop.authority in ACTS for loop in scene.cell.loops):
            scene.notes.append(text("no measured stage times: the deadlines of the loops are not checked; measure "
                                    "them with `cellctl times RUN --out stage_times.yaml`"))  # fmt: skip
        return
    _origin(scene, times)
    _enough(scene, times)
    for loop in scene.cell.loops:
        if times.total_s <= loop.deadline_s:
            continue
        scene.report("CELL-1130", ("loops", loop.name, "deadline"),
                     "the measured stages take {total:.4g} ms together (99th percentiles), more than {limit:g} ms; "
                     "{stage} alone takes {largest:.4g} ms",
                     "speed up {stage}, or allow more time", total=1000 * times.total_s,
                     limit=1000 * loop.deadline_s, stage=times.largest,
                     largest=1000 * times.stages[times.largest].p99_s)  # fmt: skip


def _origin(scene: Scene, times: StageTimes) -> None:
    if times.pc != scene.around.host:
        scene.report("CELL-1131", AT, "measured on {pc}, and this is {host}",
                     "measure here: `cellctl times RUN --out {file}`", pc=times.pc, host=scene.around.host,
                     file=times.file)  # fmt: skip
    used = {name: it.use for name, it in scene.plugins.items()}
    changed = [name for name, use in used.items() if times.plugins.get(name) != use]
    installed = scene.around.versions
    changed += [name for name, version in times.versions.items() if installed.get(name, version) != version]
    if changed:
        scene.report("CELL-1132", AT, "measured on {day}, before this changed: {changed}",
                     "measure anew: `cellctl times RUN --out {file}`", day=times.measured, changed=listed(changed),
                     file=times.file)  # fmt: skip


def _enough(scene: Scene, times: StageTimes) -> None:
    missing = [stage for stage in STAGES if stage not in times.stages]
    if missing:
        scene.report("CELL-1133", AT, "no time for {missing}", "measure a run in which corrections were made",
                     missing=listed(missing))  # fmt: skip
    few = min((it.n for it in times.stages.values()), default=ENOUGH)
    if few < ENOUGH:
        scene.report("CELL-1133", AT, "a stage rests on {n} values; a 99th percentile needs {enough}",
                     "measure a longer run", n=few, enough=ENOUGH)  # fmt: skip
