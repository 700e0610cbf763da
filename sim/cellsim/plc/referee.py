"""The referee: counts everything a controller asked for outside the envelope that the plant was proven in.

It judges what was asked, not what was taken: a request that the PLC refused is still a violation. Its limits are
its own and come from no file of the controller. The controller of this line has business with the blade's loads alone:
a command block carries every register, and one that asks for another value of any other is a violation too.
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
    """Judges all registers: the blade's loads by range and slew, all others by their clamp and by staying as they are.

    A load may be ±15 % off the recipe, and move 2 %/s over any 1 s plus one unit of the register.
    """

    def __init__(self, now_ns: int) -> None:
        self._history = {k: SlewWindow(RECIPE_LOAD_KPA, now_ns) for k in _JUDGED}
        self._others = {k: clamp.recipe for k, clamp in reg.CLAMPS.items() if k not in _JUDGED}
        self.violations = 0

    def judge(self, t_ns: int, asked: dict[int, int]) -> list[str]:
        """Count and name the violations in one command block (register → raw value)."""
        found = self._judge_others(asked)
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
        self._others |= {k: value for k, value in changed.items() if k in self._others}

    def _judge_others(self, asked: dict[int, int]) -> list[str]:
        found = []
        for k, in_force in self._others.items():
            clamp, value = reg.CLAMPS[k], asked[k]
            if not clamp.lowest <= value <= clamp.highest:
                found.append(f"{clamp.name}: {value} is outside {clamp.lowest} to {clamp.highest}")
            elif value != in_force:
                found.append(f"{clamp.name}: changed from {in_force} to {value}, and is none of the cell's business")
        return found
