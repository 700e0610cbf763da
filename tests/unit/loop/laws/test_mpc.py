"""Predictive law of the oven: it reaches its target inside every limit, and falls back to what is known to be safe."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from cellctl.loop.adjust.laws import (
    MpcCosts,
    MpcInput,
    MpcModel,
    MpcProblem,
    Source,
    VectorSample,
    kalman_weight,
    solve,
)
from cellctl.loop.adjust.laws.mpc_state import MpcState
from tests.unit.loop.laws.oven import RATE_C, RECIPE_C, SPAN_C, SPEC, TARGET, Oven, law, model


def none(_problem):
    return None


def test_lasting_excess_goes():
    """Residual solvent 0.4 g/m² above its target comes back to it, with all zones within their envelope."""
    oven = Oven(law()).run(5).run(60, residual=0.4)
    assert oven.residual[-1] == pytest.approx(TARGET, abs=0.01)
    assert np.all(np.abs(oven.setpoints - RECIPE_C) <= SPAN_C + 1e-6)


def test_moves_keep_the_rate():
    """No zone moves faster than its rate, and the law uses all of it."""
    moves = np.diff(np.array(Oven(law()).run(5).run(20, residual=0.8).history), axis=0)
    assert np.abs(moves).max() == pytest.approx(RATE_C, abs=1e-6)


def test_neighbours_stay_near():
    """Zones never stand more than 15 °C apart; without that limit they would."""
    free = Oven(law(model(neighbours=math.inf))).run(60, residual=1.5).setpoints
    kept = Oven(law()).run(60, residual=1.5).setpoints
    tight = Oven(law(model(neighbours=11.0))).run(60, residual=1.5).setpoints
    assert np.abs(np.diff(kept, axis=1)).max() <= 15.0 + 1e-6
    assert np.abs(np.diff(tight, axis=1)).max() <= 11.0 + 1e-6
    assert np.abs(np.diff(free, axis=1)).max() > 11.0 + 0.5


def test_solvent_in_the_air_is_a_hard_limit():
    """With 7 % LEL to spare and a residual that asks for more, the air stays at 25 %; without it, it would not."""
    kept = Oven(law()).run(60, residual=3.0, lel=3.0)
    free = Oven(law(model(limits=(99.0,)))).run(60, residual=3.0, lel=3.0)
    assert max(kept.lel) == pytest.approx(25.0, abs=0.01)
    assert max(free.lel) > 30.0


def test_specification_is_soft():
    """A residual that cannot be reached leaves a plan at the end of the envelope, not none."""
    oven = Oven(law(model(limits=(99.0,)))).run(60, residual=9.0)
    assert oven.law.source is Source.SOLVED
    assert oven.residual[-1] > SPEC
    assert oven.setpoints[-1].max() == pytest.approx(120.0 + SPAN_C, abs=1e-3)


def test_frozen_holds_what_is_in_force():
    """A frozen law moves nothing and learns nothing from its sample."""
    oven = Oven(law()).run(10, residual=9.0, frozen=True)
    assert np.all(oven.setpoints == RECIPE_C)
    oven.run(3)
    assert np.abs(oven.setpoints - RECIPE_C).max() < 0.01


def test_rest_of_the_last_plan_when_the_solver_is_late():
    """Without an answer the law goes on with its last plan, move by move."""
    oven = Oven(law()).run(5).run(2, residual=0.8)
    plan = oven.law._plan.copy()
    oven.law._solver = none
    oven.run(2, residual=0.8)
    assert oven.law.source is Source.LAST_FEASIBLE
    assert oven.setpoints[-1] - RECIPE_C == pytest.approx(plan[14:21])


def test_stale_plan_that_breaks_a_limit_is_not_used():
    """When the air holds more solvent than was planned for, the rest of the plan is dropped and everything stays."""
    oven = Oven(law()).run(5).run(2, residual=0.8)
    oven.law._solver = none
    oven.run(1, residual=0.8, lel=9.0)
    assert oven.law.source is Source.HELD
    assert np.all(oven.setpoints[-1] == oven.setpoints[-2])


def test_no_plan_at_all_holds():
    """A law whose solver has never answered leaves everything where it is."""
    oven = Oven(law(solver=none)).run(5, residual=0.8)
    assert oven.law.source is Source.HELD
    assert np.all(oven.setpoints == RECIPE_C)


def test_person_outside_of_the_envelope_is_brought_back_at_the_rate():
    """A set-point that a person left outside does not make the problem insoluble."""
    oven = Oven(law())
    oven.history[-1] = (*RECIPE_C[:-1], RECIPE_C[-1] + 14.0)
    oven.law.hand_over(oven.history[-1])
    oven.run(8)
    assert oven.law.source is Source.SOLVED
    assert oven.setpoints[0][-1] >= RECIPE_C[-1] + 14.0 - RATE_C - 1e-6
    assert oven.setpoints[-1][-1] < RECIPE_C[-1] + SPAN_C


def test_start_away_from_the_recipe_is_no_disturbance():
    """A line that has run 4 °C above its recipe, on target with that, keeps its solvent where it is."""
    warm = tuple(value + 4.0 for value in RECIPE_C)
    controller, gains = law(), model().gains[0]
    on_target = VectorSample(TARGET, warm, warm, (16.2,))
    answers = [controller.update(on_target) for _ in range(3)]
    for answer in answers:
        assert float(gains @ (np.array(answer) - warm)) == pytest.approx(0.0, abs=0.01)


def test_step_response_is_what_the_state_does():
    """The matrix of the problem and the followed state are the same plant."""
    plant = model()
    response = plant.step_response(0, 12)
    for zone in range(7):
        state, seen = MpcState(plant, 1), []
        unit = np.eye(7)[zone]
        for _ in range(13):
            seen.append(float(state.free()[0][0]))
            state.advance(unit)
        assert seen[1:] == pytest.approx(response[:, zone].tolist())


def test_free_response_is_what_happens_next():
    """What is foreseen with everything at the recipe comes about when everything goes there."""
    state = MpcState(model(), 6)
    rng = np.random.default_rng(2)
    for _ in range(9):
        state.advance(rng.normal(size=7))
    held, near = state.free()
    for ahead in range(1, 7):
        state.advance(np.zeros(7))
        now = state.free()
        assert now[0][0] == pytest.approx(held[ahead])
        assert now[1][0] == pytest.approx(near[ahead])


def test_size_of_the_ovens_problem():
    """Seven zones and twelve moves: 84 variables and one slack."""
    problem = MpcProblem(model(), 12, MpcCosts(0.1))
    built = problem.build(np.zeros(problem.samples), np.full((problem.samples, 1), 15.0), np.zeros(7))
    assert len(built.linear) == 85
    assert np.linalg.eigvalsh(built.hessian).min() > 0.0


def test_solution_is_optimal():
    """The gradient at the solution vanishes where no bound is active."""
    problem = MpcProblem(model(limits=(1e6,), at_most=math.inf), 3, MpcCosts(0.1, away=1.0, move=1.0))
    built = problem.build(np.full(problem.samples, 0.02), np.zeros((problem.samples, 1)), np.zeros(7))
    point = solve(built)
    assert point is not None
    assert (built.hessian @ point + built.linear)[:-1] == pytest.approx(np.zeros(21), abs=1e-6)


def test_passed_limit_is_left_as_fast_as_the_rates_allow():
    """Solvent that is already above its limit sends every zone down at its full rate, whatever the residual asks."""
    oven = Oven(law()).run(3).run(4, residual=0.8, lel=40.0)
    assert oven.law.source is Source.SOLVED
    assert np.diff(np.array(oven.history[-5:]), axis=0) == pytest.approx(np.full((4, 7), -RATE_C), abs=1e-3)
    assert oven.run(4, residual=0.8).setpoints[-1].sum() > oven.setpoints[-5].sum()


def test_insoluble_problem_has_no_answer():
    """Bounds that contradict each other give None, not a point that breaks one."""
    problem = MpcProblem(model(), 12, MpcCosts(0.1))
    built = problem.build(np.zeros(problem.samples), np.full((problem.samples, 1), 15.0), np.zeros(7))
    assert solve(msgspec.structs.replace(built, upper=built.lower - 1.0)) is None


@pytest.mark.parametrize("disturbance_s", [60.0, 600.0])
def test_kalman_weight_is_the_fixed_point_of_the_filter(disturbance_s):
    """The closed form is where the variance recursion settles."""
    kept, variance = math.exp(-2.0 * 5.0 / disturbance_s), 4.0
    for _ in range(5000):
        variance = kept * variance * 0.09 / (variance + 0.09) + (1.0 - kept) * 4.0
    assert kalman_weight(0.3, 2.0, period_s=5.0, disturbance_s=disturbance_s) == pytest.approx(
        variance / (variance + 0.09)
    )


@pytest.mark.parametrize(
    ("values", "text"),
    [({"coupling": 0.5}, "coupling"), ({"limits": ()}, "limit gains"), ({"inputs": ()}, "at least one set-point")],
)
def test_model_is_checked(values, text):
    """What cannot be a plant is refused."""
    good = {"inputs": model().inputs, "target": 0.3, "limits": (25.0,)}
    with pytest.raises(ValueError, match=text):
        MpcModel(**(good | values))


def test_recipe_outside_of_its_envelope_is_refused():
    """The operating point is a place where the plant may be."""
    with pytest.raises(ValueError, match="inside its envelope"):
        MpcModel((MpcInput(20.0, 0.0, 10.0, 1.0, 1.0),), target=0.0)


def test_one_set_point_with_a_dead_time():
    """With one set-point it is the minimum-variance law: the move cancels φᵖ of what the gauge sees."""
    one = MpcModel((MpcInput(0.0, -100.0, 100.0, 100.0, 2.0, seen_after=13),), target=10.0)
    controller = law(one, disturbance_s=600.0, weight=1.0)
    controller._problem = MpcProblem(one, 12, MpcCosts(1.0, move=1e-6, away=1e-9))
    answer = controller.update(VectorSample(13.0, (0.0,), (0.0,)))
    assert answer[0] == pytest.approx(-1.5 * math.exp(-14 * 30.0 / 600.0), abs=1e-3)
