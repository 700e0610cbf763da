"""Loops and regulators whose numbers cannot be meant together: laws and units, verify windows, periods."""

from __future__ import annotations

from itertools import combinations

from cellctl.config.findings.scene import Scene
from cellctl.config.resolved import Loop
from cellctl.errors import text
from cellctl.units import Quantity, convert

ACTS = frozenset({"confirm", "auto"})
REPORT_LENGTH = "report_length"
"""Setting of inspectors: an object that goes on is reported from this length on."""


def check_loops(scene: Scene) -> None:
    """Report what each loop and regulator cannot do, and which loops cannot both verify."""
    for loop in scene.cell.loops:
        _law(scene, loop)
        _release(scene, loop)
    for loop in (*scene.cell.loops, *scene.cell.advising):
        _persists(scene, loop)
    _overlaps(scene)
    for name in scene.config.regulators:
        _period(scene, name)


def _law(scene: Scene, loop: Loop) -> None:
    """A pulse asks for something that ends by itself, a step for a value that stays."""
    loc = ("loops", loop.name, "adjust", "law")
    is_time = _is_time(loop.unit)
    if loop.law == "pulse" and not is_time:
        scene.report("CELL-1149", loc, "{tag} is in {unit}, a set-point that stays where it is put; a pulse asks for "
                     "something that ends by itself, in ms or s", "write `law: step`, or name the request's tag",
                     tag=loop.tag, unit=loop.unit or text("no unit"))  # fmt: skip
    recipe = next((it.recipe for it in scene.cell.guard.setpoints if it.tag == loop.tag), None)
    if loop.law == "step" and is_time and recipe == 0.0:
        scene.report("CELL-1149", loc, "{tag} is a request in {unit} that is zero by the recipe; a step would leave "
                     "it standing", "write `law: pulse`", tag=loop.tag, unit=loop.unit)  # fmt: skip


def _is_time(unit: str) -> bool:
    try:
        Quantity(1.0, unit).to("s")
    except ValueError:
        return False
    return bool(unit)


def _persists(scene: Scene, loop: Loop) -> None:
    """An object that goes on is not seen to do so before its inspector reports it."""
    lengths = [convert(entry.settings[REPORT_LENGTH], "m") for entry in scene.cell.plugins
               if REPORT_LENGTH in entry.settings
               and (not loop.watch.camera or loop.watch.camera in scene.plugins[entry.name].hears)]  # fmt: skip
    least = min(lengths, default=0.0)
    if 0.0 < loop.watch.persists_m < least:
        scene.report("CELL-1148", ("loops", loop.name, "watch", "persists"),
                     "{length:g} m is shorter than the {least:g} m from which an inspector reports an object that goes "
                     "on", "write at least {least:g} m, or lower the inspector's report_length",
                     length=loop.watch.persists_m, least=least)  # fmt: skip


def _release(scene: Scene, loop: Loop) -> None:
    """A release is watched long enough for a returned fault to raise the alarm again."""
    if not loop.release.enabled or loop.watch.persists_m or not loop.watch.alarm:
        return
    expected = loop.watch.alarm * loop.release.watch_m
    if expected < loop.watch.evidence:
        scene.report("CELL-1139", ("loops", loop.name, "release"),
                     "a fault that returns gives {expected:.2g} objects within {watch:g} m, and the alarm needs "
                     "{evidence:g}", "watch at least {least:.3g} m", expected=expected, watch=loop.release.watch_m,
                     evidence=loop.watch.evidence, least=loop.watch.evidence / loop.watch.alarm)  # fmt: skip


def _overlaps(scene: Scene) -> None:
    """Two loops that spoil each other's tests take turns: the file says whose turn it is first."""
    acting = [loop for loop in scene.cell.loops if loop.authority in ACTS and loop.verify.enabled]
    for one, other in combinations(acting, 2):
        if one.name == other.name or one.priority != other.priority or one.tag == other.tag:
            continue
        why = scene.conflict(other, one)
        if why:
            scene.report("CELL-1140", ("loops", other.name, "priority"),
                         "{other} and {one} cannot verify at the same time ({why}), and both have priority {priority}",
                         "say with `priority:` which goes first", other=other.name, one=one.name, why=why,
                         priority=one.priority)  # fmt: skip


def _period(scene: Scene, name: str) -> None:
    """A regulator decides on new values, and before what it takes out has changed again."""
    section = scene.config.regulators[name].adjust
    loc = ("regulators", name, "adjust", "every")
    poll_s = _poll_s(scene, scene.config.regulators[name].hold)
    if section.every < poll_s:
        scene.report("CELL-1147", loc, "{every:g} s is shorter than the {poll:g} s in which the value is read",
                     "decide no oftener than there is something new", every=section.every, poll=poll_s)  # fmt: skip
    elif section.every > section.disturbance:
        scene.report("CELL-1147", loc, "{every:g} s is longer than the {disturbance:g} s in which the disturbance "
                     "changes", "decide oftener, at best ten times in that time", every=section.every,
                     disturbance=section.disturbance)  # fmt: skip


def _poll_s(scene: Scene, characteristic: str) -> float:
    """Fastest period in which the device of a characteristic is read; 0 when it has none."""
    section = scene.config.characteristics.get(characteristic)
    owner = section.tag.partition(".")[0] if section is not None else ""
    found = next((it for it in scene.cell.devices if it.name == owner), None)
    periods = found.settings.get("poll", {}) if found is not None else {}
    return min((convert(period, "s") for period in periods.values()), default=0.0)
