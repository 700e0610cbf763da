"""The checks of corrections and frames: each inconsistency is found, and only that."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cellctl.evidence import Entry, MemoryStore, RecordKind
from cellctl.evidence.canonical import plain
from cellctl.evidence.checks import Check, CorrectionChecker, FrameChecker
from cellctl.model import Correction, Outcome, WriteResult
from tests.unit.evidence.builders import (
    EFFECTIVE_PATH,
    MS,
    make_correction,
    make_image,
    make_inspection,
    make_object,
    make_result,
    start_recorder,
)

ROLLED_BACK = (*EFFECTIVE_PATH[:-1], "ROLLING_BACK", "INEFFECTIVE_ROLLED_BACK")


def check(*messages: Correction | WriteResult, roi: str = make_image().hash, closed: bool = False) -> Check:
    """Run the correction check over an object with this image and records with these bodies."""
    store = MemoryStore()
    harness = start_recorder(store)
    harness.feed("inspections", make_inspection(0, make_object(roi)))
    harness.tick()
    opening = list(store.history())
    harness.close()
    closing = [record for record in store.history() if record.kind == RecordKind.RUN_CLOSED]
    checker = CorrectionChecker()
    kinds = {Correction: RecordKind.CORRECTION, WriteResult: RecordKind.RESULT}
    said = store.append([Entry(kinds[type(message)].value, 0, "", plain(message)) for message in messages])
    for record in (*opening, *said, *(closing if closed else ())):
        checker.see(record)
    return checker.conclude()


def test_effective_correction_passes() -> None:
    """The whole way to EFFECTIVE with a confirmed target holds."""
    states = [make_correction(state) for state in EFFECTIVE_PATH]
    assert check(*states, make_result()).ok


def test_roll_back_passes() -> None:
    """A correction that was taken back with the old value in force holds."""
    assert check(make_correction("INEFFECTIVE_ROLLED_BACK", path=ROLLED_BACK, in_force=20.0)).ok


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"in_force": 20.9}, "20.9 is in force"),
        ({"in_force": None}, "None is in force"),
        ({"curve": ()}, "without a test"),
        ({"registers": ()}, "without the bytes of a write request"),
        ({"written": 20.5}, "does not show the value"),
        ({"target_in_force_ns": 399 * MS}, "does not show the value"),
        ({"verify_from_mm": 20_000.0}, "does not show the value"),
        ({"evidence": ()}, "rests on no object"),
        ({"config": "00" * 32}, "another configuration"),
        ({"first_in_force_ns": 500 * MS}, "not in that order"),
        ({"path": ("PROPOSED", "GUARDED", "WRITTEN", "EFFECTIVE")}, "without IN_FORCE, VERIFYING, WAITING"),
        ({"path": (*ROLLED_BACK[:-1], "EFFECTIVE")}, "although ROLLING_BACK"),
        ({"path": ("GUARDED", "PROPOSED", *EFFECTIVE_PATH[2:])}, "states are not in order"),
        ({"times_ns": dict.fromkeys(EFFECTIVE_PATH[:-1], 5)}, "time of entering EFFECTIVE is missing"),
    ],
)
def test_inconsistent_effective_correction_fails(changes: dict[str, Any], fault: str) -> None:
    """EFFECTIVE with a story that does not hold together does not pass, and the fault is named."""
    found = check(make_correction(**changes), make_result())
    assert not found.ok
    assert fault in found.detail


def test_correction_that_rests_on_an_unknown_object_fails() -> None:
    """Each object that a correction rests on is on record, with the same class and image."""
    assert "which is not on record" in check(make_correction(), make_result(), roi="00" * 32).detail


def test_effective_without_confirmed_target_fails() -> None:
    """A verdict needs a write result that confirms the target."""
    found = check(make_correction(), make_result(outcome=Outcome.UNKNOWN))
    assert "no write result confirms" in found.detail


@pytest.mark.parametrize(
    "changes", [{"registers": ""}, {"registers": "ffff"}, {"written": 20.0}, {"in_force": None}, {"tag": "plc.other"}]
)
def test_effective_with_a_result_that_tells_another_story_fails(changes: dict[str, Any]) -> None:
    """The result that confirms the target has the register bytes, values and set-point of the record."""
    result: WriteResult = msgspec.structs.replace(make_result(), **changes)
    assert "does not show the value" in check(make_correction(), result).detail


def test_record_and_result_that_agree_on_no_bytes_fail() -> None:
    """That both name nothing is no agreement about what was on the wire."""
    result: WriteResult = msgspec.structs.replace(make_result(), registers="")
    assert "does not show the value" in check(make_correction(registers=("",)), result).detail


@pytest.mark.parametrize("state", EFFECTIVE_PATH[:-1])
def test_correction_without_a_verdict_in_a_closed_run_fails(state: str) -> None:
    """A run that is closed while a correction is under way may have left an unproven move in force."""
    states = [make_correction(earlier) for earlier in EFFECTIVE_PATH[: EFFECTIVE_PATH.index(state) + 1]]
    assert check(*states, make_result()).ok
    found = check(*states, make_result(), closed=True)
    assert f"left in {state}: no verdict" in found.detail


def test_correction_with_a_verdict_in_a_closed_run_passes() -> None:
    """Positive control: closing the run after the verdict is good."""
    assert check(make_correction(), make_result(), closed=True).ok


def test_baseline_that_changes_fails() -> None:
    """The baseline is fixed when the move is decided."""
    found = check(make_correction("VERIFYING", baseline_per_m=0.3), make_result(), make_correction())
    assert "baseline_per_m changed" in found.detail


def test_roll_back_that_is_not_in_force_fails() -> None:
    """Rolled back means the old value is in force."""
    found = check(make_correction("INEFFECTIVE_ROLLED_BACK", path=ROLLED_BACK, in_force=21.0))
    assert "is in force instead of 20.0" in found.detail


def test_second_verdict_fails() -> None:
    """A final state is final."""
    later = make_correction("INEFFECTIVE_ROLLED_BACK", path=ROLLED_BACK, in_force=20.0)
    assert "after the verdict EFFECTIVE" in check(make_correction(), make_result(), later).detail


def test_changed_past_fails() -> None:
    """What one record says about an earlier state the next one may not change."""
    later = make_correction(old=19.0)
    found = check(make_correction("VERIFYING"), make_result(), later)
    assert "old changed" in found.detail


def frames(*ids: int, lost: dict[int, int] | None = None) -> Check:
    """Run the frame check over one run with these frames."""
    store = MemoryStore()
    harness = start_recorder(store)
    for frame in ids:
        harness.feed("inspections", make_inspection(frame, lost=(lost or {}).get(frame, 0)))
    harness.close()
    checker = FrameChecker()
    for record in store.history():
        checker.see(record)
    return checker.conclude()


def test_frames_in_a_row_pass() -> None:
    """Every frame judged once."""
    assert frames(0, 1, 2, 3).ok


def test_frames_on_record_as_lost_pass_and_are_shown() -> None:
    """A lost frame that is on record is honest evidence; the check says how many."""
    found = frames(0, 3, lost={3: 2})
    assert found.ok
    assert "2 lost" in found.detail


def test_gap_without_a_record_fails() -> None:
    """Frames that nobody judged and nobody reported lost are named."""
    assert "frames 1 to 2 have no judgement" in frames(0, 3).detail


def test_frame_judged_twice_fails() -> None:
    """Each frame has exactly one judgement."""
    assert not frames(0, 1, 1).ok
