"""Counts the windows of each sensor, as the faces show them."""

from __future__ import annotations

import msgspec

from cellctl.hmi.view import SensorRow
from cellctl.model import Features, Judgement


class Sensors:
    """One row per sensor, in the order in which they were first heard."""

    def __init__(self) -> None:
        self._rows: dict[str, SensorRow] = {}

    def see(self, message: Features) -> None:
        """Count one window and the lost ones before it."""
        row = self._rows.get(message.device, SensorRow(message.device, 0, 0, 0, 0, ""))
        self._rows[message.device] = msgspec.structs.replace(
            row,
            judged=row.judged + 1,
            ng=row.ng + (message.judgement is Judgement.NG),
            indeterminate=row.indeterminate + (message.judgement is Judgement.INDETERMINATE),
            lost=row.lost + message.lost_windows,
            reason=message.reason,
        )

    def rows(self) -> tuple[SensorRow, ...]:
        """All rows."""
        return tuple(self._rows.values())
