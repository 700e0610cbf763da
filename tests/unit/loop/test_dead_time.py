"""Which material shows a move: by the place of the actuator and the time that it takes."""

from __future__ import annotations

import msgspec
import pytest

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Defect, Influence, ResolvedCell
from cellctl.loop import Situation
from cellctl.loop.diagnose.dead_time import DeadTime
from cellctl.model import Quality, TransactionState
from tests.unit.loop.builders import LEFT, SPUR, VERIFY, make_cell, make_loop, make_reading
from tests.unit.loop.line import Line

S = TransactionState


def make_oven(settle_s: float = 30.0, acts_at_m: float = 12.0, settle_m: float = 2.0) -> ResolvedCell:
    """A cell whose set-point acts down the line, and slowly."""
    verify = msgspec.structs.replace(VERIFY, settle_m=settle_m)
    row = Defect(SPUR, "oven", {LEFT: Influence(-1.4, settle_s, acts_at_m)}, None)
    return msgspec.structs.replace(make_cell(make_loop(verify=verify)), defects=(row,))


def _dead_time(cell: ResolvedCell) -> tuple[DeadTime, Situation]:
    situation = Situation(cell)
    return DeadTime(cell.loops[0], situation), situation


def test_a_fast_actuator_at_the_blade():
    """Material counts from the encoder at the confirmation, plus the metres that settle."""
    dead, _ = _dead_time(make_cell())
    dead.in_force(5 * NS_PER_S, 40_000.0)
    assert dead.is_known
    assert dead.from_mm == 40_000.0


def test_an_actuator_down_the_line_acts_on_older_material():
    """What lies under an actuator was coated earlier, by its distance from the blade."""
    dead, _ = _dead_time(make_oven(settle_s=0.0))
    dead.in_force(5 * NS_PER_S, 40_000.0)
    assert dead.from_mm == 40_000.0 - 12_000.0 + 2_000.0


def test_a_slow_actuator_counts_from_its_full_effect():
    """The encoder is read when the effect is complete, not when the value was confirmed."""
    dead, situation = _dead_time(make_oven())
    dead.in_force(5 * NS_PER_S, 40_000.0)
    situation.plant.update(make_reading(34 * NS_PER_S, encoder_pos=69_000.0))
    assert not dead.look()
    situation.plant.update(make_reading(35 * NS_PER_S, encoder_pos=70_000.0))
    assert dead.look()
    assert dead.from_mm == 60_000.0
    situation.plant.update(make_reading(36 * NS_PER_S, encoder_pos=71_000.0))
    assert dead.look()
    assert dead.from_mm == 60_000.0


def test_a_bad_encoder_places_nothing():
    """Without a Good reading the place stays unknown."""
    dead, situation = _dead_time(make_oven())
    dead.in_force(5 * NS_PER_S, 40_000.0)
    situation.plant.update(make_reading(36 * NS_PER_S, Quality.BAD_SENSOR_FAILURE, encoder_pos=71_000.0))
    assert not dead.look()


def test_verification_waits_for_the_slow_actuator():
    """WAITING lasts until the effect is complete and material made with it is at the camera."""
    line = Line(1, deficit=1.5, cell=make_oven(settle_s=30.0, acts_at_m=0.0, settle_m=0.0), camera_m=20.0)
    record = line.verdict()
    assert record.state is S.EFFECTIVE
    in_force_ns, verifying_ns = record.times_ns["IN_FORCE"], record.times_ns["VERIFYING"]
    assert (verifying_ns - in_force_ns) / 1e9 == pytest.approx(30.0 + 20.0, abs=1.0)
    assert record.verify_from_mm == pytest.approx((in_force_ns / 1e9 - 1.0 + 30.0) * 1000.0, abs=300.0)
