"""Which metres belong to which lot: a table without gaps, whatever happens to the web."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cellctl.model.interval import ENDED, WENT_BACK
from cellctl.quality.genealogy import Genealogy, Stretch


def started() -> Genealogy:
    """Lot L1 of product P from 1 m on, now at 5 m."""
    table = Genealogy("L1", "P")
    table.follow(1_000.0, splice=False)
    table.follow(5_000.0, splice=False)
    return table


def test_a_lot_ends_where_the_next_was_announced() -> None:
    """Also when readings of later places have come before the word of it."""
    table = started()
    table.follow(6_000.0, splice=False)
    assert table.change("L2", "P", 5_500.0, "lot changed") == [
        Stretch(1_000.0, 5_500.0, "L1", "P", False, "lot changed")
    ]
    assert (table.where(5_499.0).lot, table.where(5_500.0).lot) == ("L1", "L2")


def test_without_a_place_it_ends_where_the_web_is() -> None:
    """The latest position is the best that is known."""
    assert started().change("L2", "Q", None, "recipe changed")[0].to_mm == 5_000.0


def test_a_place_that_the_web_has_not_shown_yet_is_taken() -> None:
    """The word of a changeover may come before the reading."""
    table = started()
    assert table.change("L2", "P", 5_100.0, "lot changed")[0].to_mm == 5_100.0


def test_what_was_announced_and_never_ran_is_named_at_the_end() -> None:
    """A lot announced while the web stands ends with the run, without length; of a web never seen there is nothing."""
    table = started()
    table.change("L2", "P", None, "lot changed")
    assert table.end() == [Stretch(5_000.0, 5_000.0, "L2", "P", False, ENDED)]
    assert Genealogy("L1", "P").end() == []


def test_the_same_again_is_no_change() -> None:
    """The cell's state comes five times a second."""
    assert started().change("L1", "P", None, "again") == []


def test_a_splice_is_a_stretch_of_its_own() -> None:
    """From where the flag rose to where it fell, of the lot that runs."""
    table = started()
    (before,) = table.follow(6_000.0, splice=True)
    (splice,) = table.follow(6_200.0, splice=False)
    assert (before.splice, before.to_mm, before.reason) == (False, 6_000.0, "a splice begins")
    assert splice == Stretch(6_000.0, 6_200.0, "L1", "P", True, "a splice ends")
    assert table.where(6_100.0).splice
    assert not table.where(6_200.0).splice


def test_a_counter_that_was_reset_begins_a_new_stretch() -> None:
    """What was made before keeps its place."""
    table = started()
    (ended,) = table.follow(10.0, splice=False)
    assert (ended.to_mm, ended.reason) == (5_000.0, WENT_BACK)
    table.follow(500.0, splice=False)
    assert table.end()[0][:2] == (10.0, 500.0)


def test_a_web_that_is_rewound_a_little_goes_on() -> None:
    """Less than a metre back is no reset, and the material is not counted twice."""
    table = started()
    assert table.follow(4_500.0, splice=False) == []
    table.follow(6_000.0, splice=False)
    assert table.end()[0][:2] == (1_000.0, 6_000.0)


def test_material_from_before_the_first_reading_is_of_the_first_lot() -> None:
    """It was under the camera when the run began."""
    table = started()
    table.change("L2", "P", None, "lot changed")
    assert table.where(0.0).lot == "L1"


def test_without_a_reading_the_running_lot_is_all_that_is_known() -> None:
    """No metres, no table."""
    table = Genealogy("L1", "P")
    assert table.end() == []
    assert table.where(12.0).lot == "L1"
    assert table.change("L2", "P", None, "lot changed") == []
    assert table.where(12.0).lot == "L2"


def test_it_goes_on_after_a_restart_where_it_ended() -> None:
    """The metres that passed meanwhile belong to what runs."""
    table = Genealogy("L2", "P")
    table.go_on_from([Stretch(0.0, 5_000.0, "L1", "P", False, "lot changed")])
    table.follow(7_000.0, splice=False)
    assert table.end()[0][:3] == (5_000.0, 7_000.0, "L2")
    assert table.where(100.0).lot == "L1"


events = st.one_of(
    st.tuples(st.just("run"), st.floats(0.0, 5_000.0), st.booleans()),
    st.tuples(st.just("change"), st.sampled_from(["L1", "L2", "L3"]), st.floats(-100.0, 100.0)),
)


@given(st.lists(events, max_size=40))
def test_the_table_never_has_a_gap(story: list[tuple[str, object, object]]) -> None:
    """Whatever changes when: each stretch begins where the one before ended, and has a length."""
    table, at = Genealogy("L1", "P"), 0.0
    ended = table.follow(at, splice=False)
    for kind, first, second in story:
        if kind == "run":
            at += float(first)  # type: ignore[arg-type]  # by construction
            ended += table.follow(at, splice=bool(second))
        else:
            ended += table.change(str(first), "P", at + float(second), "changed")  # type: ignore[arg-type]
    ended += table.end()
    assert all(before.to_mm == after.from_mm for before, after in pairwise(ended))
    assert all(it.from_mm < it.to_mm for it in ended[:-1])  # the last one may never have run
    assert not ended or ended[-1].reason == ENDED or ended[-1].to_mm >= at
