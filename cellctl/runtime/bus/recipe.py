"""Says at the start which guarded set-points are not at their recipe value; it moves nothing."""

from __future__ import annotations

from cellctl.config.resolved import Setpoint
from cellctl.devices.modbus.codec import same
from cellctl.model.events import Priority
from cellctl.runtime.bus.plant import PlantImage
from cellctl.runtime.bus.reporting import Reporter


class RecipeCheck:
    """Looks once when the link is up for the first time; an alarm ends when its value is the recipe's again.

    Args:
        setpoints: of this device, with the recipe values.
        image: the values in force.
        reporter: sends `<device>.<tag>.off_recipe`.
    """

    def __init__(self, setpoints: tuple[Setpoint, ...], image: PlantImage, reporter: Reporter) -> None:
        self._setpoints = setpoints
        self._image = image
        self._reporter = reporter
        self._standing: list[Setpoint] | None = None

    def begin(self) -> None:
        """The values in force are known; raises the alarms at the first call, later calls do nothing."""
        if self._standing is not None:
            return
        self._standing = [point for point in self._setpoints if not self._at_recipe(point)]
        for point in self._standing:
            value = self._image.raw(self._image.setpoints[point.tag])
            text = f"{point.tag} is {value:g} {point.unit}, the recipe says {point.recipe:g}: set it before the start"
            self._reporter.alarm(self._kind(point), text, priority=Priority.MEDIUM, holds=False)

    def follow(self) -> None:
        """Return alarms to normal whose value is the recipe's now."""
        for point in [point for point in self._standing or () if self._at_recipe(point)]:
            self._standing = [other for other in self._standing or () if other is not point]
            self._reporter.alarm(self._kind(point), "", priority=Priority.MEDIUM, holds=False)

    def _at_recipe(self, point: Setpoint) -> bool:
        tag = self._image.setpoints[point.tag]
        return same(tag, self._image.raw(tag), point.recipe)

    def _kind(self, point: Setpoint) -> str:
        return f"{point.tag.removeprefix(f'{self._image.name}.')}.off_recipe"
