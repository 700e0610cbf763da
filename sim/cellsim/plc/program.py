"""The PLC's scan program: pure, one call per scan.

The controller writes its values and `cmd_seq` in one request. At the next scan the PLC takes the whole block if
the heartbeat is fresh, the machine is in Execute and every value passes the clamp table and the slew limit; it
then sets `seq_echo`, `accept_code` and the in-force registers. A refused block changes nothing in force.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from cellctl.clock import NS_PER_MS
from cellctl.model.packml import PackMLState
from cellsim.plant.constants import STEP_S
from cellsim.plc import registers as reg
from cellsim.plc.faults import PRODUCTION, Upset
from cellsim.plc.slew import SlewWindow

HEARTBEAT_LIMIT_NS = 500 * NS_PER_MS
HEALTHY = Upset()
"""Nothing is wrong."""


class AcceptCode(IntEnum):
    """What became of a command block."""

    TAKEN = 0
    STALE_HEARTBEAT = 1
    CLAMP = 2
    STATE = 3
    SLEW = 4


class Inputs(NamedTuple):
    """What the plant's sensors say, in raw register units.

    Attributes:
        speed_um_s: of the web.
        encoder_mm: length of web past the blade.
        load_left: of the blade.
        load_right: of the blade.
        viscosity: of the slurry.
        film_weight: last reading of the gauge.
        film_encoder_mm: encoder position of that reading.
        others: (input register, value) of every other sensor.
        alarms: bits of the plant's own interlocks.
    """

    speed_um_s: int
    encoder_mm: int
    load_left: int
    load_right: int
    viscosity: int
    film_weight: int
    film_encoder_mm: int
    others: tuple[tuple[int, int], ...] = ()
    alarms: int = 0


class Command(NamedTuple):
    """A command block as judged: `asked` maps holding register → raw value; `code` may be a scripted one."""

    t_ns: int
    seq: int
    code: int
    asked: dict[int, int]

    @property
    def verdict(self) -> str:
        """The accept code's name."""
        return AcceptCode(self.code).name.lower() if self.code in set(AcceptCode) else f"code {self.code}"


class Events(NamedTuple):
    """What one scan did: for the log and the referee."""

    command: Command | None
    changed: dict[int, int]
    watchdog: bool | None


class PlcProgram:
    """The controller's memory and its scan.

    Attributes:
        holding: holding registers as last written by the client.
        inputs: input registers as the client may read them.
        in_force: holding register → value in force (fractions while the PLC itself ramps).
        tripped: the watchdog has missed the heartbeat.
        interlocked: the plant's own interlock stands: the machine is Held, and everything returns to the recipe.
    """

    def __init__(self, now_ns: int) -> None:
        self.holding = [0] * reg.HOLDING
        self.inputs = [0] * reg.INPUTS
        self.restart(now_ns)

    def restart(self, now_ns: int) -> None:
        """Begin as after power-on: the recipe in force, sequences and scans at 0, no beat seen."""
        self.holding[:] = [0] * reg.HOLDING
        for k, clamp in reg.CLAMPS.items():
            self.holding[k] = clamp.recipe
        self.in_force = {k: float(clamp.recipe) for k, clamp in reg.CLAMPS.items()}
        self._slew = {k: SlewWindow(value, now_ns) for k, value in self.in_force.items()}
        self._seq = self._beat = self._scan = 0
        self._beat_ns: int | None = None
        self._returning = self.tripped = self.interlocked = False
        self.inputs[reg.IR_SEQ_ECHO] = self.inputs[reg.IR_ACCEPT] = 0
        self._show_static()
        self._show_in_force()

    def move(self, register: int, value: int, now_ns: int) -> None:
        """Somebody at the panel puts another value of a set-point in force."""
        self._put_in_force(register, float(value), now_ns)

    @property
    def moves(self) -> bool:
        """Whether the program itself is moving set-points, so that every scan changes something."""
        return self._returning or self.interlocked or self.in_force[reg.HR_PURGE] != 0.0

    def scan(self, now_ns: int, plant: Inputs, upset: Upset = HEALTHY) -> Events:
        """One scan: watchdog, command, in-force registers, sensors."""
        before = self._shown()
        self.interlocked = bool(plant.alarms & reg.ALARM_LEL_TRIP)
        if self.interlocked:
            self._returning, upset = True, upset._replace(state=PackMLState.HELD)
        watchdog = self._watch_heartbeat(now_ns)
        command = self._judge(now_ns, upset)
        if self._returning:
            self._ramp_to_recipe(now_ns)
        self._show(plant, upset)
        after = self._shown()
        changed = {k: value for k, value in after.items() if value != before[k]}
        return Events(command, changed, watchdog)

    def _watch_heartbeat(self, now_ns: int) -> bool | None:
        """True when the watchdog trips in this scan, False when it re-arms; armed by the first beat."""
        if self.holding[reg.HR_HEARTBEAT] != self._beat:
            self._beat, self._beat_ns = self.holding[reg.HR_HEARTBEAT], now_ns
            was_tripped, self.tripped = self.tripped, False
            return False if was_tripped else None
        if self._beat_ns is None or self.tripped or now_ns - self._beat_ns <= HEARTBEAT_LIMIT_NS:
            return None
        self.tripped = self._returning = True
        return True

    def _judge(self, now_ns: int, upset: Upset) -> Command | None:
        if self.holding[reg.HR_CMD_SEQ] == self._seq:
            return None
        self._seq = self.holding[reg.HR_CMD_SEQ]
        asked = {k: self.holding[k] for k in reg.CLAMPS}
        code = upset.refuse or self._accept(now_ns, upset, asked)
        if code == AcceptCode.TAKEN:
            self._returning = False
            for k, value in (asked | {k: asked[k] + by for k, by in upset.by}).items():
                self._put_in_force(k, float(value), now_ns)
        self.inputs[reg.IR_SEQ_ECHO] = (self._seq + upset.echo) & 0xFFFF
        self.inputs[reg.IR_ACCEPT] = code
        return Command(now_ns, self._seq, code, asked)

    def _accept(self, now_ns: int, upset: Upset, asked: dict[int, int]) -> AcceptCode:
        if self._beat_ns is None or now_ns - self._beat_ns > HEARTBEAT_LIMIT_NS:
            return AcceptCode.STALE_HEARTBEAT
        if any(not clamp.lowest <= asked[k] <= clamp.highest for k, clamp in reg.CLAMPS.items()):
            return AcceptCode.CLAMP
        if upset.state is not PackMLState.EXECUTE or upset.mode != PRODUCTION:
            return AcceptCode.STATE
        if not all(self._slew_allows(k, value, now_ns) for k, value in asked.items()):
            return AcceptCode.SLEW
        return AcceptCode.TAKEN

    def _slew_allows(self, k: int, value: int, now_ns: int) -> bool:
        slew = reg.CLAMPS[k].slew_per_s
        return slew is None or self._slew[k].allows(now_ns, value, slew + 1)

    def _ramp_to_recipe(self, now_ns: int) -> None:
        """The watchdog's safe state: walk back to the PLC's own recipe at the slew limit."""
        for k, clamp in reg.CLAMPS.items():
            gap = clamp.recipe - self.in_force[k]
            step = abs(gap) if clamp.slew_per_s is None else clamp.slew_per_s * STEP_S
            self._put_in_force(k, self.in_force[k] + max(-step, min(step, gap)), now_ns)
        self._returning = any(clamp.recipe != self.in_force[k] for k, clamp in reg.CLAMPS.items())

    def _put_in_force(self, k: int, value: float, now_ns: int) -> None:
        self.in_force[k] = value
        self._slew[k].record(now_ns, value)

    def _shown(self) -> dict[int, int]:
        return {k: self.inputs[reg.IR_IN_FORCE + k] for k in reg.CLAMPS}

    def _show(self, plant: Inputs, upset: Upset) -> None:
        self._scan += 1
        show = self.inputs
        show[reg.IR_HEARTBEAT] = self._scan & 0xFFFF
        show[reg.IR_STATE], show[reg.IR_MODE] = upset.state, upset.mode
        show[reg.IR_ALARMS] = plant.alarms | (reg.ALARM_WATCHDOG if self.tripped else 0)
        for register, value in plant.others:
            show[register] = value
        show[reg.IR_SPEED : reg.IR_SPEED + 2] = reg.split_u32(plant.speed_um_s)
        show[reg.IR_ENCODER : reg.IR_ENCODER + 2] = reg.split_u32(plant.encoder_mm)
        show[reg.IR_LOAD_LEFT], show[reg.IR_LOAD_RIGHT] = plant.load_left, plant.load_right
        show[reg.IR_VISCOSITY] = plant.viscosity
        show[reg.IR_FILM_WEIGHT] = plant.film_weight
        show[reg.IR_FILM_ENCODER : reg.IR_FILM_ENCODER + 2] = reg.split_u32(plant.film_encoder_mm)
        self._show_in_force()

    def _show_in_force(self) -> None:
        for k, value in self.in_force.items():
            self.inputs[reg.IR_IN_FORCE + k] = round(value)

    def _show_static(self) -> None:
        """Before the first scan the sensors stand at the recipe's values."""
        show = self.inputs
        show[reg.IR_MODE] = PRODUCTION
        show[reg.IR_GAP_LEFT] = show[reg.IR_GAP_RIGHT] = 2500
        show[reg.IR_POOL_LEVEL], show[reg.IR_FEED_PRESSURE] = 500, 50
        show[reg.IR_SLURRY_TEMPERATURE] = 250
        for zone in range(reg.ZONES):
            show[reg.IR_AIR_TEMPERATURE + zone] = reg.CLAMPS[reg.HR_ZONE_TEMPERATURE + zone].recipe
            show[reg.IR_WEB_TEMPERATURE + zone] = _WEB_T[zone]
        show[reg.IR_LEL], show[reg.IR_EXHAUST], show[reg.IR_RESIDUAL] = 146, 2400, 183
        show[reg.IR_TENSION] = 120
        show[reg.IR_FOIL_LOT : reg.IR_FOIL_LOT + 2] = reg.split_u32(0x0F01_1001)


_WEB_T = (680, 850, 930, 960, 990, 1040, 1120, 1120, 1050, 860)
"""Web temperature after each zone at the recipe, 0.1 °C."""
