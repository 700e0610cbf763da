"""Windows of a sampled signal on record: each judged once, with its features."""

from __future__ import annotations

from collections.abc import Callable

from cellctl.evidence import MemoryStore, Record, RecordKind, RunClosed
from cellctl.evidence.canonical import restore
from cellctl.evidence.checks import Check, ClosingChecker
from cellctl.evidence.checks.windows import WindowChecker
from cellctl.model import Features, Judgement, Stamp
from tests.unit.evidence.builders import start_recorder


def make_features(number: int, *, lost: int = 0, reason: str = "") -> Features:
    """The judgement of one window."""
    return Features(
        stamp=Stamp(number * 10**9), device="bearing", window_id=number, lost_windows=lost,
        judgement=Judgement.INDETERMINATE if reason else Judgement.OK, reason=reason,
        values={} if reason else {"rms": 0.07}, unit="g", rate_hz=12_000.0, samples=12_000, received_ns=0, judged_ns=1,
    )  # fmt: skip


def recorded(*windows: Features) -> list[Record]:
    """What the recorder has kept of a run with these windows."""
    store = MemoryStore()
    harness = start_recorder(store)
    for window in windows:
        harness.feed("features", window)
    harness.close()
    return store.records


def check(records: list[Record], keep: Callable[[Record], bool] = lambda _record: True) -> Check:
    """The check of windows over the records that are kept."""
    checker = WindowChecker()
    for record in filter(keep, records):
        checker.see(record)
    return checker.conclude()


def test_every_window_is_counted_with_its_features() -> None:
    """Judged and unjudged windows are counted apart, and the run closes with the same totals."""
    records = recorded(make_features(0), make_features(1, reason="short"), make_features(2))
    assert check(records) == Check("windows", True, "bearing: 3 judged (1 INDETERMINATE, 2 OK), 0 lost")
    totals = restore(records[-1].body, RunClosed).windows["bearing"]
    assert (totals.judged, totals.counts) == (((0, 2),), {"OK": 2, "INDETERMINATE": 1})


def test_lost_window_is_on_record_as_lost() -> None:
    """A window that never came is no gap when it is named."""
    assert check(recorded(make_features(0), make_features(2, lost=1))).detail.endswith("1 lost")


def test_window_without_judgement_is_found() -> None:
    """A gap that nobody named is a fault."""
    found = check(recorded(make_features(0), make_features(2)))
    assert not found.ok
    assert "windows 1 to 1 have no judgement" in found.detail


def test_window_without_features_is_found() -> None:
    """A judgement whose features were taken out of the record does not hold."""
    records = recorded(make_features(0), make_features(1))
    taken = next(record for record in records if record.kind == RecordKind.FEATURES)
    found = check(records, lambda record: record is not taken)
    assert not found.ok
    assert "2 windows OK, features of 1" in found.detail


def test_run_closes_with_the_windows_that_it_has() -> None:
    """Without its records of windows the closing record says more than there is."""
    checker = ClosingChecker()
    for record in recorded(make_features(0)):
        if record.kind != RecordKind.WINDOWS:
            checker.see(record)
    assert "other windows" in checker.conclude().detail


def test_windows_are_no_frames() -> None:
    """A sensor is not taken for a camera."""
    records = recorded(make_features(0))
    assert restore(records[-1].body, RunClosed).frames == {}
    assert not any(record.kind == RecordKind.COVERAGE for record in records)
