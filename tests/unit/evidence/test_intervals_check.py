"""The table of metres is whole, and what names a lot names that of its metres."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cellctl.evidence import Entry, MemoryStore, RecordKind, RunOpened
from cellctl.evidence.canonical import plain
from cellctl.evidence.checks import Check
from cellctl.evidence.checks.intervals import IntervalChecker
from cellctl.evidence.kinds import FORMAT, RunClosed
from cellctl.model import Interval, Stamp, WriteResult
from cellctl.model.interval import ENDED, WENT_BACK
from tests.unit.evidence.builders import make_cell, make_correction, make_result

MOVE = make_correction()
HERE_MM = MOVE.alarm_s_mm


def interval(from_mm: float, to_mm: float, lot: str = MOVE.lot, reason: str = "lot changed") -> Interval:
    """One stretch."""
    return Interval(stamp=Stamp(0), from_mm=from_mm, to_mm=to_mm, lot=lot, product="", splice=False, reason=reason)


def moved(at_mm: float, product: str) -> WriteResult:
    """A confirmed step at a place, judged by a recipe."""
    return msgspec.structs.replace(make_result(), encoder_mm=at_mm, product=product)


def check(
    *intervals: Interval,
    closed: bool = True,
    form: int = FORMAT,
    lot: str = MOVE.lot,
    moves: tuple[WriteResult, ...] = (),
) -> Check:
    """Run the check over a run with one correction and these stretches."""
    cell = make_cell()
    opened = RunOpened(cell=cell.id, config=plain(cell), config_hash=cell.hash, model_hash="", seed=0, versions={},
                       format=form)  # fmt: skip
    bodies: list[tuple[RecordKind, Any]] = [(RecordKind.RUN_OPENED, opened)]
    bodies += [(RecordKind.INTERVAL, it) for it in intervals]
    bodies.append((RecordKind.CORRECTION, msgspec.structs.replace(MOVE, lot=lot)))
    bodies += [(RecordKind.RESULT, it) for it in moves]
    if closed:
        bodies.append((RecordKind.RUN_CLOSED, RunClosed(counts={}, frames={})))
    store, checker = MemoryStore(), IntervalChecker()
    store.append([Entry(kind.value, 0, "", plain(body)) for kind, body in bodies])
    for record in store.history():
        checker.see(record)
    return checker.conclude()


def test_a_whole_table_holds() -> None:
    """One stretch after the other, the last one ended by the run."""
    found = check(interval(0.0, HERE_MM + 1.0), interval(HERE_MM + 1.0, HERE_MM + 9.0, "L2", ENDED))
    assert found.ok, found
    assert found.detail == "2 without a gap, 2 lots; 1 records name their lot"


@pytest.mark.parametrize(
    ("intervals", "said"),
    [
        ((interval(0.0, HERE_MM + 1.0), interval(HERE_MM + 2.0, 1e6, reason=ENDED)), "after interval 1 the table"),
        ((interval(0.0, HERE_MM + 5.0), interval(HERE_MM, 1e6, reason=ENDED)), "after interval 1 the table"),
        ((interval(1e6, 1e6, reason=ENDED),), "interval 1 ends at 1e+06 mm, where it begins or before"),
        ((interval(0.0, 1e6),), "the last interval does not end with the run"),
        ((interval(0.0, 1e6, "L9", ENDED),), f"{MOVE.transaction} names the lot {MOVE.lot}, its metre"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_table_is_said(intervals: tuple[Interval, ...], said: str) -> None:
    """Gaps, overlaps, nothing, a missing end, and a lot that did not run there."""
    found = check(*intervals)
    assert not found.ok
    assert said in found.detail


def test_a_lot_of_which_no_metre_ran_ends_with_the_run() -> None:
    """Announced while the web stands, and then the run ends: whole. In the middle of a table it is no stretch."""
    last = interval(1e6, 1e6, "L2", ENDED)
    assert check(interval(0.0, 1e6), last).ok
    assert not check(interval(0.0, 1e6), msgspec.structs.replace(last, reason="lot changed"), interval(1e6, 2e6)).ok


def test_after_a_reset_of_the_encoder_the_table_may_begin_elsewhere() -> None:
    """The metres before it keep their lot."""
    assert check(interval(5e5, 1e6, "L2", WENT_BACK), interval(0.0, 1e6, reason=ENDED)).ok


def test_a_run_that_broke_off_has_no_last_interval() -> None:
    """What it says must be right all the same."""
    assert check(closed=False).ok
    assert check(interval(0.0, HERE_MM + 1.0), closed=False).ok
    assert not check(interval(0.0, HERE_MM + 1.0, "L9"), closed=False).ok


def test_without_a_table_only_the_lot_of_the_start_can_be_named() -> None:
    """The encoder was never read."""
    assert check(lot=make_cell().lot).ok
    assert not check(lot="another").ok


def test_an_older_run_has_no_table() -> None:
    """It is not held against it."""
    found = check(form=1, lot="another")
    assert found.ok
    assert "older format" in found.detail


def of_product(product: str, from_mm: float = 0.0, to_mm: float = 1e6, reason: str = ENDED) -> Interval:
    """A stretch of a recipe."""
    return msgspec.structs.replace(interval(from_mm, to_mm, reason=reason), product=product)


def test_a_recipe_that_the_cell_does_not_have_made_nothing() -> None:
    """A name that nobody configured has no limits to hold a move against."""
    assert check(of_product(make_cell().recipe.product)).ok
    found = check(of_product("OTHER"))
    assert not found.ok
    assert "interval 1 is of the recipe OTHER, which the cell does not have" in found.detail


def test_a_move_is_judged_by_the_recipe_of_its_metres() -> None:
    """A guard that goes on by the old recipe's limits is found; at the boundary itself either will do."""
    mine = make_cell().recipe.product
    table = (of_product("", 0.0, 4e5, "recipe changed"), of_product(mine, 4e5))
    assert check(*table, moves=(moved(5e5, mine), moved(4.001e5, mine), moved(3.99e5, mine))).ok
    found = check(*table, moves=(moved(1e5, mine),))
    assert not found.ok
    assert f"was judged by the recipe {mine}, while" in found.detail
