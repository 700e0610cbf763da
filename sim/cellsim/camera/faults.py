"""Scripted faults of the camera: frozen, dark, silent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CameraFault:
    """One fault from `from_s` on for `for_s` seconds after the line's start.

    Attributes:
        kind: `frozen` (the same pixels again and again), `dark` (lamp out) or `silent` (nothing is sent).
    """

    kind: str
    from_s: float
    for_s: float


class CameraFaults:
    """Which fault is on at a time."""

    def __init__(self, faults: tuple[CameraFault, ...] = ()) -> None:
        self._faults = faults

    def active(self, t_s: float) -> str | None:
        """Kind of the first fault that is on at `t_s`, or None."""
        running = (f.kind for f in self._faults if f.from_s <= t_s < f.from_s + f.for_s)
        return next(running, None)
