"""An effective correction is taken back; whether the fault returns tells a cure from a fault that ended by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from cellctl.config.resolved import Release
from cellctl.loop.estimate.watch import RateWatch
from cellctl.model import (
    Correction,
    Kind,
    PackMLState,
    Priority,
    Proposal,
    Quality,
    Released,
    TransactionState,
    WritePhase,
)
from tests.unit.loop.builders import answer, make_cell, make_inspection, make_loop, make_object
from tests.unit.loop.line import Line

S = TransactionState
RELEASE = Release(enabled=True, after_m=300.0, watch_m=150.0, longest_m=2400.0)


def make_line(seed: int = 1, *, release: Release = RELEASE, safe_state: str = "recipe", **options) -> Line:
    """A line whose loop takes its corrections back."""
    return Line(seed, cell=make_cell(make_loop(release=release), safe_state=safe_state), **options)


def until(line: Line, state: TransactionState, within_m: float = 4000.0) -> Correction:
    """Run until a record in that state; AssertionError if there is none."""
    end_mm = line.encoder_mm + within_m * 1000.0
    seen = len(line.records)
    while line.encoder_mm < end_mm:
        line.step()
        for record in line.records[seen:]:
            if record.state is state:
                return record
        seen = len(line.records)
    raise AssertionError(f"no {state} within {within_m:g} m")


def way_back(record: Correction) -> Released:
    """The release of a correction that has one."""
    assert record.released is not None
    return record.released


def last_states(line: Line) -> dict[str, TransactionState]:
    """Transaction → its last state."""
    return {record.transaction: record.state for record in line.records}


def fault_ends(line: Line) -> None:
    """The fault goes by itself as soon as the test counts."""
    if line.records and line.records[-1].state is S.VERIFYING:
        line.deficit = 0.0


def test_a_fault_that_returns_proves_the_correction():
    """Went with the move, came back without it, went with it again: the first correction is PROVEN by the second."""
    line = make_line(deficit=1.5)
    proven = until(line, S.PROVEN)
    order = [record.state for record in line.records if record.transaction == proven.transaction]
    assert list(dict.fromkeys(order))[-4:] == [S.EFFECTIVE, S.RELEASING, S.STILL_NEEDED, S.PROVEN]
    second = next(record for record in line.records if record.transaction == proven.confirmed_by)
    assert second.confirms == proven.transaction
    assert second.baseline_per_m > 0.0
    assert line.in_force == 21.0


def test_the_release_goes_back_by_the_step_after_the_stretch_in_control():
    """The guard is asked for the old value, 300 m after the verdict, and the record says what was seen since."""
    line = make_line(deficit=1.5)
    effective = line.verdict()
    verdict_mm = line.encoder_mm
    until(line, S.RELEASING)
    assert (line.encoder_mm - verdict_mm) / 1000.0 == pytest.approx(300.0, abs=1.0)
    assert [(proposal.kind, proposal.target) for proposal in line.proposals[-1:]] == [(Kind.RELEASE, 20.0)]
    back = until(line, S.STILL_NEEDED)
    assert back.released is not None
    assert back.released.from_mm > back.verify_from_mm
    assert all(back.released.from_mm <= item.s_mm for item in back.released.objects)
    assert len(back.released.objects) >= 4
    assert back.old == effective.old == back.in_force == 20.0


def test_a_fault_that_ended_by_itself_is_not_proven():
    """The fault stays away after the release: RESTORED, and the set-point stays at the recipe."""
    line = make_line(deficit=1.5, connected=False, disturb=fault_ends)
    line.verdict()
    record = until(line, S.RESTORED)
    assert way_back(record).judged
    assert way_back(record).metres >= 150.0
    line.run(500.0)
    assert line.in_force == 20.0
    assert set(last_states(line).values()) == {S.RESTORED}


def _ends(metres: float, **options) -> Counter[TransactionState]:
    found: Counter[TransactionState] = Counter()
    for seed in range(25):
        line = make_line(seed, **options)
        line.run(metres)
        found.update(last_states(line).values())
    return found


@pytest.mark.parametrize("deficit", [1.46, 1.5, 1.67])
def test_a_disconnected_actuator_proves_nothing(deficit):
    """With a fault that persists, no more than 3 % of sham corrections are PROVEN."""
    found = _ends(1500.0, deficit=deficit, connected=False)
    assert found.total() >= 25
    assert found[S.PROVEN] <= 0.03 * found.total()


def test_a_disconnected_actuator_proves_nothing_when_the_fault_ends_by_itself():
    """EFFECTIVE is what these look like; PROVEN they are not, and they are given back."""
    found = _ends(1500.0, deficit=1.5, connected=False, disturb=fault_ends)
    assert found[S.PROVEN] <= 0.03 * found.total()
    assert found[S.RESTORED] >= 0.8 * found.total()


def test_a_real_cure_of_a_long_fault_is_proven():
    """Negative control of the two above: with the actuator connected most runs prove their first correction."""
    found = _ends(1000.0, deficit=1.5)
    assert found[S.PROVEN] >= 0.8 * 25


def test_each_return_doubles_the_stretch():
    """After the first return the second release comes after 600 m in control."""
    line = make_line(deficit=1.5)
    proven = until(line, S.PROVEN)
    again_mm = line.encoder_mm
    second = until(line, S.RELEASING)
    assert second.transaction == proven.confirmed_by
    assert (line.encoder_mm - again_mm) / 1000.0 >= 600.0


def test_the_stretch_has_a_longest_length():
    """However often the fault returns, the stretch does not grow beyond its longest."""
    short = Release(True, after_m=50.0, watch_m=150.0, longest_m=100.0)
    line = make_line(release=short, deficit=1.5)
    for _ in range(3):
        until(line, S.STILL_NEEDED)
    until(line, S.EFFECTIVE)
    since_mm = line.encoder_mm
    until(line, S.RELEASING)
    assert (line.encoder_mm - since_mm) / 1000.0 == pytest.approx(100.0, abs=2.0)


def test_a_stay_away_brings_the_stretch_back():
    """After a return and then a release without one, the next stretch is as long as the first."""
    short = Release(True, after_m=50.0, watch_m=100.0, longest_m=400.0)
    line = make_line(release=short, deficit=1.5)
    until(line, S.PROVEN)
    line.deficit = 0.0
    until(line, S.RESTORED)
    line.deficit = 1.5
    until(line, S.EFFECTIVE)
    since_mm = line.encoder_mm
    until(line, S.RELEASING)
    assert (line.encoder_mm - since_mm) / 1000.0 == pytest.approx(50.0, abs=2.0)


def _once(state: TransactionState, act: Callable[[Line], None]) -> Callable[[Line], None]:
    """Act once, 10 m after a transaction has entered a state."""
    seen: list[float] = []
    done: list[bool] = []

    def disturb(line: Line) -> None:
        if not seen and line.records and line.records[-1].state is state:
            seen.append(line.encoder_mm)
        if seen and not done and line.encoder_mm >= seen[0] + 10_000.0:
            done.append(True)
            act(line)

    return disturb


def _set(**values: object) -> Callable[[Line], None]:
    def act(line: Line) -> None:
        for name, value in values.items():
            setattr(line, name, value)

    return act


def _another_action(line: Line) -> None:
    """Somebody's move of a set-point that nobody knows the influence of."""
    moved = answer(line.proposals[-1], WritePhase.TARGET, line.now_ns, transaction="manual-1", tag="plc.feed_pump_sp")
    line.controller.result(moved, line.now_ns)


def _quiet(disturb: Callable[[Line], None]) -> Callable[[Line], None]:
    """The fault has ended by itself, so that nothing but the disturbance can end the watch early."""

    def both(line: Line) -> None:
        fault_ends(line)
        disturb(line)

    return both


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (_set(speed=1.05), "web speed changed"),
        (_set(quality=Quality.BAD_COMMUNICATION), "BAD_COMMUNICATION"),
        (_set(in_force=20.3), "somebody else moved the set-point to 20.3 kPa"),
        (_another_action, "another action: manual-1 moved plc.feed_pump_sp"),
        (lambda line: line.enter(PackMLState.HELD, epoch=2), "the cell left Execute"),
        (lambda line: line.enter(PackMLState.HELD, epoch=2, safe=True), "the cell left Execute"),
    ],
)
def test_a_spoilt_watch_says_nothing(act, says):
    """Whatever confounds a verification ends the watch without a word about the fault: never STILL_NEEDED."""
    line = make_line(deficit=1.5, disturb=_quiet(_once(S.RELEASING, act)))
    record = until(line, S.RESTORED)
    assert says in record.reason
    assert "not judged" in record.reason
    assert not way_back(record).judged
    assert S.STILL_NEEDED not in line.states


def test_an_alarm_makes_the_stretch_begin_anew():
    """A second fault on top of a held correction is corrected first; both are given back, the newest first."""
    line = make_line(deficit=1.4)
    first = line.verdict()
    line.run(200.0)
    line.deficit = 2.6
    second = until(line, S.EFFECTIVE)
    at_mm = line.encoder_mm
    line.deficit = 0.0
    released = until(line, S.RELEASING)
    assert released.transaction == second.transaction
    assert (line.encoder_mm - at_mm) / 1000.0 == pytest.approx(300.0, abs=2.0)
    assert line.proposals[-1].target == 21.0
    until(line, S.RESTORED)
    released = until(line, S.RELEASING)
    assert released.transaction == first.transaction
    until(line, S.RESTORED)
    assert line.in_force == 20.0


def test_an_operator_ends_the_holding():
    """When somebody else moves the set-point of a held correction there is no release, and the record says so."""
    line = make_line(deficit=1.5)
    line.verdict()
    line.deficit = 0.0
    line.run(20.0)
    line.in_force = 20.5
    line.run(600.0)
    assert line.records[-1].state is S.EFFECTIVE
    assert "not released: somebody else moved the set-point to 20.5 kPa" in line.records[-1].reason
    assert Kind.RELEASE not in {proposal.kind for proposal in line.proposals}
    assert line.in_force == 20.5


def test_a_refused_release_is_asked_for_again():
    """Three refusals call a person; the correction stays held, and a later release goes through."""
    refusing = [True]
    line = make_line(
        deficit=1.5,
        disturb=fault_ends,
        refuse=lambda proposal: "busy: test" if refusing[0] and proposal.kind is Kind.RELEASE else "",
    )
    line.verdict()
    line.run(330.0)
    assert [proposal.kind for proposal in line.proposals[1:]] == [Kind.RELEASE] * 3
    raised = [alarm for alarm in line.alarms if alarm.id == "release.edge_spur.left"]
    assert [(alarm.active, alarm.priority) for alarm in raised] == [(True, Priority.HIGH)]
    assert "busy: test" in raised[0].text
    assert line.records[-1].state is S.EFFECTIVE
    assert line.in_force == 21.0
    refusing[0] = False
    until(line, S.RESTORED)
    assert line.in_force == 20.0
    assert not [alarm for alarm in line.alarms if alarm.id == "release.edge_spur.left"][-1].active


def test_a_release_of_unknown_outcome_is_not_assumed():
    """A release that was accepted and not confirmed stays RELEASING without a watch until it is confirmed."""
    losing = [True]

    def lose(proposal: Proposal) -> bool:
        return losing[0] and proposal.kind is Kind.RELEASE

    line = make_line(deficit=1.5, disturb=fault_ends, lose=lose)
    line.verdict()
    until(line, S.RELEASING)
    line.run(200.0)
    assert line.records[-1].state is S.RELEASING
    assert way_back(line.records[-1]).in_force_ns == 0
    losing[0] = False
    record = until(line, S.RESTORED)
    assert way_back(record).in_force_ns > 0
    assert line.in_force == 20.0


def test_without_release_a_correction_stays():
    """Negative control: with the release switched off an effective correction stays in force."""
    line = make_line(release=Release(False, 300.0, 150.0, 2400.0), deficit=1.5, disturb=fault_ends)
    line.verdict()
    line.run(1000.0)
    assert line.in_force == 21.0
    assert line.records[-1].state is S.EFFECTIVE


def test_a_safe_state_ends_the_holding():
    """When the guard brings the set-points to the recipe there is nothing left to release."""
    line = make_line(deficit=1.5)
    line.verdict()
    line.run(20.0)
    line.enter(PackMLState.HELD, epoch=2, safe=True)
    line.in_force = 20.0
    assert "not released: safe state" in line.records[-1].reason
    line.enter(PackMLState.EXECUTE, epoch=3)
    line.deficit = 0.0
    line.run(600.0)
    assert Kind.RELEASE not in {proposal.kind for proposal in line.proposals}


def test_a_cell_that_is_held_in_place_resumes_the_holding():
    """With the safe state `hold` the set-point stays, the stretch begins anew in the next epoch, and is released."""
    line = make_line(safe_state="hold", deficit=1.5, disturb=fault_ends)
    line.verdict()
    line.run(200.0)
    line.enter(PackMLState.HELD, epoch=2, safe=True)
    line.enter(PackMLState.EXECUTE, epoch=3)
    at_mm = line.encoder_mm
    until(line, S.RELEASING)
    assert (line.encoder_mm - at_mm) / 1000.0 == pytest.approx(300.0, abs=1.0)
    assert line.proposals[-1].epoch == 3


def test_the_watch_waits_for_material_made_after_the_release():
    """With the camera farther away than the watch is long, the return is still seen."""
    line = make_line(deficit=1.5, camera_m=200.0)
    line.verdict()
    until(line, S.RELEASING)
    at_mm = line.encoder_mm
    record = until(line, S.STILL_NEEDED)
    assert (line.encoder_mm - at_mm) / 1000.0 > 200.0
    assert way_back(record).judged


def test_a_return_asks_for_one_object_more_than_an_alarm():
    """What would raise an alarm in control is not enough to say that the fault came back."""
    watch = RateWatch(make_loop())
    inspection = make_inspection(0.0, 1000.0)
    shown = []
    for number in range(1, 6):
        deciding = watch.look(inspection, [make_object(100.0 * number, number)])
        shown.append((deciding is not None, watch.shows_return))
    assert shown == [(False, False), (False, False), (True, False), (True, True), (True, True)]


def test_a_watch_of_older_material_would_miss_the_return():
    """Negative control: when the guard's report places the release too early, old web passes for a fault that went."""
    line = make_line(deficit=1.5, camera_m=200.0)
    line.verdict()
    line.waits = False
    assert until(line, S.RESTORED).state is S.RESTORED
    assert S.STILL_NEEDED not in line.states


@pytest.mark.parametrize("stops", [True, False])
def test_nothing_is_proven_across_a_stop_of_the_cell(stops):
    """The cell stood between return and repetition: somebody may have mended the line. Without a stop it counts."""
    line = make_line(deficit=1.5)
    until(line, S.RELEASING)
    line.refuse = lambda proposal: "not now" if proposal.kind is Kind.STEP else ""
    returned = until(line, S.STILL_NEEDED)
    line.step()
    assert line.records[-1].state is S.REFUSED
    if stops:
        line.enter(PackMLState.HELD, epoch=2)
        line.enter(PackMLState.EXECUTE, epoch=3)
    line.refuse = lambda _proposal: ""
    again = until(line, S.EFFECTIVE)
    assert again.confirms == ("" if stops else returned.transaction)
    assert (S.PROVEN in {record.state for record in line.records}) is not stops


def test_the_alarm_of_a_release_in_vain_ends_with_the_release():
    """When the safe state brings the set-point to the recipe, nobody is called for a release any more."""
    line = make_line(deficit=1.5, disturb=fault_ends, refuse=lambda it: "no" if it.kind is Kind.RELEASE else "")
    line.verdict()
    line.run(400.0)
    name = "release.edge_spur.left"
    assert [alarm.active for alarm in line.alarms if alarm.id == name] == [True]
    line.enter(PackMLState.HELD, epoch=2, safe=True)
    assert [alarm.active for alarm in line.alarms if alarm.id == name] == [True, False]


def test_metres_in_which_no_alarm_can_be_raised_are_not_in_control():
    """While another loop's move changes this rate nothing is counted: the 300 m before a release begin after it."""
    line = make_line(deficit=1.5, disturb=fault_ends)
    line.verdict()
    other = make_loop(name="feed", tag="plc.feed_pump_sp")
    line.situation.claim("feed-left-1", other)
    moved = answer(line.proposals[-1], WritePhase.TARGET, line.now_ns, transaction="feed-left-1", tag=other.tag)
    line.controller.result(moved, line.now_ns)
    line.run(290.0)
    line.situation.release("feed-left-1")
    since_mm = line.encoder_mm
    until(line, S.RELEASING)
    assert (line.encoder_mm - since_mm) / 1000.0 == pytest.approx(300.0, abs=1.0)
