"""The newest of everything that other systems may read; what was not said again in time is Bad."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellctl.config.resolved import ResolvedCell
from cellctl.devices.modbus_server.image import Shown
from cellctl.model import Alarm, CellState, Correction, Priority, Quality, Reading, TagValue, TransactionState
from cellctl.runtime.scada.names import CORRECTION, GRANTED, QUALITY

AUTHORITIES = ("off", "shadow", "advisory", "confirm", "auto")
"""Their numbers are their places, from 0."""
NO_CORRECTION = 0
STATES = {state: number for number, state in enumerate(TransactionState, NO_CORRECTION + 1)}
BEAT_NS = 100 * NS_PER_MS
BEATS = 1 << 16
NOTHING = Shown(0.0, Quality.BAD_WAITING_FOR_INITIAL_DATA)

Read = Callable[[CellState], float | str]


class Picture:
    """Takes in messages and answers by name.

    Args:
        cell: the running cell.
        stale_s: what was not said again for so long is Bad.
    """

    def __init__(self, cell: ResolvedCell, stale_s: float) -> None:
        self._stale_ns = round(stale_s * NS_PER_S)
        self._state: CellState | None = None
        self._values: dict[str, TagValue] = {}
        self._said_ns: dict[str, int] = {}
        self._alarms: dict[str, Alarm] = {}
        self._corrections: dict[str, float] = {}
        self._of_the_cell = dict(self._readers(cell))

    def take(self, message: Any) -> None:
        """One message of the cell."""
        match message:
            case Reading():
                self._said_ns[message.device] = message.stamp.t_ns
                self._values.update({it.tag: it for it in message.values})
            case CellState():
                self._state = message
            case Alarm(active=True):
                self._alarms[message.id] = message
            case Alarm():
                self._alarms.pop(message.id, None)
            case Correction():
                self._corrections[message.loop] = float(STATES[message.state])

    def show(self, name: str, now_ns: int) -> Shown:
        """The value of a name that the cell knows, with the quality that it has now."""
        read = self._of_the_cell.get(name)
        if read is not None:
            return self._read(read, now_ns)
        tag, _, aspect = name.rpartition(".")
        if "." not in tag:
            return self._value(name, now_ns)
        if aspect == QUALITY:
            return Shown(float(self._value(tag, now_ns).quality >> 16), Quality.GOOD)
        known = self._values.get(tag)
        return Shown((now_ns - known.t_ns) / NS_PER_S, Quality.GOOD) if known is not None and known.t_ns else NOTHING

    def _value(self, tag: str, now_ns: int) -> Shown:
        known = self._values.get(tag)
        if known is None:
            return NOTHING
        old = now_ns - self._said_ns[tag.partition(".")[0]] > self._stale_ns
        return Shown(known.text or known.value, Quality.BAD_TIMEOUT if old else known.quality)

    def _read(self, read: Read, now_ns: int) -> Shown:
        """What the cell says of itself is as old as its state, which is sent anew all the time."""
        state = self._state
        if state is None:
            return NOTHING
        old = now_ns - state.stamp.t_ns > self._stale_ns
        return Shown(read(state), Quality.BAD_TIMEOUT if old else Quality.GOOD)

    def _readers(self, cell: ResolvedCell) -> Iterator[tuple[str, Read]]:
        yield "cell.beat", lambda state: float(state.stamp.t_ns // BEAT_NS % BEATS)
        yield "cell.state", lambda state: float(state.state)
        yield "cell.epoch", lambda state: float(state.epoch)
        yield "cell.safe", lambda state: float(state.safe)
        yield "cell.changing", lambda state: float(state.changing)
        yield "cell.product", lambda state: state.product or cell.recipe.product
        yield "cell.lot", lambda state: state.lot or cell.lot
        yield "alarms.active", lambda _: float(len(self._alarms))
        yield "alarms.high", lambda _: float(sum(it.priority is Priority.HIGH for it in self._alarms.values()))
        yield "alarms.holding", lambda _: float(sum(it.holds for it in self._alarms.values()))
        for loop in (*cell.loops, *cell.advising):
            yield f"loops.{loop.name}.{GRANTED}", partial(_constant, float(AUTHORITIES.index(loop.authority)))
            yield f"loops.{loop.name}.{CORRECTION}", partial(self._correction, loop.name)

    def _correction(self, loop: str, _: CellState) -> float:
        return self._corrections.get(loop, NO_CORRECTION)


def _constant(number: float, _: CellState) -> float:
    return number
