"""Random interleavings against a judge of its own: nothing illegal is ever begun, and what is legal is taken."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cellctl.guard import RULES
from cellctl.model.correction import Kind
from cellctl.model.message import Stamp
from cellctl.model.packml import PackMLState
from cellctl.model.quality import Quality
from tests.unit.guard.bench import LEFT, RIGHT
from tests.unit.guard.judge import Scene

SPOILT: list[dict[str, object]] = [
    {"unit": "bar"}, {"epoch": -1}, {"loop": "stranger"}, {"quality": Quality.UNCERTAIN}, {"quality": Quality.BAD},
    {"sequence": 0}, {"tag": "plc.oven"}, {"stamp": Stamp(0)}, {"exposure_ns": 0},
]  # fmt: skip
WILD = [float("nan"), float("inf"), -0.0, 5e-324, 1e308, 17, 23, 23.01, 10**400]
STATES: dict[str, dict[str, Any]] = {
    "execute": {}, "held": {"state": PackMLState.HELD}, "safe": {"state": PackMLState.HELD, "safe": True},
    "changing": {"changing": True},
}  # fmt: skip

tags = st.sampled_from([LEFT, RIGHT])


class Machine(RuleBasedStateMachine):
    """Hypothesis chooses what happens next."""

    @initialize()
    def begin(self) -> None:
        self.scene = Scene()

    @rule(tag=tags, value=st.floats() | st.sampled_from(WILD), kind=st.sampled_from(list(Kind)))
    def ask_for_anything(self, tag: str, value: float, kind: Kind) -> None:
        self.scene.propose(tag, value, kind, {})

    @rule(tag=tags, by=st.floats(-1.1, 1.1), kind=st.sampled_from(list(Kind)), changes=st.sampled_from([{}, *SPOILT]))
    def ask(self, tag: str, by: float, kind: Kind, changes: dict[str, object]) -> None:
        self.scene.propose(tag, self.scene.bench.values[tag] + by, kind, changes)

    @rule(seconds=st.sampled_from([0.1, 0.5, 2.0, 9.0, 33.0]), fails=st.booleans())
    def time_passes(self, seconds: float, fails: bool) -> None:
        self.scene.run(seconds, fails=fails)

    @rule(state=st.sampled_from(list(STATES)))
    def supervisor(self, state: str) -> None:
        self.scene.arm(**STATES[state])

    @rule(tag=tags, value=st.sampled_from([17.2, 19.6, 20.0, 20.7, 22.8]))
    def somebody_turns(self, tag: str, value: float) -> None:
        self.scene.somebody_turns(tag, value)

    @rule(tag=tags)
    def operator(self, tag: str) -> None:
        self.scene.operator(tag)

    @rule()
    def restart(self) -> None:
        self.scene.restart()

    @rule(tag=tags)
    def all_is_well(self, tag: str) -> None:
        self.scene.all_is_well(tag)

    @invariant()
    def the_plant_is_unharmed(self) -> None:
        if hasattr(self, "scene"):
            self.scene.check_plant()


Machine.TestCase.settings = settings(
    max_examples=10, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestMachine = Machine.TestCase


def campaign(steps: int) -> Scene:
    """A long story by chance, in which most proposals are nearly legal."""
    scene, chance = Scene(), random.Random(4)
    for step in range(steps):
        tag, roll = chance.choice([LEFT, RIGHT]), chance.random()
        if roll < 0.8:
            by = chance.choice([0.05, -0.05, 0.3, -0.3, 0.9, -0.9, 1.2])
            changes = chance.choice(SPOILT) if chance.random() < 0.3 else {}
            kind = Kind.STEP if chance.random() < 0.6 else chance.choice(list(Kind))
            scene.propose(tag, scene.bench.values[tag] + by, kind, changes)
            scene.run(chance.choice([0.1, 1.0, 1.8, 4.0]))
        elif roll < 0.84:
            scene.propose(tag, chance.choice(WILD), Kind.STEP, {})
        elif roll < 0.88:
            scene.run(1.0, fails=True)
        elif roll < 0.92:
            scene.somebody_turns(tag, chance.choice([17.2, 19.6, 20.0, 20.7, 22.8]))
        elif roll < 0.95:
            scene.operator(tag)
        else:
            chance.choice([scene.restart, lambda: scene.arm(**STATES[chance.choice(list(STATES))])])()
        if step % 12 == 0:
            scene.people_let_go()
        scene.check_plant()
    return scene


def test_a_long_story_stays_legal_and_moves_much() -> None:
    """Six hundred steps: nothing illegal was begun, and a good part of what was asked for was."""
    scene = campaign(600)
    assert sum(map(len, scene.begun.values())) > 40
    assert sum(map(len, scene.plant_log.values())) > 60


@pytest.mark.parametrize(
    "name", ["unit", "epoch", "state", "authority", "tripped", "range", "per-event", "drift", "cool-down", "tries",
             "taken over", "evidence", "proposal-age"],
)  # fmt: skip
def test_control_the_judge_sees_a_table_without_a_rule(name: str, monkeypatch) -> None:
    """Negative control: with one row less, something illegal is begun in the same story."""
    monkeypatch.setattr("cellctl.guard.rules.RULES", tuple(row for row in RULES if row.name != name))
    with pytest.raises(AssertionError):
        campaign(600)
