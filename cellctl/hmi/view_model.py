"""Turns the cell's messages into what its faces show."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from cellctl.clock import Clock
from cellctl.config.resolved import Loop, ResolvedCell
from cellctl.errors import CellError
from cellctl.hmi.asked import Asked
from cellctl.hmi.changing import changing
from cellctl.hmi.progress import Progress
from cellctl.hmi.regulators import Regulators
from cellctl.hmi.sensors import Sensors
from cellctl.hmi.stages import StageTimes
from cellctl.hmi.tally import DefectTally
from cellctl.hmi.view import AlarmRow, CellView, NonconformityRow, ProcessRow
from cellctl.model import (
    Advice,
    Alarm,
    CellState,
    Correction,
    Escalation,
    Features,
    Inspection,
    Judgement,
    Label,
    Message,
    Nonconformity,
    Priority,
    Reading,
    Regulation,
    TagValue,
    WriteResult,
)
from cellctl.runtime.topology import Role, role_of

URGENCY = {Priority.HIGH: 0, Priority.MEDIUM: 1, Priority.LOW: 2}
MM_PER_UNIT = {"mm": 1.0, "m": 1000.0, "µm": 1e-3, "um": 1e-3}


class ViewModel:
    """Feed it every message that concerns a face (`take`), then ask for a `view`."""

    def __init__(self, cell: ResolvedCell, clock: Clock) -> None:
        self._cell = cell
        self._clock = clock
        self._since_ns = clock.now_ns()
        self._state: CellState | None = None
        self._speed_m_s: float | None = None
        self._encoder_m: float | None = None
        self._frames = {"judged": 0, "indeterminate": 0, "dropped": 0}
        loops = (*cell.loops, *cell.advising)
        self._tally = DefectTally(
            {(loop.watch.defect, loop.side.value): loop.watch.alarm for loop in loops},
            {(loop.watch.defect, loop.side.value): loop.watch.camera for loop in loops},
        )
        self._regulators = Regulators(cell)
        self._asked = Asked()
        self._sensors = Sensors()
        self._has_cameras = any(_is_camera(device.driver) for device in cell.devices)
        self._stages = StageTimes()
        self._corrections: dict[str, Progress] = {}
        self._nonconformities: dict[str, NonconformityRow] = {}
        self._alarms: dict[str, tuple[tuple[int, int], AlarmRow]] = {}
        self._processes: tuple[ProcessRow, ...] = ()
        self._received = 0
        self._blind = ""
        self._takers: dict[type[Message], Callable[[Any], None]] = {
            Inspection: self._inspection,
            Features: self._sensors.see,
            Reading: self._reading,
            Correction: self._correction,
            WriteResult: self._stages.result,
            Nonconformity: self._nonconformity,
            Alarm: self._alarm,
            CellState: self._cell_state,
            Regulation: self._regulators.report,
            Advice: self._asked.advice,
            Escalation: self._asked.question,
            Label: self._asked.label,
        }

    def take(self, message: Message) -> None:
        """Take one message; kinds that no face shows are ignored."""
        take = self._takers.get(type(message))
        if take is not None:
            take(message)

    def processes(self, rows: Iterable[ProcessRow]) -> None:
        """Say which processes there are."""
        self._processes = tuple(rows)

    def received(self, frames: int) -> None:
        """Say how many frames the cameras delivered, so that those still in work show."""
        self._received = frames

    def view(self) -> CellView:
        """The cell as it stands now."""
        frames, told = self._frames, self._asked.alarms()
        return CellView(
            cell=self._cell.id,
            state=self._state.state.name if self._state else "STOPPED",
            reason=self._state.reason if self._state else "",
            changing=changing(self._cell, self._state),
            elapsed_s=(self._clock.now_ns() - self._since_ns) / 1e9,
            speed_m_s=self._speed_m_s,
            encoder_m=self._encoder_m,
            inspected_m=self._tally.inspected_m,
            defects=self._tally.rows(),
            corrections=tuple(progress.row() for progress in reversed(self._corrections.values())),
            regulators=self._regulators.rows(),
            advices=self._asked.advices(self._clock.now_ns()),
            questions=self._asked.questions(),
            nonconformities=tuple(reversed(self._nonconformities.values())),
            alarms=tuple(row for _, row in sorted(self._alarms.values(), key=_urgency) if row.id not in told),
            stages=self._stages.rows(),
            received=max(self._received, frames["judged"]),
            judged=frames["judged"],
            indeterminate=frames["indeterminate"],
            dropped=frames["dropped"],
            blind=self._blind,
            processes=self._processes,
            sensors=self._sensors.rows(),
            has_web=bool(self._cell.web.encoder or self._cell.web.speed),
            has_cameras=self._has_cameras,
        )

    def _inspection(self, message: Inspection) -> None:
        self._frames["judged"] += 1
        self._frames["dropped"] += message.lost_frames
        self._frames["indeterminate"] += message.judgement is Judgement.INDETERMINATE
        self._blind = message.reason
        self._tally.see(message)
        self._stages.inspection(message)
        for progress in self._corrections.values():
            progress.inspect(message)

    def _cell_state(self, message: CellState) -> None:
        self._state = message

    def _reading(self, message: Reading) -> None:
        self._speed_m_s = _metres(message.get(self._cell.web.speed), "/s")
        self._encoder_m = _metres(message.get(self._cell.web.encoder))
        self._regulators.reading(message)

    def _correction(self, message: Correction) -> None:
        if message.transaction not in self._corrections:
            self._corrections[message.transaction] = Progress(message, self._loop(message))
        self._corrections[message.transaction].update(message)
        self._asked.correction(message)

    def _loop(self, message: Correction) -> Loop | None:
        matching = (loop for loop in self._cell.loops if loop.name == message.loop and loop.side is message.side)
        return next(matching, None)

    def _nonconformity(self, message: Nonconformity) -> None:
        self._nonconformities[message.id] = NonconformityRow(
            message.id, message.defect, message.span.from_mm / 1000, message.span.to_mm / 1000, message.cause
        )

    def _alarm(self, message: Alarm) -> None:
        if message.active:
            row = AlarmRow(message.id, message.priority.value, message.text)
            self._alarms[message.id] = ((URGENCY[message.priority], -message.stamp.t_ns), row)
        else:
            self._alarms.pop(message.id, None)


def _is_camera(driver: str) -> bool:
    """Whether a device gives frames; one whose driver is not installed here may."""
    try:
        return role_of(driver) is Role.CAMERA
    except CellError:
        return True


def _urgency(alarm: tuple[tuple[int, int], AlarmRow]) -> tuple[int, int]:
    """The most urgent first, of these the newest."""
    return alarm[0]


def _metres(value: TagValue | None, per: str = "") -> float | None:
    """The value in metres (per second), None while it is not known or Bad."""
    if value is None or value.quality.is_bad or not math.isfinite(value.value):
        return None
    return value.value * MM_PER_UNIT.get(value.unit.removesuffix(per), 1.0) / 1000.0
