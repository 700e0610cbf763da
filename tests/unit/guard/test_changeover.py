"""The guard works by the recipe that runs: its nominals, its limits, and nothing of the one before."""

from __future__ import annotations

import msgspec

from cellctl.config.resolved import GuardRules
from cellctl.model.correction import Kind
from cellctl.model.packml import PackMLState
from tests.unit.guard.bench import LEFT, RIGHT, Bench, rules

THIN, THICK = "LFP-150", "NMC-200"


def two_recipes() -> GuardRules:
    """THICK is the bench's own recipe at 20 kPa; THIN is 30 kPa in 28 … 32 kPa."""
    base = rules()
    thin = rules(recipe=30.0, minimum=28.0, maximum=32.0, safe=30.0)
    return msgspec.structs.replace(base, recipes={THICK: base.setpoints, THIN: thin.setpoints})


def armed() -> Bench:
    """In Execute with the thick product, every set-point watched."""
    bench = Bench(two_recipes())
    bench.arm(product=THICK)
    bench.watch()
    return bench


def to_thin(bench: Bench) -> None:
    """Announced, run, and the line has moved its set-points."""
    bench.arm(epoch=2, product=THIN, changing=True)
    bench.values = {LEFT: 30.0, RIGHT: 30.0}
    bench.watch()
    bench.arm(epoch=2, product=THIN)


def test_a_changeover_ends_the_running_ramp_and_refuses_the_next() -> None:
    """From the announcement on nothing is written."""
    bench = armed()
    assert bench.begin() == ""
    bench.obey()
    bench.arm(epoch=2, product=THIN, changing=True)
    assert bench.reports()[-1] == ("target", "REFUSED", "changeover")
    assert bench.obey() == []
    assert bench.begin(epoch=2, sequence=2).startswith("changeover: ")


def test_another_table_ends_a_ramp_in_any_case() -> None:
    """Whoever announces it: also in the same epoch and in Execute, its loop hears that it ended."""
    bench = armed()
    assert bench.begin() == ""
    bench.obey()
    bench.arm(product=THIN)
    assert bench.reports()[-1][:2] == ("target", "REFUSED")


def test_the_new_recipe_has_limits_of_its_own() -> None:
    """What was legal before is outside now, and the other way round."""
    bench = armed()
    assert bench.begin(target=31.0).startswith("range: ")
    assert bench.guard.product == THICK
    to_thin(bench)
    assert bench.guard.product == THIN
    assert bench.begin(epoch=2, target=21.0).startswith("range: ")
    assert bench.begin(epoch=2, target=31.0) == ""


def test_the_safe_state_leads_to_the_new_recipe() -> None:
    """After the changeover the guard brings the set-points to 30 kPa, not to 20 kPa."""
    bench = armed()
    to_thin(bench)
    bench.values = {LEFT: 30.5, RIGHT: 29.5}
    bench.watch()
    bench.arm(epoch=3, product=THIN, safe=True, state=PackMLState.HELD)
    for _ in range(40):
        bench.obey()
    assert bench.values == {LEFT: 30.0, RIGHT: 30.0}


def test_a_recipe_announced_in_the_safe_state_turns_the_way_there() -> None:
    """The way to the old recipe ends; the set-points go to the new one's values."""
    bench = armed()
    bench.arm(epoch=2, product=THICK, safe=True, state=PackMLState.HELD)
    bench.arm(epoch=3, product=THIN, safe=True, state=PackMLState.HELD, changing=True)
    bench.values = {LEFT: 29.8, RIGHT: 30.2}
    for _ in range(60):
        bench.obey()
    assert bench.values == {LEFT: 30.0, RIGHT: 30.0}


def test_another_lot_keeps_the_table_and_the_way_back() -> None:
    """With the same recipe a move of the last lot may still be taken back."""
    bench = armed()
    assert bench.begin() == ""
    for _ in range(60):
        bench.obey()
    assert bench.values[LEFT] == 21.0
    bench.arm(epoch=2, product=THICK, changing=True)
    assert bench.begin(epoch=2, kind=Kind.ROLLBACK, target=20.0, sequence=2).startswith("changeover: ")
    bench.arm(epoch=2, product=THICK)
    assert bench.begin(epoch=2, kind=Kind.ROLLBACK, target=20.0, sequence=2) == ""


def test_no_way_leads_back_to_values_of_another_recipe() -> None:
    """A roll-back to where the move of the old recipe began is refused."""
    bench = armed()
    assert bench.begin(target=20.5) == ""
    for _ in range(60):
        bench.obey()
    to_thin(bench)
    assert not bench.guard.memory.origins
    assert bench.begin(epoch=2, kind=Kind.ROLLBACK, target=20.0, sequence=2) != ""


def test_a_product_that_nobody_configured_moves_nothing() -> None:
    """Without a table every proposal is refused: no envelope."""
    bench = armed()
    bench.arm(epoch=2, product="unheard-of")
    assert bench.begin(epoch=2).startswith("tag: ")
