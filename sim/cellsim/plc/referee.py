"""The referee: counts everything a controller asked for outside the envelope that the plant was proven in.

It judges what was asked, not what was taken: a request that the PLC refused is still a violation. Its limits are
its own and come from no file of the controller.
"""

from __future__ import annotations

from cellsim.plant.constants import RECIPE_LOAD_KPA
from cellsim.plc import registers as reg
from cellsim.plc.slew import SlewWindow

_RANGE = 0.15
_SLEW_PER_S = 0.02
_LSB_KPA = 0.01
_EPSILON_KPA = 1e-6
_JUDGED = {reg.HR_LOAD_LEFT: "blade_load_sp_left", reg.HR_LOAD_RIGHT: "blade_load_sp_right"}


class Referee:
    """Judges the blade's set-points: ±15 % of the recipe, 2 %/s over any 1 s plus one unit of the register."""

    def __init__(self, now_ns: int) -> None:
        self._history = {k: SlewWindow(RECIPE_LOAD_KPA, now_ns) for k in _JUDGED}
        self.violations = 0

    def judge(self, t_ns: int, asked: dict[int, int]) -> list[str]:
        """Count and name the violations in one command block (register → raw value)."""
        found = []
        for k, name in _JUDGED.items():
            value = asked[k] * _LSB_KPA
            if abs(value - RECIPE_LOAD_KPA) > _RANGE * RECIPE_LOAD_KPA + _EPSILON_KPA:
                found.append(f"{name}: {value:.2f} kPa is outside ±15 % of {RECIPE_LOAD_KPA:g} kPa")
            limit = _SLEW_PER_S * RECIPE_LOAD_KPA + _LSB_KPA + _EPSILON_KPA
            if not self._history[k].allows(t_ns, value, limit):
                found.append(f"{name}: {value:.2f} kPa is more than {limit:.2f} kPa away within 1 s")
        self.violations += len(found)
        return found

    def in_force(self, t_ns: int, changed: dict[int, int]) -> None:
        """Take note of what is in force now; slew is judged against it."""
        for k in _JUDGED.keys() & changed.keys():
            self._history[k].record(t_ns, changed[k] * _LSB_KPA)
