"""Says which set-points are not at their recipe value, at the start and after a changeover; it moves nothing."""

from __future__ import annotations

from cellctl.config.resolved import GuardRules, Setpoint
from cellctl.devices.modbus.codec import same
from cellctl.model.events import Priority
from cellctl.model.packml import CellState
from cellctl.runtime.bus.plant import PlantImage
from cellctl.runtime.bus.reporting import Reporter


class RecipeCheck:
    """Looks when the link is up for the first time and when a changeover is over.

    An alarm ends when its value is the recipe's again, or when another recipe is announced.

    Args:
        rules: of this device, with the recipe values.
        image: the values in force.
        reporter: sends `<device>.<tag>.off_recipe`.
    """

    def __init__(self, rules: GuardRules, image: PlantImage, reporter: Reporter) -> None:
        self._rules = rules
        self._setpoints = rules.setpoints
        self._image = image
        self._reporter = reporter
        self._changing = self._is_up = False
        self._standing: list[Setpoint] = []

    def begin(self) -> None:
        """The values in force are known; raises the alarms at the first call, later calls do nothing."""
        known, self._is_up = self._is_up, True
        if not known and not self._changing:
            self._look()

    def _look(self) -> None:
        self._standing = [point for point in self._setpoints if not self._at_recipe(point)]
        for point in self._standing:
            value = self._image.raw(self._image.setpoints[point.tag])
            text = f"{point.tag} is {value:g} {point.unit}, the recipe says {point.recipe:g}: set it before the start"
            self._reporter.alarm(self._kind(point), text, priority=Priority.MEDIUM, holds=False)

    def follow(self) -> None:
        """Return alarms to normal whose value is the recipe's now."""
        for point in [point for point in self._standing if self._at_recipe(point)]:
            self._clear(point)

    def follow_cell(self, state: CellState) -> None:
        """While a changeover lasts the line itself moves the set-points; afterwards they are looked at anew."""
        table = self._rules.table(state.product)
        if table != self._setpoints:
            for point in self._standing:
                self._clear(point)
            self._setpoints = table
        over, self._changing = self._changing and not state.changing, state.changing
        if over and self._is_up:
            self._look()

    def _clear(self, point: Setpoint) -> None:
        self._standing = [other for other in self._standing if other is not point]
        self._reporter.alarm(self._kind(point), "", priority=Priority.MEDIUM, holds=False)

    def _at_recipe(self, point: Setpoint) -> bool:
        tag = self._image.setpoints[point.tag]
        return same(tag, self._image.raw(tag), point.recipe)

    def _kind(self, point: Setpoint) -> str:
        return f"{point.tag.removeprefix(f'{self._image.name}.')}.off_recipe"
