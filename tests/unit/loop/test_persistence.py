"""A streak that goes on: seen at its length, purged, and gone from its place or not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Defect, Influence, Loop, ResolvedCell, Setpoint, Verify, Watch
from cellctl.loop import LoopController, Situation
from cellctl.loop.estimate.watch import PersistenceWatch
from cellctl.loop.verify.presence import PresenceTest
from cellctl.loop.verify.sequential import Decision
from cellctl.model import (
    Advice,
    AdviceState,
    Alarm,
    Correction,
    Kind,
    Message,
    OpenObject,
    Outcome,
    Proposal,
    Side,
    TransactionState,
    WebRef,
    WebSpan,
    WritePhase,
)
from tests.unit.loop.builders import (
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

S = TransactionState
PURGE = "plc.blade_purge"
BLOCK_MM = 250.0
CAMERA_MM = 1500.0


def _loop(**changes: Any) -> Loop:
    options: dict[str, Any] = {
        "name": "streak", "watch": Watch(STREAK, 0.0, 0.0, 3.0, persists_m=3.0), "tag": PURGE, "unit": "ms",
        "step": 300.0, "law": "pulse", "protect": (), "tries": 2,
        "verify": Verify(True, 0.24, 0.05, 3.0, 0.5, 0.02),
    }  # fmt: skip
    return make_loop(Side.NONE, **(options | changes))


def _cell(loop: Loop) -> ResolvedCell:
    cell = make_cell(loop)
    purge = Setpoint(PURGE, "ms", 0.0, 0.0, 400.0, 4000.0, 400.0, 400.0, 1.0)
    rules = msgspec.structs.replace(cell.guard, setpoints=(purge,), loops={"streak": (PURGE,)})
    row = Defect(STREAK, "particle", {PURGE: Influence(-1.2)}, None)
    return msgspec.structs.replace(cell, guard=rules, defects=(row,))


def _open(from_mm: float, to_mm: float, y_mm: float = 100.0, **changes: Any) -> OpenObject:
    found = OpenObject(
        "wet_camera-7", STREAK, 0.95, WebRef(to_mm, y_mm, Side.NONE, "wet_camera"), WebSpan(from_mm, to_mm)
    )
    return msgspec.structs.replace(found, **changes)


class _Lip:
    """A blade lip with one streak that a purge clears, or not; the guard does what it is asked at once."""

    def __init__(self, *, clears: bool, loop: Loop | None = None, refuses: bool = False) -> None:
        self.refuses = refuses
        self.loop = _loop() if loop is None else loop
        self.situation = Situation(_cell(self.loop))
        self.situation.state = make_state()
        self.controller = LoopController(self.loop, self.situation, LIMITS)
        self.clears = clears
        self.now_ns, self.encoder_mm = NS_PER_S, 0.0
        self.made: list[tuple[float, float]] = []  # places of the streak on the material
        self.on = False
        self.purge = 0.0
        self.sent: list[Message] = []

    def run(self, metres: float) -> None:
        for _ in range(round(metres * 1000.0 / BLOCK_MM)):
            self.step()

    def begin(self) -> None:
        self.on = True
        self.made.append((self.encoder_mm, self.encoder_mm))

    def step(self) -> None:
        self.now_ns += NS_PER_S // 4
        self.encoder_mm += BLOCK_MM
        if self.on:
            self.made[-1] = (self.made[-1][0], self.encoder_mm)
        reading = make_reading(self.now_ns, encoder_pos=self.encoder_mm, blade_purge=self.purge)
        self.situation.plant.update(reading)
        self.controller.check(self.now_ns)
        self._look()
        self._serve()

    def _look(self) -> None:
        to_mm = self.encoder_mm - CAMERA_MM
        objects, still = [], []
        for from_mm, end_mm in self.made:
            seen_to = min(end_mm, to_mm)
            if seen_to - from_mm >= 1000.0 > seen_to - from_mm - BLOCK_MM:
                found = make_object(seen_to - 500.0, 7, defect=STREAK, side=Side.NONE)
                objects.append(msgspec.structs.replace(found, id="wet_camera-7"))
            if end_mm >= to_mm and to_mm - from_mm >= 1000.0:
                still.append(_open(from_mm, to_mm))
        inspection = make_inspection(to_mm - BLOCK_MM, to_mm, *objects, t_ns=self.now_ns - 20_000_000)
        self.controller.inspect(msgspec.structs.replace(inspection, open=tuple(still)), self.now_ns)

    def _serve(self) -> None:
        while messages := self.controller.take():
            self.sent += messages
            for proposal in messages:
                if isinstance(proposal, Proposal):
                    self._do(proposal)

    def _do(self, proposal: Proposal) -> None:
        if self.refuses:
            refused = {"outcome": Outcome.REFUSED, "reason": "failures: not confirmed"}
            self.controller.result(answer(proposal, WritePhase.DECIDED, self.now_ns, **refused), self.now_ns)
            return
        old, self.purge = self.purge, proposal.target
        if proposal.target > 0.0 and self.clears:
            self.on = False
        for phase in WritePhase:
            result = answer(proposal, phase, self.now_ns, old=old, encoder_mm=self.encoder_mm, unit="ms")
            self.controller.result(result, self.now_ns)

    def all(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.sent if isinstance(message, kind)]

    @property
    def verdicts(self) -> list[TransactionState]:
        return [it.state for it in self.all(Correction) if it.state.is_verdict]


def test_a_streak_is_purged_when_it_is_long_enough_and_is_gone():
    """At 3 m one pulse and its end are asked for; with nothing at its place for 3 m it is EFFECTIVE."""
    lip = _Lip(clears=True)
    lip.begin()
    lip.run(12.0)
    assert [(it.kind, it.target) for it in lip.all(Proposal)] == [(Kind.STEP, 300.0), (Kind.RETURN, 0.0)]
    assert lip.verdicts == [S.EFFECTIVE]
    record = lip.all(Correction)[-1]
    assert record.curve[-1].metres == pytest.approx(3.0, abs=0.25)
    assert record.evidence[0].object_id == "wet_camera-7"
    assert record.evidence[0].roi == "r"
    assert "one streak goes on: 3.00 >= 3 m" in record.rule


def test_a_streak_that_stays_is_purged_again_and_then_left():
    """Each purge that does not help is INEFFECTIVE; after `up_to` of them the loop waits and tells a person."""
    lip = _Lip(clears=False)
    lip.begin()
    lip.run(60.0)
    assert lip.verdicts == [S.INEFFECTIVE_ROLLED_BACK, S.INEFFECTIVE_ROLLED_BACK]
    assert [it.kind for it in lip.all(Proposal)].count(Kind.STEP) == 2
    assert any(it.id.startswith("suspended.") and it.active for it in lip.all(Alarm))
    assert lip.purge == 0.0


def test_a_short_streak_is_left_alone():
    """One that ends by itself before the length is no reason to purge."""
    lip = _Lip(clears=False)
    lip.begin()
    lip.run(2.5)
    lip.on = False
    lip.run(10.0)
    assert lip.all(Proposal) == []


def test_a_rate_watch_would_not_see_it():
    """Negative control: the same streak under a rate watch is one object and never raises the alarm."""
    lip = _Lip(clears=False, loop=_loop(watch=Watch(STREAK, 0.02, 0.2, 3.0)))
    lip.begin()
    lip.run(60.0)
    assert lip.all(Proposal) == []


def test_shadow_tells_whether_the_streak_would_have_gone_by_itself():
    """With nothing moved, a streak that goes on PERSISTED, and one that ends FELL."""
    found = []
    for ends in (False, True):
        lip = _Lip(clears=False, loop=_loop(authority="shadow"))
        lip.begin()
        lip.run(4.75)
        lip.on = not ends
        lip.run(8.0)
        found.append([it.state for it in lip.all(Advice)][:2])
    assert found == [[AdviceState.OPEN, AdviceState.PERSISTED], [AdviceState.OPEN, AdviceState.FELL]]


@pytest.mark.parametrize(
    ("changes", "alarms"),
    [({}, True), ({"defect": "agglomerate"}, False), ({"confidence": 0.5}, False)],
)
def test_what_raises_the_alarm(changes, alarms):
    """Only a confident object of the watched class does."""
    watch = PersistenceWatch(_loop())
    inspection = msgspec.structs.replace(make_inspection(0.0, 250.0), open=(_open(0.0, 3500.0, **changes),))
    assert (watch.look(inspection, ()) is not None) is alarms


def test_only_the_place_counts():
    """Another streak at another place says nothing about the one that was purged."""
    watch = PersistenceWatch(_loop())
    both = (_open(0.0, 3500.0), _open(3000.0, 3500.0, y_mm=300.0))
    inspection = msgspec.structs.replace(make_inspection(3250.0, 3500.0), open=both)
    assert watch.look(inspection, ()) is not None
    assert [found.web.y_mm for found in watch.tested(inspection, ())] == [100.0]


def test_presence_decides_at_once_and_stays_decided():
    """One sight of it is enough for "still there"; gone needs the whole length."""
    gone, there = PresenceTest(3.0), PresenceTest(3.0)
    assert [gone.add(1.0, 0) for _ in range(3)] == [Decision.OPEN, Decision.OPEN, Decision.IMPROVED]
    assert [there.add(1.0, 0), there.add(1.0, 1), there.add(9.0, 0)] == [Decision.OPEN, *[Decision.NOT_IMPROVED] * 2]


def test_a_refused_pulse_waits_for_new_material():
    """An object that goes on does not ask again with every block: the next try needs its length in new material."""
    lip = _Lip(clears=False, refuses=True)
    lip.begin()
    lip.run(50.0)
    assert set(lip.verdicts) == {S.REFUSED}
    assert 5 <= len(lip.verdicts) <= 50.0 / 3.0
