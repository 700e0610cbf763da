"""The conditions under which a verdict means something; when one breaks, the test is confounded.

A change of web speed, a splice, a new lot or recipe, or a plant value that can no longer be trusted would
move the defect rate, or hide that it moved, whatever the correction did.
"""

from __future__ import annotations

from typing import NamedTuple

from cellctl.config.resolved import Web
from cellctl.loop.diagnose.plant import PlantView


class Conditions(NamedTuple):
    """What must hold from the proposal to the verdict.

    Attributes:
        web: the tags that say how the web moves.
        speed: web speed at the proposal, in the unit of its tag; 0 in a cell that does not know it.
        tolerance: relative change of speed that confounds.
        constants: tag → value at the proposal, of tags that must not change (lot, recipe).
        tags: all tags that must stay Good and fresh.
    """

    web: Web
    speed: float
    tolerance: float
    constants: dict[str, float]
    tags: tuple[str, ...]

    def broken(self, plant: PlantView, now_ns: int) -> str:
        """Which condition no longer holds, in words; empty while all do."""
        fault = plant.fault(self.tags, now_ns)
        if fault:
            return fault
        speed = plant.value(self.web.speed) if self.web.speed else self.speed
        if abs(speed - self.speed) > self.tolerance * abs(self.speed):
            return f"web speed changed from {self.speed:g} to {speed:g}"
        if self.web.splice and plant.value(self.web.splice):
            return "a splice passed"
        for tag, before in self.constants.items():
            if plant.value(tag) != before:
                return f"{tag} changed from {before:g} to {plant.value(tag):g}"
        return ""


def needed_tags(web: Web, setpoint: str, constants: tuple[str, ...]) -> tuple[str, ...]:
    """The tags a correction of `setpoint` rests on."""
    return tuple(tag for tag in (web.encoder, web.speed, web.splice, setpoint, *constants) if tag)


def conditions_now(
    plant: PlantView, web: Web, setpoint: str, constants: tuple[str, ...], tolerance: float
) -> Conditions:
    """The conditions as they are now; KeyError unless `PlantView.fault` found the tags usable."""
    return Conditions(
        web=web,
        speed=plant.value(web.speed) if web.speed else 0.0,
        tolerance=tolerance,
        constants={tag: plant.value(tag) for tag in constants},
        tags=needed_tags(web, setpoint, constants),
    )
