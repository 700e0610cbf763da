"""The verdicts' check: the test, its verdict and its events are computed again from what is on record."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellctl.config.resolved import Loop
from cellctl.evidence import Entry, MemoryStore, RecordKind, verify_run
from cellctl.evidence.canonical import plain
from cellctl.evidence.checks import Check, VerdictChecker
from cellctl.evidence.checks.poisson import chance_of_worse, decision_bound, log_likelihood_ratio
from cellctl.evidence.kinds import RunOpened
from cellctl.loop.verify.protected_classes import chance_of_at_least
from cellctl.loop.verify.sequential import SequentialTest
from cellctl.model import Correction, CurvePoint, DefectObject, Side
from tests.unit.evidence.builders import (
    EFFECTIVE_PATH,
    IMPROVED,
    MS,
    NOT_IMPROVED,
    make_cell,
    make_correction,
    make_curve,
    make_loop,
    make_object,
    make_run,
    reseal_corrections,
)

ROLLED_BACK = (*EFFECTIVE_PATH[:-1], "ROLLING_BACK", "INEFFECTIVE_ROLLED_BACK")
EVENT = make_object(number=2, s_mm=16_000.0)
"""The one event of `IMPROVED`."""


def check(
    correction: Correction, *objects: DefectObject, loop: Loop | None = None, cameras: tuple[str, ...] = ("wet_camera",)
) -> Check:
    """Run the check over a run with these objects, seen by these cameras in turn."""
    cell = make_cell(loop)
    opened = RunOpened(
        cell=cell.id, config=plain(cell), config_hash=cell.hash, model_hash="", seed=cell.seed, versions={}
    )
    entries = [Entry(RecordKind.RUN_OPENED.value, 0, "", plain(opened))]
    entries += [
        Entry(
            RecordKind.OBJECT.value,
            0,
            "",
            {**plain(found), "camera": cameras[number % len(cameras)], "frame_id": number},
        )
        for number, found in enumerate(objects)
    ]
    entries.append(Entry(RecordKind.CORRECTION.value, 0, "", plain(correction)))
    store = MemoryStore()
    store.append(entries)
    checker = VerdictChecker()
    for record in store.history():
        checker.see(record)
    return checker.conclude()


def rolled_back(*points: tuple[float, int], **changes: Any) -> Correction:
    """A correction that was taken back after this test."""
    changes = {"curve": make_curve(*points), "in_force": 20.0, **changes}
    return make_correction("INEFFECTIVE_ROLLED_BACK", path=ROLLED_BACK, **changes)


EVENTS = tuple(make_object(number=number, s_mm=14_000.0 + number * 900.0) for number in (1, 2, 3))
"""Objects in the material of `NOT_IMPROVED`."""


def test_improvement_passes() -> None:
    """EFFECTIVE with a test that passes its bound, and the one event on record, holds."""
    found = check(make_correction(), EVENT)
    assert found.ok, found.detail
    assert "1 decided" in found.detail


def test_roll_back_after_a_test_against_it_passes() -> None:
    """INEFFECTIVE_ROLLED_BACK with a test that passes its lower bound holds."""
    found = check(rolled_back(*NOT_IMPROVED), *EVENTS)
    assert found.ok, found.detail


def test_roll_back_for_a_protected_class_passes() -> None:
    """An improvement that a protected class paid for is rolled back."""
    counts = {"streak": (0, 40.0, 4, IMPROVED[-1][0])}
    found = check(rolled_back(*IMPROVED, protected=counts, reason="protected class got worse: streak"), EVENT)
    assert found.ok, found.detail


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"baseline_per_m": 0.0001}, "outside 0.2 … 0.6 /m"),
        ({"baseline_per_m": 0.61}, "outside 0.2 … 0.6 /m"),
        ({"baseline_per_m": math.nan}, "outside 0.2 … 0.6 /m"),
        ({"baseline_per_m": 0.5}, "the record says"),
        ({"curve": (CurvePoint(0.0, 0, 0.0), CurvePoint(1.0, 9, -12.0))}, "the record says -12.000"),
        ({"curve": (CurvePoint(0.0, 0, 0.0), CurvePoint(1.0, 0, 3.0))}, "the record says 3.000"),
        ({"curve": (CurvePoint(15.0, 1, math.nan),)}, "the record says nan"),
        ({"curve": make_curve((0.0, 0), (14.0, 1))}, "ends at an LLR of 2.829, below 2.944"),
        ({"curve": ()}, "ends at an LLR of 0.000"),
        ({"curve": make_curve((0.0, 0), (3.0, 3), (40.0, 3))}, "went on after"),
        ({"curve": make_curve((-1.0, 0), (15.0, 1))}, "the record says"),
        ({"protected": {}}, "protected classes are not those of the loop"),
        ({"protected": {"streak": (0, 40.0, 4, 15.0)}}, "protected class streak got worse"),
        ({"protected": {"streak": (0, 40.0, 0, 2.0)}}, "over other metres than the test"),
        ({"protected": {"streak": (-1, 40.0, 0, 15.0)}}, "no counts of a web"),
        ({"loop": "another"}, "has no loop another (left)"),
        ({"side": Side.RIGHT}, "has no loop edge_spur (right)"),
        ({"tag": "plc.other"}, "moves plc.blade_load_sp_left"),
        ({"defect": "streak"}, "watches coat_edge_spur"),
    ],
)  # fmt: skip
def test_effective_that_does_not_follow_fails(changes: dict[str, Any], fault: str) -> None:
    """EFFECTIVE with numbers that do not lead there does not pass, and the fault is named."""
    found = check(make_correction(**changes), EVENT)
    assert not found.ok
    assert fault in found.detail


@pytest.mark.parametrize("baseline_per_m", [0.2, 0.6, 3.0 * 0.2])
def test_baseline_at_its_limits_passes(baseline_per_m: float) -> None:
    """Both ends of the range count as inside."""
    curve = make_curve((0.0, 0), (20.0, 0), baseline_per_m=baseline_per_m)
    protected = {"streak": (0, 40.0, 0, 20.0)}
    found = check(make_correction(baseline_per_m=baseline_per_m, curve=curve, protected=protected))
    assert found.ok, found.detail


def test_verdict_without_verification_fails() -> None:
    """A cell that verifies nothing proves nothing."""
    found = check(make_correction(), EVENT, loop=make_loop(enabled=False))
    assert "although verification is off" in found.detail


@pytest.mark.parametrize(
    ("points", "changes", "fault"),
    [
        (NOT_IMPROVED[:-1], {}, "within ±2.944"),
        (IMPROVED, {}, "nothing protected that its reason names got worse"),
        (
            IMPROVED,
            {"protected": {"streak": (0, 40.0, 4, 15.0)}, "reason": "because"},
            "nothing protected that its reason names got worse",
        ),
    ],
)
def test_roll_back_that_does_not_follow_fails(
    points: tuple[tuple[float, int], ...], changes: dict[str, Any], fault: str
) -> None:
    """INEFFECTIVE_ROLLED_BACK needs a test against the move, or a protected class that got worse."""
    assert fault in check(rolled_back(*points, **changes), *EVENTS).detail


@pytest.mark.parametrize(
    "other",
    [
        make_object(number=3, s_mm=13_999.0),
        make_object(number=3, s_mm=20_000.0, side=Side.RIGHT),
        make_object(number=3, s_mm=20_000.0, confidence=0.89),
        msgspec.structs.replace(make_object(number=3, s_mm=20_000.0), exposure_ns=10_000 * MS),
        msgspec.structs.replace(make_object(number=3, s_mm=20_000.0), defect="streak"),
    ],
    ids=["before the move", "other edge", "low confidence", "after the verdict", "other class"],
)
def test_events_that_no_object_supports_fail(other: DefectObject) -> None:
    """Only objects of the class and edge, sure enough, in the tested material, before the verdict count."""
    assert "1 events, 0 objects on record support it" in check(make_correction(), other).detail
    assert check(make_correction(), other, EVENT).ok


def test_objects_that_the_test_left_out_show() -> None:
    """A curve with fewer events than objects in its material has been made to look better."""
    left_out = make_object(number=3, s_mm=20_000.0)
    found = check(make_correction(), EVENT, left_out)
    assert "counts 1 events, 2 objects on record lie in its material" in found.detail


def test_objects_near_the_end_of_the_test_may_or_may_not_count() -> None:
    """Whether an object in the last metre closed before the verdict is not on record."""
    assert check(make_correction(), EVENT, make_object(number=3, s_mm=28_500.0)).ok


def test_metres_of_two_cameras_say_nothing_of_the_place() -> None:
    """Two cameras count the same metre twice, so the lower count is not made."""
    left_out = make_object(number=3, s_mm=20_000.0)
    assert check(make_correction(), EVENT, left_out, cameras=("wet_camera", "dry_camera")).ok


def test_forged_verdict_in_a_resealed_ledger_shows(tmp_path: Path) -> None:
    """Nine events, an LLR of -12 and a baseline of 0.0001 /m prove nothing, however well the ledger is sealed."""
    run = make_run(tmp_path)
    assert verify_run(run).ok
    curve = (CurvePoint(0.0, 0, 0.0), CurvePoint(1.0, 9, -12.0))
    reseal_corrections(run, curve=curve, baseline_per_m=0.0001)
    assert {found.name for found in verify_run(run).checks if not found.ok} == {"verdicts"}


def test_formulas_agree_with_the_loop() -> None:
    """Two implementations from the same publications, made apart, agree to rounding."""
    rules = make_loop().verify
    test = SequentialTest(0.3, rules)
    for metres, events in ((1.3, 0), (2.1, 1), (0.7, 0), (4.4, 2)):
        test.add(metres, events)
    assert log_likelihood_ratio(test.metres, test.events, 0.3, rules.expect) == pytest.approx(test.llr, abs=1e-12)
    assert decision_bound(rules) == pytest.approx(test.bound, abs=1e-12)
    for before, after in (((2, 40.0), (3, 12.0)), ((0, 500.0), (1, 3.0)), ((90, 500.0), (9, 30.0))):
        share = after[1] / (before[1] + after[1])
        expected = chance_of_at_least(after[0], before[0] + after[0], share)
        assert chance_of_worse(before, after) == pytest.approx(expected, rel=1e-9)
