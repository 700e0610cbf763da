"""Scripted faults of the PLC: silent, exception, late answers, not in Execute."""

from __future__ import annotations

from dataclasses import dataclass

from cellctl.model.packml import PackMLState


@dataclass(frozen=True)
class PlcFault:
    """One fault from `from_s` on for `for_s` seconds after the line's start.

    Attributes:
        kind: `silent` (no answer, requests have no effect), `exception` (every request is answered with
            exception 4), `late` (answers come `delay_s` late) or `held` (PackML state Held).
    """

    kind: str
    from_s: float
    for_s: float
    delay_s: float = 0.3


class PlcFaults:
    """Which fault is on at a time."""

    def __init__(self, faults: tuple[PlcFault, ...] = ()) -> None:
        self._faults = faults

    def active(self, t_s: float, *kinds: str) -> PlcFault | None:
        """The first fault of these kinds that is on at `t_s`."""
        running = (f for f in self._faults if f.kind in kinds and f.from_s <= t_s < f.from_s + f.for_s)
        return next(running, None)

    def state(self, t_s: float) -> PackMLState:
        """PackML state: Execute unless scripted otherwise."""
        return PackMLState.HELD if self.active(t_s, "held") else PackMLState.EXECUTE
