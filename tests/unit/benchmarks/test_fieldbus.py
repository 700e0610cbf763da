"""The second author's model of the guard's rules, and what it finds of a guard that is broken on purpose."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from benchmarks.fieldbus import hostile
from benchmarks.fieldbus.hostile import Shift
from benchmarks.fieldbus.model import RULES, Model
from benchmarks.fieldbus.plans import AGES, LIMITS, PLANS
from benchmarks.fieldbus.polls import missed
from benchmarks.fieldbus.takeover import jump
from benchmarks.fieldbus.tally import Tally, judged
from cellctl.guard import Guard, Slew

S = 1_000_000_000
LEFT = "plc.load_left"
MOVES = 60


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Few hostile proposals in every moment."""
    monkeypatch.setattr(hostile, "IN_A_MOMENT", 20)
    monkeypatch.setattr(hostile, "MOMENTS_PER_LEGAL", 0.05)


@pytest.fixture
def model():
    """Two loads at 2000, a tension at 120 and a trim at 0 counts."""
    return Model(LIMITS, {tag: it.recipe for tag, it in LIMITS.items()}, AGES, 0)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_guard_and_model_agree(tmp_path, plan):
    """A short attack: nothing hostile is accepted, nothing legal refused, nothing wrong on the wire."""
    tally = Shift(7, tmp_path, plan).run(MOVES)
    assert judged(tally, "here").passed, judged(tally, "here").figure
    assert tally.hostile >= 9 * MOVES


def test_the_attack_breaks_every_rule_of_the_model(tmp_path):
    """A rule that nothing breaks first is not tried: over all plans there is none."""
    broken = Counter()
    for plan in PLANS:
        broken += Shift(3, tmp_path, plan).run(3 * MOVES).rules
    assert set(broken) == {name for name, _ in RULES} | {"tag"}


@pytest.mark.parametrize("rule", ["range", "epoch", "sequence", "per-event", "evidence-age", "unit"])
def test_a_guard_without_a_rule_is_found(tmp_path, monkeypatch, rule):
    """The control: what that rule would have refused is counted as accepted."""
    judge = Guard.judge
    monkeypatch.setattr(Guard, "judge", lambda *args: "" if (why := judge(*args)).startswith(f"{rule}:") else why)
    tally = Shift(7, tmp_path, PLANS[0]).run(MOVES)
    assert any(expected and not found for _, expected, found in tally.disagreed)
    assert not judged(tally, "here").passed


def test_a_guard_that_refuses_too_much_is_found(tmp_path, monkeypatch):
    """The control of the other side: every legal proposal must be accepted."""
    judge = Guard.judge
    monkeypatch.setattr(Guard, "judge", lambda *args: judge(*args) or ("moody: no" if random.random() < 0.5 else ""))
    tally = Shift(7, tmp_path, PLANS[0]).run(MOVES)
    assert any(found and not expected for _, expected, found in tally.disagreed)


def test_a_ramp_that_is_too_fast_is_found_on_the_wire(tmp_path, monkeypatch):
    """The control of the wire: every proposal is judged rightly, and goes out in one leap."""
    monkeypatch.setattr(Slew, "next", lambda _self, _now_ns, _current, target: target)
    tally = Shift(7, tmp_path, PLANS[0]).run(10 * MOVES)
    assert not tally.disagreed
    assert any("faster than its slew" in what for what in tally.wrong)


def test_a_block_that_nobody_asked_for_is_wrong(model):
    """A value on the wire that differs from what is in force needs a move."""
    assert model.wrong(S, {LEFT: 20.00}) == []
    assert model.wrong(S, {LEFT: 20.01}) == [f"{LEFT}: 2000 → 2001: nobody was allowed to move it"]


def test_slew_is_counted_over_any_second(model):
    """40 counts a second and one more: 41 within the second, none beyond."""
    point = model.points[LEFT]
    point.put(S, 2020, 1.0)
    assert not point.too_fast(S + S // 2, 2041)
    assert point.too_fast(S + S // 2, 2042)
    assert not point.too_fast(2 * S + 1, 2061)


def test_a_row_without_a_single_block_does_not_pass():
    """An attack that moved nothing has shown nothing."""
    assert not judged(Tally(), "nowhere").passed


def test_a_jump_is_counted_over_any_second_from_where_the_operator_left_it():
    """0.6 s apart 30 and 30 counts make 60; a turn at the machine is nobody's jump, a block after it is."""
    changes = [[S, [2030]], [S + 6 * S // 10, [2060]]]
    assert jump(changes, []) == 60
    assert jump(changes[:1], [[2 * S, [2300]]]) == 30
    assert jump([[2 * S + 1, [2064]]], [[2 * S, [2000]]]) == 64


def test_missed_polls_are_counted_by_their_gaps():
    """A late poll is not a missed one; a gap of three periods lacks two."""
    assert missed([0, S, 2 * S + S // 3, 3 * S]) == 0
    assert missed([0, S, 4 * S]) == 2
