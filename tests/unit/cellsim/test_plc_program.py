"""The PLC's scan program: what it takes, what it refuses, and what the watchdog does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cellctl.clock import NS_PER_MS
from cellctl.model.packml import PackMLState
from cellsim.journal import PlcLog
from cellsim.plc import AcceptCode, Inputs, PlcProgram, Referee, Upset
from cellsim.plc import registers as reg
from cellsim.plc.slew import SlewWindow

PLANT = Inputs(1_000_000, 70_000, 2000, 2000, 5000, 20_000, 0)
SCAN_NS = 10 * NS_PER_MS


class Bench:
    """A PLC on the bench: a virtual clock, a heartbeat that can be stopped."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.plc = PlcProgram(self.now_ns)
        self.beating = True
        self.plant = PLANT
        self.state = PackMLState.EXECUTE
        self.events = self.scan()

    def scan(self, count: int = 1):
        for _ in range(count):
            self.now_ns += SCAN_NS
            if self.beating:
                self.plc.holding[reg.HR_HEARTBEAT] = (self.plc.holding[reg.HR_HEARTBEAT] + 1) & 0xFFFF
            self.events = self.plc.scan(self.now_ns, self.plant, Upset(self.state))
        return self.events

    def command(self, **values: int) -> AcceptCode:
        for name, value in values.items():
            self.plc.holding[getattr(reg, name)] = value
        self.plc.holding[reg.HR_CMD_SEQ] += 1
        self.scan()
        return AcceptCode(self.plc.inputs[reg.IR_ACCEPT])

    def in_force(self, k: int) -> int:
        return self.plc.inputs[reg.IR_IN_FORCE + k]


def test_block_is_taken_at_the_next_scan() -> None:
    """A valid block is echoed, accepted and in force after one scan."""
    bench = Bench()
    assert bench.command(HR_LOAD_LEFT=2040) is AcceptCode.TAKEN
    assert bench.plc.inputs[reg.IR_SEQ_ECHO] == 1
    assert bench.in_force(reg.HR_LOAD_LEFT) == 2040
    assert bench.in_force(reg.HR_LOAD_RIGHT) == 2000


def test_values_without_an_advanced_sequence_change_nothing() -> None:
    """Holding registers alone are only an echo: without a new cmd_seq nothing comes in force."""
    bench = Bench()
    bench.plc.holding[reg.HR_LOAD_LEFT] = 2040
    bench.scan(5)
    assert bench.in_force(reg.HR_LOAD_LEFT) == 2000


def test_stale_heartbeat_is_refused() -> None:
    """Code 1 when the heartbeat has not changed for over 500 ms; nothing comes in force."""
    bench = Bench()
    bench.beating = False
    bench.scan(51)
    assert bench.command(HR_LOAD_LEFT=2040) is AcceptCode.STALE_HEARTBEAT
    assert bench.in_force(reg.HR_LOAD_LEFT) == 2000


def test_heartbeat_of_just_under_the_limit_is_fresh() -> None:
    """The negative control: a heartbeat 490 ms old still lets a block through."""
    bench = Bench()
    bench.beating = False
    bench.scan(48)
    assert bench.command(HR_LOAD_LEFT=2040) is AcceptCode.TAKEN


def test_never_seen_heartbeat_is_stale() -> None:
    """Without any heartbeat since power-up no block is taken."""
    bench = Bench.__new__(Bench)
    bench.now_ns, bench.beating, bench.state, bench.plc = 0, False, PackMLState.EXECUTE, PlcProgram(0)
    bench.plant = PLANT
    assert bench.command(HR_LOAD_LEFT=2001) is AcceptCode.STALE_HEARTBEAT


@pytest.mark.parametrize("value", [1499, 2501, 0, 65535])
def test_value_outside_the_clamp_table_is_refused(value: int) -> None:
    """Code 2, and the whole block stays out: also its good values."""
    bench = Bench()
    assert bench.command(HR_LOAD_LEFT=value, HR_LOAD_RIGHT=2010) is AcceptCode.CLAMP
    assert bench.in_force(reg.HR_LOAD_LEFT) == bench.in_force(reg.HR_LOAD_RIGHT) == 2000


def test_block_outside_execute_is_refused() -> None:
    """Code 3 while the machine is held; the same block is taken in Execute."""
    bench = Bench()
    bench.state = PackMLState.HELD
    assert bench.command(HR_LOAD_LEFT=2010) is AcceptCode.STATE
    bench.state = PackMLState.EXECUTE
    assert bench.command() is AcceptCode.TAKEN


def test_slew_limit_allows_one_unit_more_and_no_further() -> None:
    """2 %/s of 20 kPa is 40 units a second: 41 are taken, 42 refused with code 4."""
    assert Bench().command(HR_LOAD_LEFT=2041) is AcceptCode.TAKEN
    assert Bench().command(HR_LOAD_LEFT=2042) is AcceptCode.SLEW


def test_slew_is_judged_over_any_second() -> None:
    """A second step within the same second is refused, after the second it is taken."""
    bench = Bench()
    assert bench.command(HR_LOAD_LEFT=2040) is AcceptCode.TAKEN
    bench.scan(97)
    assert bench.command(HR_LOAD_LEFT=2080) is AcceptCode.SLEW
    bench.scan(2)
    assert bench.command(HR_LOAD_LEFT=2080) is AcceptCode.TAKEN


def test_slew_window_holds_both_extremes() -> None:
    """Up and down within a second counts from the extreme, not from the latest value."""
    window = SlewWindow(0.0, 0)
    window.record(100, 5.0)
    window.record(200, 0.0)
    assert not window.allows(300, -4.0, 5.0)
    assert window.allows(300, 5.0, 5.0)


def test_refused_block_still_echoes_its_sequence() -> None:
    """The controller can tell a refusal from a lost request."""
    bench = Bench()
    bench.command(HR_LOAD_LEFT=9999)
    assert bench.plc.inputs[reg.IR_SEQ_ECHO] == 1


def test_watchdog_returns_to_the_recipe_at_the_slew_limit() -> None:
    """500 ms without a beat: alarm bit, then 40 units a second back to the PLC's own recipe."""
    bench = Bench()
    bench.command(HR_LOAD_LEFT=2040)
    bench.scan(100)
    bench.command(HR_LOAD_LEFT=2080)
    bench.beating = False
    trips = [bench.scan().watchdog for _ in range(60)]
    assert trips.index(True) == 50
    assert trips.count(True) == 1
    assert bench.plc.inputs[reg.IR_ALARMS] & reg.ALARM_WATCHDOG
    bench.scan(91)
    assert bench.in_force(reg.HR_LOAD_LEFT) == pytest.approx(2040, abs=1)
    bench.scan(110)
    assert bench.in_force(reg.HR_LOAD_LEFT) == 2000


def test_watchdog_rearms_when_the_heartbeat_returns() -> None:
    """The alarm bit goes, a command is taken again, and a second silence trips again."""
    bench = Bench()
    bench.beating = False
    bench.scan(60)
    bench.beating = True
    assert bench.scan().watchdog is False
    assert not bench.plc.inputs[reg.IR_ALARMS] & reg.ALARM_WATCHDOG
    assert bench.command(HR_LOAD_LEFT=2010) is AcceptCode.TAKEN
    bench.beating = False
    assert True in [bench.scan().watchdog for _ in range(60)]


def test_beating_controller_never_trips_the_watchdog() -> None:
    """The negative control: with a heartbeat every scan there is no trip."""
    bench = Bench()
    assert not any(bench.scan().watchdog for _ in range(200))
    assert not bench.plc.tripped


def test_sensors_stand_where_the_map_says() -> None:
    """32 bit values are high word first; heartbeat and state are in their registers."""
    bench = Bench()
    inputs = bench.plc.inputs
    assert (inputs[reg.IR_ENCODER] << 16) + inputs[reg.IR_ENCODER + 1] == 70_000
    assert (inputs[10] << 16) + inputs[11] == 1_000_000
    assert inputs[2] == 6
    before = inputs[reg.IR_HEARTBEAT]
    bench.scan()
    assert inputs[reg.IR_HEARTBEAT] == before + 1


def test_referee_counts_what_was_asked_outside_the_range() -> None:
    """23.00 kPa is in, 23.01 kPa is out; the value counts although the PLC would refuse it."""
    referee = Referee(0)
    referee.in_force(1, {reg.HR_LOAD_LEFT: 2300})
    asked = {k: clamp.recipe for k, clamp in reg.CLAMPS.items()}
    assert referee.judge(3_000_000_000, asked | {reg.HR_LOAD_LEFT: 2300}) == []
    assert len(referee.judge(3_000_000_000, asked | {reg.HR_LOAD_LEFT: 2301})) == 1
    assert referee.violations == 1


def test_referee_counts_what_was_asked_too_fast() -> None:
    """0.41 kPa within a second is in, 0.42 kPa is out."""
    referee = Referee(0)
    asked = {k: clamp.recipe for k, clamp in reg.CLAMPS.items()}
    assert referee.judge(1, asked | {reg.HR_LOAD_RIGHT: 2041}) == []
    assert len(referee.judge(1, asked | {reg.HR_LOAD_RIGHT: 1958})) == 1


def test_referee_counts_a_change_of_any_other_register() -> None:
    """The cell has business with the blade's loads alone; another fan set-point within its clamp is a violation."""
    referee = Referee(0)
    asked = {k: clamp.recipe for k, clamp in reg.CLAMPS.items()}
    assert referee.judge(1, asked) == []
    (found,) = referee.judge(1, asked | {reg.HR_ZONE_FAN: 601})
    assert found.startswith("zone_fan_sp_1: changed from 600 to 601")


def test_referee_counts_every_register_outside_its_clamp() -> None:
    """One violation for each, whatever the register is for."""
    referee = Referee(0)
    asked = {k: clamp.recipe for k, clamp in reg.CLAMPS.items()}
    outside = {k: clamp.highest + 1 for k, clamp in reg.CLAMPS.items()}
    assert len(referee.judge(1, asked | {reg.HR_FEED: 1001})) == 1
    others = {k: value for k, value in outside.items() if k not in {reg.HR_LOAD_LEFT, reg.HR_LOAD_RIGHT}}
    assert len(referee.judge(1, asked | others)) == len(others)


def test_referee_lets_pass_what_is_in_force() -> None:
    """A value that the PLC shows in force may be written back: a block carries all registers."""
    referee = Referee(0)
    asked = {k: clamp.recipe for k, clamp in reg.CLAMPS.items()}
    referee.in_force(1, {reg.HR_ZONE_FAN: 610})
    assert referee.judge(1, asked | {reg.HR_ZONE_FAN: 610}) == []
    assert len(referee.judge(1, asked)) == 1


def test_log_keeps_every_command_and_change(tmp_path: Path) -> None:
    """One accepted and one refused command leave two command records, one change and one violation."""
    bench = Bench()
    log = PlcLog(tmp_path / "plc.jsonl", 0)
    for value in (2030, 2400):
        bench.command(HR_LOAD_LEFT=value)
        log.scan(bench.now_ns, bench.events, bench.state)
    log.close()
    records = [json.loads(line) for line in (tmp_path / "plc.jsonl").read_text().splitlines()]
    assert [(r["event"], r.get("accept_code")) for r in records] == [
        ("state", None), ("command", 0), ("in_force", None), ("command", 4),
    ]  # fmt: skip
    assert records[1]["asked"] == {"blade_load_sp_left": 20.3}
    assert records[2]["value"] == 20.3
    assert (log.commands, log.refused, log.envelope_violations) == (2, 1, 2)


def test_plants_interlock_takes_everything_back() -> None:
    """While the plant's trip stands commands are refused and the loads walk back to the recipe; then they are taken."""
    bench = Bench()
    assert bench.command(HR_LOAD_LEFT=2040) is AcceptCode.TAKEN
    bench.plant = PLANT._replace(alarms=reg.ALARM_LEL | reg.ALARM_LEL_TRIP)
    bench.scan(150)
    assert bench.in_force(reg.HR_LOAD_LEFT) == 2000
    assert bench.plc.inputs[reg.IR_STATE] == PackMLState.HELD
    assert bench.plc.inputs[reg.IR_ALARMS] == reg.ALARM_LEL | reg.ALARM_LEL_TRIP
    assert bench.command(HR_LOAD_LEFT=2040) is AcceptCode.STATE
    bench.plant = PLANT
    bench.scan(101)
    assert bench.command(HR_LOAD_LEFT=2040) is AcceptCode.TAKEN


def test_alarm_below_the_trip_only_shows() -> None:
    """The lower alarm sets its bit; commands are still taken."""
    bench = Bench()
    bench.plant = PLANT._replace(alarms=reg.ALARM_LEL, others=((reg.IR_LEL, 260),))
    assert bench.command(HR_LOAD_LEFT=2040) is AcceptCode.TAKEN
    assert bench.plc.inputs[reg.IR_ALARMS] == reg.ALARM_LEL
    assert bench.plc.inputs[reg.IR_LEL] == 260
