"""What loops make of another recipe or lot: nothing is moved, nothing old is trusted, and names go on."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from cellctl.config.resolved import Product, Recipe, ResolvedCell
from cellctl.model import CellState, Stamp, TransactionState
from tests.unit.loop.bench import Bench
from tests.unit.loop.builders import make_cell, make_state
from tests.unit.loop.test_release import last_states, make_line, until, way_back

S = TransactionState
THIN = "LFP-150"


def two_products() -> ResolvedCell:
    """The cell of the other tests, and one whose set-points lie at 30 kPa and move by 1.5 kPa."""
    cell = make_cell()
    points = tuple(
        msgspec.structs.replace(it, recipe=30.0, minimum=25.0, maximum=35.0, per_event=2.0)
        for it in cell.guard.setpoints
    )
    products = (
        Product(cell.recipe, cell.loops, cell.regulators),
        Product(
            Recipe(THIN, 0.8, "thin.onnx", "ff"),
            tuple(msgspec.structs.replace(it, step=1.5) for it in cell.loops),
            cell.regulators,
        ),
    )
    guard = msgspec.structs.replace(cell.guard, recipes={cell.recipe.product: cell.guard.setpoints, THIN: points})
    return msgspec.structs.replace(cell, products=products, guard=guard)


def told(bench: Bench, product: str, lot: str, *, changing: bool) -> CellState:
    """What the supervisor says after an announcement at the place where the web is."""
    return msgspec.structs.replace(
        make_state(epoch=2), stamp=Stamp(bench.now_ns), product=product, lot=lot, changing=changing,
        since_mm=bench.s_mm, reason=f"recipe changed to {product}" if product == THIN else f"lot changed to {lot}",
    )  # fmt: skip


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A correction of the left edge is in force and its test runs."""
    made = Bench(two_products())
    made.move(made.alarm())
    made.clean(2.0)
    assert made.states[-1] is S.VERIFYING
    yield made
    made.harness.close()


def test_another_recipe_ends_the_test_and_leaves_the_set_point(bench: Bench) -> None:
    """CONFOUNDED at once, with the lot and product of its metres; nothing is taken back, now or later."""
    own, lot = bench.corrections[-1].product, bench.corrections[-1].lot
    state = told(bench, THIN, "L2", changing=True)
    bench.harness.feed("state", state)
    last = bench.corrections[-1]
    assert (last.state, last.product, last.lot) == (S.CONFOUNDED, own, lot)
    assert last.reason == f"recipe changed to {THIN}: the set-point is left to the line"
    asked = len(bench.proposals)
    bench.clean(30.0)
    bench.harness.feed("state", msgspec.structs.replace(state, changing=False))
    bench.clean(5.0)
    assert len(bench.proposals) == asked


def test_another_lot_takes_the_move_back_when_the_changeover_is_over(bench: Bench) -> None:
    """Not before: the guard would refuse it."""
    state = told(bench, "", "L2", changing=True)
    asked = len(bench.proposals)
    bench.harness.feed("state", state)
    bench.clean(10.0)
    assert bench.states[-1] is S.ROLLING_BACK
    assert len(bench.proposals) == asked
    bench.harness.feed("state", msgspec.structs.replace(state, changing=False))
    bench.clean(1.0)
    assert [(it.target, it.epoch) for it in bench.proposals[asked:]] == [(20.0, 2)]


def test_during_a_changeover_nobody_acts(bench: Bench) -> None:
    """However many objects come."""
    bench.harness.feed("state", told(bench, THIN, "L2", changing=True))
    asked = len(bench.proposals)
    for _ in range(8):
        bench.look(bench.spur())
    assert len(bench.proposals) == asked


def test_afterwards_it_acts_by_the_new_recipe_under_a_new_name(bench: Bench) -> None:
    """The step is the new product's, the record says which recipe and lot, and the number goes on."""
    first = bench.corrections[-1].transaction
    state = told(bench, THIN, "L2", changing=True)
    bench.harness.feed("state", state)
    bench.plant["blade_load_sp_left"] = bench.plant["blade_load_sp_right"] = 30.0
    bench.clean(5.0)
    bench.harness.feed("state", msgspec.structs.replace(state, changing=False))
    proposal = bench.alarm()
    assert (proposal.target, proposal.epoch) == (31.5, 2)
    assert (first, proposal.transaction) == ("edge_spur-left-1", "edge_spur-left-2")
    record = bench.corrections[-1]
    assert (record.product, record.lot) == (THIN, "L2")


def test_material_of_the_last_lot_does_not_count_afterwards(bench: Bench) -> None:
    """A camera far down the line still shows it when the changeover is over."""
    state = told(bench, THIN, "L2", changing=True)
    late = msgspec.structs.replace(state, changing=False, since_mm=bench.s_mm + 6_000.0)
    bench.harness.feed("state", msgspec.structs.replace(state, since_mm=bench.s_mm + 6_000.0))
    bench.plant["blade_load_sp_left"] = bench.plant["blade_load_sp_right"] = 30.0
    bench.clean(0.5)
    bench.harness.feed("state", late)
    asked = len(bench.proposals)
    for _ in range(4):
        bench.look(bench.spur())
        bench.clean(0.75)
    assert len(bench.proposals) == asked
    for _ in range(3):  # as far as the new material
        bench.clean(1.0)
    assert bench.alarm().target == 31.5


def test_alarms_of_the_last_recipe_end_with_it(bench: Bench) -> None:
    """What stood was about another product."""
    bench.look(bench.spur(confidence=0.5))
    raised = bench.alarms("escalation")
    assert raised[-1]
    bench.harness.feed("state", told(bench, THIN, "L2", changing=True))
    assert not bench.alarms("escalation")[-1]


def test_a_watched_release_says_nothing_when_the_lot_changes() -> None:
    """RESTORED, not judged: the new slurry may be why the fault stays away."""
    line = make_line(deficit=1.5)
    until(line, S.RELEASING)
    line.run(20.0)
    state = msgspec.structs.replace(
        make_state(epoch=2), stamp=Stamp(line.now_ns), lot="L2", changing=True, reason="lot changed to L2"
    )
    line.situation.state = state
    line.controller.cell_changed(line.now_ns)
    line.run(1.0)
    last = line.records[-1]
    assert last.state is S.RESTORED
    assert not way_back(last).judged
    assert "lot changed to L2" in last.reason
    assert set(last_states(line).values()) == {S.RESTORED}
