"""How well the regulators hold their characteristics: the gauge's value now, and their own last report."""

from __future__ import annotations

import math

from cellctl.config.resolved import ResolvedCell
from cellctl.hmi.view import RegulatorRow
from cellctl.model import Reading, Regulation


class Regulators:
    """Follows the gauges and the reports of every regulator that is not off."""

    def __init__(self, cell: ResolvedCell) -> None:
        self._held = [
            (regulator, cell.characteristic(regulator.hold))
            for regulator in cell.regulators
            if regulator.authority != "off"
        ]
        self._values: dict[str, float | None] = {}
        self._reports: dict[str, Regulation] = {}

    def reading(self, message: Reading) -> None:
        """Take the gauges' values."""
        for _, held in self._held:
            value = message.get(held.tag)
            if value is not None:
                known = not value.quality.is_bad and math.isfinite(value.value)
                self._values[held.tag] = value.value if known else None

    def report(self, message: Regulation) -> None:
        """Take a regulator's report of one period."""
        self._reports[message.regulator] = message

    def rows(self) -> tuple[RegulatorRow, ...]:
        """One row per regulator, in the order of the configuration."""
        rows = []
        for regulator, held in self._held:
            row = RegulatorRow(
                name=regulator.name, characteristic=held.name, unit=held.unit, value=self._values.get(held.tag),
                target=held.target, tolerance=held.tolerance, authority=regulator.authority,
            )  # fmt: skip
            rows.append(_reported(row, self._reports.get(regulator.name)))
        return tuple(rows)


def _reported(row: RegulatorRow, report: Regulation | None) -> RegulatorRow:
    if report is None:
        return row
    return RegulatorRow(
        name=row.name, characteristic=row.characteristic, unit=row.unit, value=row.value, target=row.target,
        tolerance=row.tolerance, authority=report.authority, measurements=report.measurements, mean=report.mean,
        outside=report.outside, moves=report.moves, frozen=report.reason,
    )  # fmt: skip
