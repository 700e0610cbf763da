"""Speed of the web over time, and the metres that follow from it exactly."""

from __future__ import annotations

from cellsim.plant.disturbances import Slowdown


class SpeedPlan:
    """Constant speed, or slowing down at regular times: down over `ramp_s`, `hold_s` there, and up again.

    Args:
        nominal_m_s: of the recipe.
        slowdown: None for a constant speed.
    """

    def __init__(self, nominal_m_s: float, slowdown: Slowdown | None) -> None:
        self.nominal_m_s = nominal_m_s
        self._slow = slowdown
        if slowdown is not None:
            start = slowdown.every_s - slowdown.hold_s - 2 * slowdown.ramp_s
            self._knots_s = (start, start + slowdown.ramp_s, start + slowdown.ramp_s + slowdown.hold_s)
            self._period_lost_m = self._lost_m(slowdown.every_s)

    def speed_m_s(self, t_s: float) -> float:
        """Speed at a time."""
        if self._slow is None:
            return self.nominal_m_s
        t_s %= self._slow.every_s
        down, low, up = self._knots_s
        if t_s <= down:
            return self.nominal_m_s
        change = self._slow.to_m_s - self.nominal_m_s
        if t_s <= low:
            return self.nominal_m_s + change * (t_s - down) / self._slow.ramp_s
        if t_s <= up:
            return self._slow.to_m_s
        return self._slow.to_m_s - change * (t_s - up) / self._slow.ramp_s

    def distance_mm(self, t_s: float) -> float:
        """Web made from the start up to a time."""
        if self._slow is None:
            return self.nominal_m_s * t_s * 1000.0
        periods, rest_s = divmod(t_s, self._slow.every_s)
        lost = periods * self._period_lost_m
        if rest_s > self._knots_s[0]:
            lost += self._lost_m(rest_s)
        return (self.nominal_m_s * t_s - lost) * 1000.0

    def _lost_m(self, t_s: float) -> float:
        """Metres that the slowdown has cost within its period."""
        assert self._slow is not None
        down, low, up = self._knots_s
        drop, ramp = self.nominal_m_s - self._slow.to_m_s, self._slow.ramp_s
        lost = 0.0
        if t_s > down:
            lost += drop * (min(t_s, low) - down) ** 2 / (2 * ramp)
        if t_s > low:
            lost += drop * (min(t_s, up) - low)
        if t_s > up:
            rising = t_s - up
            lost += drop * (rising - rising * rising / (2 * ramp))
        return lost
