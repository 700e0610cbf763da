"""Where the web was at a time: the encoder's readings and the moves' own positions, in metres."""

from __future__ import annotations

from bisect import bisect_left

from cellctl.report.numbers import drawable
from cellctl.report.run_record import RunRecord
from cellctl.units import convert

MM = {"mm": 1.0, "m": 1000.0, "cm": 10.0, "µm": 0.001, "um": 0.001}
"""Units of an encoder → millimetres; the units library is asked for others only."""


def to_mm(amount: float, unit: str) -> float:
    """A length in millimetres; ValueError when the unit is no length."""
    factor = MM.get(unit)
    return amount * factor if factor is not None else amount * convert(f"1 {unit}", "mm")


class Travel:
    """Monotonic time → encoder position, m; minutes since the beginning where no encoder is on record."""

    def __init__(self, run: RunRecord) -> None:
        self._begin_ns = run.begin_ns
        points = {
            (result.stamp.t_ns, result.encoder_mm / 1000.0)
            for result in run.results
            if result.encoder_mm and drawable(result.encoder_mm, result.stamp.t_ns / 1e9)
        }
        encoder = run.cell.web.encoder if run.cell is not None else ""
        for reading in run.readings:
            if encoder in reading.values:
                try:
                    mm = to_mm(*reading.values[encoder])
                except ValueError:
                    break  # the encoder counts something that is no length
                points.add((reading.t_ns, mm / 1000.0))
        ordered = sorted(points)
        self._t_ns = [t_ns for t_ns, _ in ordered]
        self._m = [m for _, m in ordered]

    @property
    def in_metres(self) -> bool:
        """Whether there is an encoder on record."""
        return len(self._m) > 1

    def whole(self, end_ns: int) -> tuple[float, float]:
        """First and last place of the run on this axis, for charts that lie below each other."""
        first, last = self.at(self._begin_ns), self.at(end_ns)
        return (first, last) if last > first else (first, first + 1.0)

    def at(self, t_ns: int) -> float:
        """Metres (or minutes) at that time; before the first and after the last position, that one."""
        if not self.in_metres:
            return (t_ns - self._begin_ns) / 60e9
        place = bisect_left(self._t_ns, t_ns)
        if place == 0 or place == len(self._t_ns):
            return self._m[0 if place == 0 else -1]
        t0, t1 = self._t_ns[place - 1], self._t_ns[place]
        part = (t_ns - t0) / (t1 - t0)
        return self._m[place - 1] + part * (self._m[place] - self._m[place - 1])
