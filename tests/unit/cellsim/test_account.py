"""The account of a bench run: every object and every proposal appears in it exactly once."""

from pathlib import Path

import msgspec
import pytest

from cellctl.model import Evidence, Kind, Outcome, Side, Stamp, TransactionState, WritePhase, WriteResult
from cellctl.runtime.histogram import Histogram
from cellctl.testing.lateness import Lateness
from cellsim.account import account, first_increments, is_balanced, with_misses
from cellsim.trial import Outcomes, Tally
from tests.unit.cellsim.test_figures import correction

MS = 1_000_000
NS_PER_MM = 1_000_000
"""One metre per second."""


def spur(s_mm, side="left"):
    return {
        "record": "object", "defect": "coat_edge_spur", "side": side, "s_mm": s_mm,
        "from_mm": s_mm - 2, "to_mm": s_mm + 2,
    }  # fmt: skip


def move(s_mm, side=Side.LEFT, took_ms=300, reason=""):
    """A correction on the object at `s_mm`, from 30 ms after its exposure on."""
    exposed_ns = round(s_mm) * NS_PER_MM
    seen = Evidence(object_id="o", defect="coat_edge_spur", confidence=1.0, s_mm=s_mm, roi="", features=())
    times = {"PROPOSED": exposed_ns + 30 * MS, "UNDECIDED": exposed_ns + (30 + took_ms) * MS}
    return msgspec.structs.replace(
        correction(), transaction=f"bench-{side}-{s_mm:.0f}", side=side, state=TransactionState.UNDECIDED,
        evidence=(seen,), alarm_s_mm=s_mm, exposure_ns=exposed_ns, times_ns=times, reason=reason,
    )  # fmt: skip


def said(of, outcome=Outcome.CONFIRMED, phase=WritePhase.FIRST_INCREMENT, reason="", kind=Kind.STEP):
    return WriteResult(
        stamp=Stamp(of.exposure_ns + 60 * MS), transaction=of.transaction, kind=kind, phase=phase, outcome=outcome,
        reason=reason, tag=of.tag, old=20.0, proposed=20.1, written=None, in_force=None, unit="kPa", registers="",
        encoder_mm=0.0, intent_ns=0, written_ns=0, exposure_ns=of.exposure_ns, first_line_ns=of.exposure_ns - 25 * MS,
    )  # fmt: skip


def outcomes(corrections, results, truth):
    return Outcomes(
        tally=Tally(), lateness=Lateness(1, 0, 0.0, 0.0), beats={}, drained=True, failure="", interrupted=False,
        line={}, truth=truth, evidence_ok=True, head="h", judged={}, corrections=tuple(corrections),
        results=tuple(results), run_dir=Path("run"),
    )  # fmt: skip


FIRST, LAST = move(1000.0), move(5000.0)
BOTH = [said(FIRST), said(LAST)]


def figures(*between, corrections=(), results=()):
    truth = [spur(1000.0), *between, spur(5000.0)]
    return account(outcomes([FIRST, *corrections, LAST], [*BOTH, *results], truth))


def test_a_run_in_which_every_object_led_to_a_move():
    """Two objects, two proposals, two confirmations: nothing is left over."""
    found = figures()
    assert (found["objects_placed"], found["acted_on"], found["proposals"], found["confirmed"]) == (2, 2, 2, 2)
    assert is_balanced(found)


@pytest.mark.parametrize(
    "thing",
    [spur(900.0), spur(5100.0), spur(3000.0) | {"defect": "streak"}, spur(3000.0) | {"record": "harmless"}],
)
def test_what_does_not_belong_to_the_account(thing):
    """Objects before the first and after the last correction, and of other classes, are not counted."""
    assert figures(thing)["objects_placed"] == 2


def test_an_object_that_led_to_nothing_is_unaccounted():
    """A missed object cannot hide behind those that were seen."""
    found = figures(spur(3000.0))
    assert (found["objects_placed"], found["unaccounted"]) == (3, 1)
    assert not is_balanced(found)


def test_an_object_that_came_while_its_side_was_busy_is_explained():
    """The move before was open when it was handled."""
    found = figures(spur(1200.0))
    assert (found["busy"], found["unaccounted"]) == (1, 0)
    assert is_balanced(found)


@pytest.mark.parametrize("thing", [spur(1400.0), spur(1200.0, "right")])
def test_a_move_explains_only_its_own_side_and_time(thing):
    """Neither a move that had ended nor one on the other edge is an excuse."""
    assert figures(thing)["unaccounted"] == 1


def test_a_refusal_is_counted_with_its_reason():
    """Proposals that the guard refused are in the account and explained; their moves are misses."""
    refused = move(3000.0)
    result = said(refused, Outcome.REFUSED, WritePhase.DECIDED, "stale: 0.3 s old")
    found = figures(spur(3000.0), corrections=[refused], results=[result])
    assert (found["proposals"], found["refused"], found["reasons"]) == (3, 1, {"stale: 0.3 s old": 1})
    assert is_balanced(found)


def test_misses_count_as_slower_than_anything():
    """With one miss in a hundred p99 is the slowest move, with three it is unknown; p50 hardly moves."""
    times = Histogram()
    for ms in range(1, 100):
        times.add(ms * MS)
    assert with_misses(times, 0)["p99"] == pytest.approx(98.0, rel=0.07)
    assert with_misses(times, 1)["p99"] == pytest.approx(99.0, rel=0.07)
    assert with_misses(times, 3) == {"p50": pytest.approx(51.0, rel=0.07), "p99": None}
    assert with_misses(Histogram(), 1) == {"p50": None, "p99": None}


@pytest.mark.parametrize("kind", list(Kind))
def test_an_unknown_outcome_is_counted(kind):
    """Of the move or of its roll-back: the guard could not say what is in force."""
    moved = move(3000.0)
    results = [said(moved), said(moved, Outcome.UNKNOWN, WritePhase.TARGET, "no echo", kind)]
    found = figures(spur(3000.0), corrections=[moved], results=results)
    assert found["unknown"] == 1
    assert not is_balanced(found)


def test_a_proposal_that_nobody_answered_is_unknown():
    """Silence is no confirmation."""
    assert figures(spur(3000.0), corrections=[move(3000.0)])["unknown"] == 1


@pytest.mark.parametrize(
    ("reason", "answers"),
    [
        ("safe state (stopping): the guard brings the set-point to its safe value", []),
        ("proposed", ["state: the cell left Execute (stopping)"]),
    ],
)
def test_what_the_end_cut_off_is_no_refusal(reason, answers):
    """The last proposal of a run may be ended by the stop; that explains it."""
    cut = move(4800.0, reason=reason)
    results = [said(cut, Outcome.REFUSED, WritePhase.DECIDED, answer) for answer in answers]
    found = figures(spur(4800.0), corrections=[cut], results=results)
    assert (found["stopped"], found["refused"], found["unknown"]) == (1, 0, 0)
    assert is_balanced(found)


def test_times_are_of_first_increments_of_steps_alone():
    """Roll-backs, decisions and what was not confirmed are in no figure."""
    others = [
        said(FIRST, kind=Kind.ROLLBACK), said(FIRST, phase=WritePhase.TARGET), said(FIRST, Outcome.UNKNOWN),
    ]  # fmt: skip
    from_exposure, from_first_line = first_increments((said(FIRST), *others))
    assert (from_exposure.n, from_exposure.max_ns) == (1, 60 * MS)
    assert (from_first_line.n, from_first_line.max_ns) == (1, 85 * MS)


def test_a_run_without_corrections_has_an_empty_account():
    """Nothing was measured, and nothing is divided by it."""
    assert account(outcomes([], [], [spur(1.0)]))["objects_placed"] == 0
