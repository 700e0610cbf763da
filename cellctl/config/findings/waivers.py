"""Waivers: which findings are let pass, and which waivers are themselves findings."""

from __future__ import annotations

from typing import NamedTuple

from cellctl.config.findings.scene import Finding, Scene
from cellctl.config.resolved.contract import Waiver

NEVER = frozenset({"CELL-1108", "CELL-1120", "CELL-1121", "CELL-1122", "CELL-1130", "CELL-1134"})
"""Findings of the range that nobody can let pass: what is named does not exist, or the promise is broken already."""

OF_THE_MACHINE = frozenset({"CELL-1104", "CELL-1131", "CELL-1132"})
"""They come and go with the machine that the check runs on, so a waiver may be idle."""


class Waived(NamedTuple):
    """A finding that was let pass, and the waiver that does it."""

    finding: Finding
    waiver: Waiver


def is_waivable(code: str) -> bool:
    """Whether a finding of this code can be let pass."""
    return code.startswith("CELL-11") and code <= "CELL-1149" and code not in NEVER


def settle(scene: Scene) -> tuple[list[Finding], list[Waived]]:
    """What is left of the findings, with those about the waivers, and what was waived."""
    findings, waived = list(scene.found), []
    scene.found.clear()
    for index, waiver in enumerate(scene.cell.waivers):
        meant = [it for it in findings if _covers(waiver, it)]
        if _is_void(scene, index, waiver, bool(meant)):
            continue
        waived += [Waived(it, waiver) for it in meant]
        findings = [it for it in findings if it not in meant]
    return findings + scene.found, waived


def _covers(waiver: Waiver, finding: Finding) -> bool:
    """A waiver is for a place and all that lies below it."""
    below = finding.path == waiver.at or finding.path.startswith((f"{waiver.at}.", f"{waiver.at}["))
    return finding.code == waiver.code and below


def _is_void(scene: Scene, index: int, waiver: Waiver, meant: bool) -> bool:
    """Whether a waiver lets nothing pass; says why."""
    loc = ("waivers", index)
    if not is_waivable(waiver.code):
        scene.report("CELL-1122", (*loc, "code"), "{waived} cannot be waived",
                     "mend what it says, and remove the waiver", waived=waiver.code)  # fmt: skip
        return True
    if waiver.until and scene.around.today.isoformat() > waiver.until:
        scene.report("CELL-1120", (*loc, "until"), "the waiver by {name} ended on {until}",
                     "mend {waived} at {at}, or have it waived anew", name=waiver.name, until=waiver.until,
                     waived=waiver.code, at=waiver.at)  # fmt: skip
        return True
    if not meant and not _may_be_idle(scene, waiver):
        scene.report("CELL-1121", loc, "{waived} does not occur at {at}",
                     "remove the waiver: it would hide the next finding there", waived=waiver.code,
                     at=waiver.at)  # fmt: skip
    return not meant


def _may_be_idle(scene: Scene, waiver: Waiver) -> bool:
    """On another machine, or with a stand-in for the device, the finding may be absent and come again."""
    part, _, rest = waiver.at.partition(".")
    stands_in = part == "devices" and rest.partition(".")[0] in scene.config.simulate
    return waiver.code in OF_THE_MACHINE or stands_in
