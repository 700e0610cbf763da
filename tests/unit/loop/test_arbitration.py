"""Who may act beside whom: the matrix decides what disturbs a test."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Defect, Influence, Loop, ProtectedValue, ResolvedCell, Watch
from cellctl.loop import Arbitration, LoopController, Situation, in_order
from cellctl.model import Correction, Inspection, Kind, Outcome, Proposal, Side, WritePhase
from tests.unit.loop.builders import (
    LEFT,
    RIGHT,
    SPUR,
    STREAK,
    answer,
    make_cell,
    make_inspection,
    make_loop,
    make_object,
    make_reading,
    make_state,
)
from tests.unit.loop.line import LIMITS

CRATER, CRACK = "crater", "crack"
ZONE_1, ZONE_2, ZONE_4, PURGE = "plc.zone_1", "plc.zone_2", "plc.zone_4", "plc.purge"
ROWS = (
    Defect(SPUR, "edge dam", {LEFT: Influence(-2.4), RIGHT: Influence(-2.4)}, None),
    Defect(STREAK, "particle", {PURGE: Influence(-1.2)}, None),
    Defect(CRATER, "skin", {ZONE_1: Influence(0.35), ZONE_2: Influence(0.5), ZONE_4: Influence(0.1)}, None),
    Defect(CRACK, "dries too fast", {ZONE_4: Influence(0.4), ZONE_1: Influence(0.0)}, None),
)


def _loop(name: str, defect: str, tag: str, **changes) -> Loop:
    watch = Watch(defect, 0.02, 0.2, 3.0)
    options = {"name": name, "watch": watch, "tag": tag, "protect": ()} | changes
    return make_loop(Side.NONE, **options)


CRATER_1, CRATER_2 = _loop("crater_1", CRATER, ZONE_1), _loop("crater_2", CRATER, ZONE_2)
CRACK_4, STREAK_LOOP = _loop("crack", CRACK, ZONE_4), _loop("streak", STREAK, PURGE)


def _cell(*loops: Loop) -> ResolvedCell:
    return msgspec.structs.replace(make_cell(*loops), defects=ROWS)


def _conflict(asking: Loop, acting: Loop) -> str:
    return Arbitration(_cell(asking, acting)).conflict(asking, acting)


@pytest.mark.parametrize(
    ("asking", "acting", "reason"),
    [
        (CRATER_2, CRATER_1, f"{ZONE_2} influences {CRATER}"),
        (CRACK_4, CRATER_1, f"{ZONE_4} influences {CRATER}"),
        (CRATER_1, CRACK_4, f"{ZONE_4} influences {CRATER}"),
        (STREAK_LOOP, CRATER_1, ""),
        (make_loop(Side.RIGHT), make_loop(), ""),
        (make_loop(protect=(STREAK,)), STREAK_LOOP, f"{PURGE} influences {STREAK}"),
        (STREAK_LOOP, make_loop(protect=()), ""),
        (_loop("other", CRACK, ZONE_1), CRATER_1, f"it moves {ZONE_1} too"),
    ],
)
def test_what_keeps_two_loops_apart(asking, acting, reason):
    """A move waits when it changes what a running test counts, or the other way round; the reason names it."""
    assert _conflict(asking, acting) == reason


def test_an_unknown_set_point_disturbs_everything():
    """What the matrix does not name may change any rate."""
    arbitration = Arbitration(_cell(make_loop()))
    assert arbitration.disturbs("plc.feed_pump_sp", make_loop()) == "nobody knows what plc.feed_pump_sp influences"
    assert arbitration.disturbs(PURGE, make_loop(protect=())) == ""


def test_an_edge_class_has_sides_and_a_web_class_has_none():
    """The right blade load does not disturb the left edge, unless the matrix says that it changes a web class."""
    both = (make_loop(), make_loop(Side.RIGHT))
    assert Arbitration(_cell(*both)).disturbs(RIGHT, both[0]) == ""
    rows = (ROWS[0], Defect(STREAK, "particle", {RIGHT: Influence(0.15)}, None))
    cell = msgspec.structs.replace(make_cell(*both), defects=rows)
    assert Arbitration(cell).disturbs(RIGHT, both[0]) == f"{RIGHT} influences {STREAK}"


def test_a_characteristic_that_both_protect_keeps_them_apart():
    """Two edges that both promise the film weight cannot be tested at once; one that does not promise it can."""
    values = (ProtectedValue("film_weight", 3.0),)
    left, right = make_loop(protect_values=values), make_loop(Side.RIGHT, protect_values=values)
    assert _conflict(right, left) == f"{RIGHT} may change film_weight"
    assert _conflict(make_loop(Side.RIGHT), left) == ""


def test_the_order_is_priority_then_strength():
    """Priority 1 is asked first; at equal priority the strongest influence."""
    weak = _loop("weak", CRATER, ZONE_4)
    first = _loop("first", CRATER, ZONE_4, priority=1)
    loops = (weak, CRATER_1, CRATER_2, first)
    assert [loop.name for loop in in_order(_cell(*loops), loops)] == ["first", "crater_2", "crater_1", "weak"]


class _Two:
    """Two loops on one class, fed with the same inspections."""

    def __init__(self, *loops: Loop) -> None:
        cell = _cell(*loops)
        self.situation = Situation(cell)
        self.situation.state = make_state()
        self.loops = [LoopController(loop, self.situation, LIMITS) for loop in in_order(cell, loops)]
        self.now_ns, self.s_mm = NS_PER_S, 0.0
        self.plant: dict[str, Any] = {"zone_1": 100.0, "zone_2": 100.0}

    def look(self, found: bool) -> list[Proposal]:
        self.now_ns += NS_PER_S
        self.s_mm += 1000.0
        reading = make_reading(self.now_ns, encoder_pos=self.s_mm, **self.plant)
        self.situation.plant.update(reading)
        objects = (make_object(self.s_mm - 500.0, defect=CRATER, side=Side.NONE),) if found else ()
        inspection: Inspection = make_inspection(self.s_mm - 1000.0, self.s_mm, *objects, t_ns=self.now_ns)
        sent = []
        for loop in self.loops:
            loop.inspect(inspection, self.now_ns)
            sent += [message for message in loop.take() if isinstance(message, Proposal)]
        return sent

    def report(self, proposal: Proposal, phase: WritePhase, **changes) -> list[object]:
        sent: list[object] = []
        if phase is WritePhase.TARGET:
            self.plant[proposal.tag.removeprefix("plc.")] = proposal.target
        for loop in self.loops:
            loop.result(answer(proposal, phase, self.now_ns, **changes), self.now_ns)
            sent += loop.take()
        return sent


def test_one_of_several_loops_on_a_class_acts():
    """The loop with priority moves; when it failed the other follows, on evidence made after the way back."""
    first = msgspec.structs.replace(CRATER_1, priority=1, tries=1)
    two = _Two(CRATER_2, first)
    proposals = [proposal for _ in range(6) for proposal in two.look(found=True)]
    assert [proposal.tag for proposal in proposals] == [ZONE_1]
    for phase in WritePhase:
        two.report(proposals[0], phase, encoder_mm=two.s_mm)
    rollbacks = [proposal for _ in range(4) for proposal in two.look(found=True)]
    assert [proposal.kind for proposal in rollbacks] == [Kind.ROLLBACK]
    sent = two.report(rollbacks[0], WritePhase.TARGET, encoder_mm=two.s_mm)
    assert [it.state for it in sent if isinstance(it, Correction)] == ["INEFFECTIVE_ROLLED_BACK"]
    later = [two.look(found=True) for _ in range(6)]
    assert not any(later[:3])
    assert [proposal.tag for proposals in later for proposal in proposals] == [ZONE_2]


def test_a_refused_move_costs_the_other_loop_nothing():
    """When the guard refuses the first loop, the next object lets the second act: nothing was moved."""
    two = _Two(CRATER_2, msgspec.structs.replace(CRATER_1, priority=1))
    refused = [proposal for _ in range(4) for proposal in two.look(found=True)]
    two.report(refused[0], WritePhase.DECIDED, outcome=Outcome.REFUSED, reason="drift: too far")
    assert [proposal.tag for proposal in two.look(found=True)] == [ZONE_2]


def test_a_negligible_influence_neither_conflicts_nor_spoils():
    """Three per cent a step is known and does not matter; the same entry at ten per cent does (negative control)."""
    acting = _loop("crack", CRACK, ZONE_4)
    for per_step, changes in ((0.03, False), (-0.03, False), (0.1, True), (-0.1, True)):
        row = Defect(CRACK, "dries too fast", {ZONE_4: Influence(2.2), ZONE_1: Influence(per_step)}, None)
        cell = msgspec.structs.replace(make_cell(acting), defects=(row,))
        assert Arbitration(cell).changes(ZONE_1, CRACK, Side.NONE) is changes
        assert bool(Arbitration(cell).disturbs(ZONE_1, acting)) is changes
