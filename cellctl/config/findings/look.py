"""All findings of one cell, held against its waivers."""

from __future__ import annotations

from typing import NamedTuple

from cellctl.config.findings.classes import check_classes
from cellctl.config.findings.contract import check_contract
from cellctl.config.findings.loops import check_loops
from cellctl.config.findings.scada import check_scada
from cellctl.config.findings.scene import Scene
from cellctl.config.findings.stations import check_stations
from cellctl.config.findings.times import check_times
from cellctl.config.findings.waivers import Waived, settle
from cellctl.config.findings.wiring import check_wiring
from cellctl.errors import ConfigError, Text


class Findings(NamedTuple):
    """What a cell was found to be.

    Attributes:
        errors: what must be mended or waived before the cell runs.
        waived: what was let pass, by whom and why.
        notes: remarks that are no mistakes.
    """

    errors: tuple[ConfigError, ...]
    waived: tuple[Waived, ...]
    notes: tuple[Text, ...]


def look_over(scene: Scene) -> Findings:
    """Look once over a resolved cell."""
    for look in (check_stations, check_wiring, check_classes, check_loops, check_contract, check_times, check_scada):
        look(scene)
    findings, waived = settle(scene)
    return Findings(tuple(it.error for it in findings), tuple(waived), tuple(scene.notes))
