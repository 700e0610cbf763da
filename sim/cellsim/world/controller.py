"""The coater's PLC in virtual time: its own program, scanned only where a scan can change something."""

from __future__ import annotations

from collections.abc import Mapping

from cellctl.model.packml import PackMLState
from cellsim.plant.coater import Coater
from cellsim.plant.oven import LEL_TRIP_PERCENT
from cellsim.plant.setpoints import Setpoints
from cellsim.plc import registers as reg
from cellsim.plc.image import alarm_bits, setpoints_in_force
from cellsim.plc.program import Inputs, PlcProgram

_HOLDING = {clamp.name: k for k, clamp in reg.CLAMPS.items()}
_RESERVED = {f"reserved_{k}": 0.0 for k in range(reg.HR_PURGE + 1, reg.HR_ZONE_TEMPERATURE)}
"""Registers between the set-points that drive nothing: whatever is written, they show 0."""
_NO_SENSORS = Inputs(0, 0, 0, 0, 0, 0, 0)
_DUST = 9


class Controller:
    """Takes command blocks and shows what is in force; the cell's heartbeat is assumed to be in time.

    Attributes:
        setpoints: in force.
    """

    def __init__(self, now_ns: int) -> None:
        self._program = PlcProgram(now_ns)
        self._waiting = False
        self._shown: dict[str, float] = {}
        self._renew()

    def write(self, sequence: int, values: Mapping[str, float]) -> None:
        """A command block arrives in the holding registers; the next scan judges it."""
        holding = self._program.holding
        for name, value in values.items():
            if name not in _RESERVED:
                register = _HOLDING[name]
                holding[register] = round(value / reg.CLAMPS[register].scale)
        holding[reg.HR_CMD_SEQ] = sequence
        self._waiting = True

    def must_scan(self, coater: Coater) -> bool:
        """Whether the next scan can change anything: a block waits, or the PLC moves set-points by itself."""
        program = self._program
        return self._waiting or program.moves or coater.process.lel_percent >= LEL_TRIP_PERCENT

    def scan(self, now_ns: int, coater: Coater) -> None:
        """One scan of the program."""
        program = self._program
        program.holding[reg.HR_HEARTBEAT] = (program.holding[reg.HR_HEARTBEAT] + 1) & 0xFFFF
        program.scan(now_ns, _NO_SENSORS._replace(alarms=alarm_bits(coater)))
        self._waiting = False
        self._renew()

    def shown(self, scans: int, coater: Coater) -> dict[str, float]:
        """Tag name → value of everything that is not a sensor."""
        return self._shown | {"plc_heartbeat": float(scans & 0xFFFF), "alarm_bits": float(alarm_bits(coater))}

    def _renew(self) -> None:
        program = self._program
        self.setpoints: Setpoints = setpoints_in_force(program.in_force)
        self._shown = {
            clamp.name: round(round(program.in_force[k]) * clamp.scale, _DUST) for k, clamp in reg.CLAMPS.items()
        }
        self._shown |= _RESERVED
        self._shown |= {
            "seq_echo": float(program.inputs[reg.IR_SEQ_ECHO]),
            "accept_code": float(program.inputs[reg.IR_ACCEPT]),
            "packml_state": float(PackMLState.HELD if program.interlocked else PackMLState.EXECUTE),
            "unit_mode": float(program.inputs[reg.IR_MODE]),
        }
