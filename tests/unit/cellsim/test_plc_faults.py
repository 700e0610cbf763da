"""What the PLC does wrong on order: each fault by its scans, and the same PLC without it."""

from __future__ import annotations

import pytest

from cellctl.clock import NS_PER_MS
from cellsim.plc import AcceptCode, Inputs, PlcFault, PlcFaults, PlcProgram, ScriptedPlc
from cellsim.plc import registers as reg
from cellsim.plc.faults import MANUAL, PRODUCTION

PLANT = Inputs(1_000_000, 70_000, 2000, 2000, 5000, 20_000, 0)
SCAN_NS = 10 * NS_PER_MS


class Bench:
    """A scripted PLC whose cell beats in time; a block is written and judged by `command`."""

    def __init__(self, *faults: PlcFault) -> None:
        self.now_ns = 0
        self.program = PlcProgram(0)
        self.plc = ScriptedPlc(self.program, PlcFaults(faults))
        self.scan(2)

    def scan(self, count: int = 1) -> None:
        for _ in range(count):
            self.now_ns += SCAN_NS
            self.program.holding[reg.HR_HEARTBEAT] += 1
            self.plc.scan(self.now_ns, self.now_ns / 1e9, PLANT)

    def command(self, load: int) -> int:
        """Write the left load; returns the accept code after the next scan."""
        self.program.holding[reg.HR_LOAD_LEFT] = load
        self.program.holding[reg.HR_CMD_SEQ] += 1
        self.scan()
        return self.program.inputs[reg.IR_ACCEPT]

    @property
    def in_force(self) -> int:
        return self.program.inputs[reg.IR_IN_FORCE + reg.HR_LOAD_LEFT]

    @property
    def echo(self) -> int:
        return self.program.inputs[reg.IR_SEQ_ECHO]


def always(kind, **settings):
    return PlcFault(kind, 0.0, 60.0, **settings)


def test_control_a_healthy_plc_takes_the_block():
    """Echo, code 0 and the value in force, in Execute and Production."""
    bench = Bench()
    assert bench.command(2010) == AcceptCode.TAKEN
    assert (bench.echo, bench.in_force, bench.program.inputs[reg.IR_MODE]) == (1, 2010, PRODUCTION)


def test_a_frozen_program_scans_no_more():
    """Its heartbeat stands, a block is not judged; afterwards both go on."""
    bench = Bench(PlcFault("frozen", 0.1, 1.0))
    bench.scan(10)
    stands = bench.program.inputs[reg.IR_HEARTBEAT]
    bench.command(2010)
    bench.scan(50)
    assert (bench.program.inputs[reg.IR_HEARTBEAT], bench.echo, bench.in_force) == (stands, 0, 2000)
    bench.scan(60)
    assert bench.program.inputs[reg.IR_HEARTBEAT] > stands
    assert bench.echo == 1


def test_a_wrong_echo_is_another_sequence():
    """The block is in force, and the echo names one that was never sent."""
    bench = Bench(always("wrong-echo"))
    bench.command(2010)
    assert (bench.echo, bench.in_force) == (2, 2010)


@pytest.mark.parametrize("code", [2, 9])
def test_every_block_may_be_refused_with_any_code(code):
    """Nothing comes into force, whether or not the code is one of the PLC's own."""
    bench = Bench(always("refuse", code=code))
    assert bench.command(2010) == code
    assert (bench.echo, bench.in_force) == (1, 2000)


def test_a_wrong_value_is_really_in_force():
    """One count more than was asked for, and shown as it is."""
    bench = Bench(always("wrong-value", register=reg.HR_LOAD_LEFT, by=1))
    assert bench.command(2010) == AcceptCode.TAKEN
    assert bench.in_force == 2011
    assert bench.program.in_force[reg.HR_LOAD_LEFT] == 2011


def test_an_operator_moves_a_set_point_once():
    """At the panel, without a sequence; the next block may move it away again."""
    bench = Bench(PlcFault("operator", 0.1, register=reg.HR_LOAD_LEFT, value=2030))
    bench.scan(10)
    assert (bench.echo, bench.in_force) == (0, 2030)
    bench.scan(120)
    assert bench.command(2020) == AcceptCode.TAKEN
    assert bench.in_force == 2020


def test_in_mode_manual_no_block_is_taken():
    """The mode's register says so; the state is still Execute."""
    bench = Bench(always("manual"))
    assert bench.command(2010) == AcceptCode.STATE
    assert bench.program.inputs[reg.IR_MODE] == MANUAL
    assert bench.in_force == 2000


def test_a_restart_forgets_everything():
    """The recipe in force, registers, echo and scans at their beginning."""
    bench = Bench(PlcFault("restart", 0.5))
    bench.command(2010)
    bench.scan(46)
    assert bench.in_force == 2010
    bench.scan(2)
    assert (bench.in_force, bench.echo, bench.program.holding[reg.HR_CMD_SEQ]) == (2000, 0, 0)
    assert bench.program.inputs[reg.IR_HEARTBEAT] <= 2
