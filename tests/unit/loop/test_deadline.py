"""A missed deadline names its stage."""

from __future__ import annotations

import pytest

from cellctl.loop.verify.deadline import lateness, stages_ms
from cellctl.loop.verify.record import Facts
from cellctl.model import Kind, Proposal, Stamp, WritePhase, WriteResult
from cellctl.model.quality import Quality
from tests.unit.loop.builders import LEFT, answer

MS = 1_000_000
FACTS = Facts(
    transaction="edge_spur-left-1",
    evidence=(),
    rule="",
    model="",
    config="",
    lot="",
    old=20.0,
    target=21.0,
    baseline_per_m=0.2,
    alarm_s_mm=0.0,
    epoch=1,
    trace=1,
    exposure_ns=100 * MS,
    first_line_ns=75 * MS,
    received_ns=105 * MS,
    judged_ns=117 * MS,
    decided_ns=118 * MS,
    quality=Quality.GOOD,
)


def _first(intent_ms: int, in_force_ms: int) -> WriteResult:
    proposal = Proposal(
        stamp=Stamp(FACTS.decided_ns),
        transaction=FACTS.transaction,
        loop="edge_spur",
        kind=Kind.STEP,
        tag=LEFT,
        target=21.0,
        unit="kPa",
        epoch=1,
        exposure_ns=FACTS.exposure_ns,
        first_line_ns=FACTS.first_line_ns,
        confidence=0.9,
        quality=Quality.GOOD,
    )
    return answer(proposal, WritePhase.FIRST_INCREMENT, in_force_ms * MS, intent_ns=intent_ms * MS)


def test_stages_add_up():
    """The stages cover the time from exposure to in force without a gap."""
    stages = stages_ms(FACTS, _first(121, 135))
    assert stages == {"receive": 5.0, "judge": 12.0, "decide": 1.0, "intent on disk": 3.0, "write and confirm": 14.0}


def test_a_missing_stamp_is_merged_with_the_next_stage():
    """Without an intent stamp the time goes to the write."""
    assert stages_ms(FACTS, _first(0, 135))["write and confirm"] == 17.0


def test_in_time_says_nothing():
    """Exactly at the deadline is in time."""
    assert lateness(FACTS, _first(121, 900), 0.8) == ""


@pytest.mark.parametrize(
    ("intent_ms", "in_force_ms", "stage"), [(121, 901, "write and confirm"), (880, 901, "intent on disk")]
)
def test_the_longest_stage_is_blamed(intent_ms, in_force_ms, stage):
    """Late by a millisecond is late, and the longest stage is named."""
    assert f"the longest stage is '{stage}'" in lateness(FACTS, _first(intent_ms, in_force_ms), 0.8)
