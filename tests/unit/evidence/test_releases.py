"""The releases' check: what is said after a verdict rests on confirmed writes and on objects on record."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cellctl.config.resolved import Loop, Release, Watch
from cellctl.evidence import Entry, MemoryStore, RecordKind
from cellctl.evidence.canonical import plain
from cellctl.evidence.checks import Check, CorrectionChecker, ReleaseChecker
from cellctl.evidence.kinds import RunOpened
from cellctl.model import (
    Correction,
    DefectObject,
    Evidence,
    Kind,
    Message,
    Outcome,
    Released,
    Stamp,
    WriteResult,
)
from tests.unit.evidence.builders import EFFECTIVE_PATH, MS, make_cell, make_correction, make_loop, make_object
from tests.unit.evidence.builders import make_result as make_step

FIRST, SECOND = "edge_spur-left-1", "edge_spur-left-2"
FROM_MM = 401_000.0
"""Material made after the release: 1 m settles after the encoder's 400 m."""
RETURNED = tuple(make_object(number=number, s_mm=FROM_MM + number * 1000.0) for number in (11, 12, 13, 14))
"""Four spurs within three metres."""
EVIDENCE = tuple(Evidence(it.id, it.defect, it.confidence, it.web.s_mm, it.roi, it.features) for it in RETURNED)
LOOP = msgspec.structs.replace(make_loop(), release=Release(True, 300.0, 150.0, 2400.0))
RELEASED = Released(20.0, in_force_ns=2000 * MS, from_mm=FROM_MM, metres=151.0)
PATHS = {
    "RELEASING": (*EFFECTIVE_PATH, "RELEASING"),
    "RESTORED": (*EFFECTIVE_PATH, "RELEASING", "RESTORED"),
    "STILL_NEEDED": (*EFFECTIVE_PATH, "RELEASING", "STILL_NEEDED"),
    "PROVEN": (*EFFECTIVE_PATH, "RELEASING", "STILL_NEEDED", "PROVEN"),
}


def first(state: str, **changes: Any) -> Correction:
    """The correction that was taken back, in one of its last states."""
    path = PATHS[state]
    times_ns = {name: (number + 1) * 100 * MS for number, name in enumerate(EFFECTIVE_PATH)}
    times_ns |= {name: (2000 + 1000 * number) * MS for number, name in enumerate(path[len(EFFECTIVE_PATH) :])}
    if "PROVEN" in times_ns:
        times_ns["PROVEN"] = 9000 * MS
    objects = () if state == "RESTORED" else EVIDENCE
    record: dict[str, Any] = {
        "config": make_cell(LOOP).hash,
        "released": msgspec.structs.replace(RELEASED, objects=objects, metres=151.0 if not objects else 15.0),
        "in_force": 20.0,
        "written": 20.0,
        "times_ns": times_ns,
        "confirmed_by": SECOND if state == "PROVEN" else "",
    }
    return make_correction(state, path=path, **{**record, **changes})


def second(state: str = "EFFECTIVE", **changes: Any) -> Correction:
    """The correction that repeats it."""
    times_ns = {name: (4000 + number * 100) * MS for number, name in enumerate(EFFECTIVE_PATH)}
    record: dict[str, Any] = {
        "transaction": SECOND,
        "confirms": FIRST,
        "evidence": EVIDENCE,
        "times_ns": times_ns,
        "config": make_cell(LOOP).hash,
    }
    return make_correction(state, **{**record, **changes})


def back(**changes: Any) -> WriteResult:
    """The plant's confirmation of the release."""
    result = msgspec.structs.replace(
        make_step(),
        stamp=Stamp(2000 * MS),
        kind=Kind.RELEASE,
        old=21.0,
        proposed=20.0,
        written=20.0,
        in_force=20.0,
        registers="07D0",
        encoder_mm=FROM_MM - 1000.0,
    )
    return msgspec.structs.replace(result, **changes)


def check(*messages: Message, objects: tuple[DefectObject, ...] = RETURNED, loop: Loop = LOOP) -> Check:
    """Run the check over a run with these objects and records."""
    return _run(ReleaseChecker(), *messages, objects=objects, loop=loop)


def _run(
    checker: ReleaseChecker | CorrectionChecker, *messages: Message, objects: tuple[DefectObject, ...], loop: Loop
) -> Check:
    cell = make_cell(loop)
    opened = RunOpened(
        cell=cell.id, config=plain(cell), config_hash=cell.hash, model_hash="", seed=cell.seed, versions={}
    )
    kinds = {Correction: RecordKind.CORRECTION, WriteResult: RecordKind.RESULT}
    entries = [Entry(RecordKind.RUN_OPENED.value, 0, "", plain(opened))]
    entries += [
        Entry(RecordKind.OBJECT.value, 0, "", {**plain(found), "camera": "wet_camera", "frame_id": number})
        for number, found in enumerate(objects)
    ]
    entries += [Entry(kinds[type(message)].value, 0, "", plain(message)) for message in messages]
    store = MemoryStore()
    store.append(entries)
    for record in store.history():
        checker.see(record)
    return checker.conclude()


def test_a_proof_passes() -> None:
    """Released, returned, repeated with success: it holds."""
    found = check(back(), first("PROVEN"), second())
    assert found.ok, found.detail
    assert found.detail == "1 PROVEN"


def test_a_quiet_release_passes() -> None:
    """A fault that stayed away for the whole watch holds."""
    assert check(back(), first("RESTORED"), objects=()).ok


def test_a_spoilt_watch_passes_without_its_metres() -> None:
    """A watch that says of itself that it judged nothing needs no metres."""
    spoilt = msgspec.structs.replace(RELEASED, metres=3.0, judged=False)
    assert check(back(), first("RESTORED", released=spoilt), objects=()).ok


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"confirmed_by": ""}, "no correction repeats it"),
        ({"confirmed_by": "edge_spur-left-9"}, "no correction repeats it"),
        ({"released": None}, "without a release"),
        ({"released": msgspec.structs.replace(RELEASED, objects=EVIDENCE, judged=False)}, "its watch was spoilt"),
        ({"released": msgspec.structs.replace(RELEASED, objects=EVIDENCE[:2])}, "which raise no alarm"),
        ({"released": msgspec.structs.replace(RELEASED, objects=())}, "which raise no alarm"),
        ({"released": msgspec.structs.replace(RELEASED, objects=EVIDENCE, in_force_ns=1)}, "no write result confirms"),
        ({"released": msgspec.structs.replace(RELEASED, objects=EVIDENCE, target=20.5)}, "no write result confirms"),
        ({"released": msgspec.structs.replace(RELEASED, objects=EVIDENCE, target=22.0)}, "not on the way to"),
        ({"released": msgspec.structs.replace(RELEASED, objects=EVIDENCE, from_mm=FROM_MM - 500.0)}, "does not begin"),
        ({"released": msgspec.structs.replace(RELEASED, objects=EVIDENCE, from_mm=FROM_MM + 500.0)}, "does not begin"),
    ],
)
def test_a_forged_proof_fails(changes: dict[str, Any], fault: str) -> None:
    """PROVEN with a story that does not hold together does not pass, and the fault is named."""
    assert fault in check(back(), first("PROVEN", **changes), second()).detail


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"state": "VERIFYING"}, "ended VERIFYING"),
        ({"confirms": ""}, "no correction repeats it"),
        ({"tag": "plc.other"}, "is another loop's"),
        ({"times_ns": dict.fromkeys(EFFECTIVE_PATH, 2500 * MS)}, "it was proposed before"),
        ({"times_ns": dict.fromkeys(EFFECTIVE_PATH, 9500 * MS)}, "PROVEN before the correction"),
        ({"evidence": make_correction().evidence}, "material from before the release"),
    ],
)
def test_a_forged_repetition_fails(changes: dict[str, Any], fault: str) -> None:
    """A correction that does not really repeat the first one proves nothing."""
    assert fault in check(back(), first("PROVEN"), second(**changes)).detail


def test_a_return_needs_its_objects_on_record() -> None:
    """Objects that nobody stored bring nothing back."""
    assert "not on record" in check(back(), first("STILL_NEEDED"), objects=RETURNED[1:]).detail


def test_objects_from_before_the_release_are_no_return() -> None:
    """The same objects on older material do not count."""
    older = tuple(msgspec.structs.replace(it, web=msgspec.structs.replace(it.web, s_mm=9.0)) for it in RETURNED)
    assert "not on record" in check(back(), first("STILL_NEEDED"), objects=older).detail


def test_objects_from_after_the_watch_are_no_return() -> None:
    """A fault that comes a kilometre later is another one."""
    later = tuple(
        msgspec.structs.replace(it, web=msgspec.structs.replace(it.web, s_mm=it.web.s_mm + 1e6)) for it in RETURNED
    )
    evidence = tuple(msgspec.structs.replace(it, s_mm=it.s_mm + 1e6) for it in EVIDENCE)
    returned = first("PROVEN", released=msgspec.structs.replace(RELEASED, objects=evidence, metres=15.0))
    assert "not on record in the watched material" in check(back(), returned, second(), objects=later).detail


def test_a_hidden_return_is_found() -> None:
    """RESTORED although the objects on record raise the alarm again does not pass."""
    assert "raise the alarm" in check(back(), first("RESTORED"), objects=RETURNED).detail


def test_a_hidden_return_is_found_although_another_camera_saw_the_web_too() -> None:
    """A loop that names its camera is held to that camera's objects, and to no other's."""
    mine = msgspec.structs.replace(LOOP, watch=msgspec.structs.replace(LOOP.watch, camera="wet_camera"))
    elsewhere = msgspec.structs.replace(mine, watch=msgspec.structs.replace(mine.watch, camera="dry_camera"))
    quiet = first("RESTORED", config=make_cell(mine).hash)
    assert "raise the alarm" in check(back(), quiet, loop=mine).detail
    assert check(back(), quiet, loop=elsewhere).ok


@pytest.mark.parametrize("state", ["RESTORED", "STILL_NEEDED"])
def test_a_release_of_a_loop_that_watches_one_object_can_be_checked(state: str) -> None:
    """It has no rates, and one object that goes on again is the return."""
    watch = Watch("coat_edge_spur", 0.0, 0.0, 3.0, persists_m=3.0)
    loop = msgspec.structs.replace(LOOP, watch=watch)
    released = msgspec.structs.replace(RELEASED, objects=EVIDENCE[:1] if state == "STILL_NEEDED" else ())
    found = check(back(), first(state, released=released), loop=loop)
    assert found.ok, found.detail


def test_a_short_watch_is_found() -> None:
    """RESTORED before the watch was over does not pass."""
    short = msgspec.structs.replace(RELEASED, metres=149.0)
    assert "RESTORED after 149.0 m" in check(back(), first("RESTORED", released=short), objects=()).detail


@pytest.mark.parametrize(
    "changes",
    [{"outcome": Outcome.UNKNOWN}, {"kind": Kind.ROLLBACK}, {"in_force": 20.4}, {"transaction": SECOND}],
)
def test_a_release_that_was_not_confirmed_fails(changes: dict[str, Any]) -> None:
    """Only the plant's confirmation of that value says that it was taken back."""
    assert "no write result confirms" in check(back(**changes), first("RESTORED"), objects=()).detail


def test_a_repetition_of_nothing_fails() -> None:
    """A correction that says it repeats another one needs that one to be found needed."""
    assert "not found to be needed" in check(second()).detail


def _story(*messages: Message) -> Check:
    spur = make_object(make_correction().evidence[0].roi)
    return _run(CorrectionChecker(), *messages, objects=(spur, *RETURNED), loop=LOOP)


def test_the_states_after_the_verdict_pass() -> None:
    """EFFECTIVE, RELEASING, STILL_NEEDED, PROVEN is one consistent story."""
    effective = make_correction(config=make_cell(LOOP).hash)
    states = [first(state) for state in ("RELEASING", "STILL_NEEDED", "PROVEN")]
    found = _story(make_step(), effective, *states)
    assert found.ok, found.detail


@pytest.mark.parametrize(
    ("messages", "fault"),
    [
        ([first("PROVEN")], "without a record of its verdict"),
        ([make_correction(), first("PROVEN")], "PROVEN after the verdict EFFECTIVE"),
        ([make_correction(), first("RESTORED")], "RESTORED after the verdict EFFECTIVE"),
        ([make_correction(), first("RELEASING"), make_correction()], "EFFECTIVE after the verdict RELEASING"),
        ([make_correction(), first("RELEASING", curve=())], "curve changed"),
        ([make_correction(), first("RELEASING", verify_from_mm=1.0)], "verify_from_mm changed"),
    ],
)
def test_a_story_with_a_leap_fails(messages: list[Correction], fault: str) -> None:
    """A state that cannot follow, or a verdict that changed afterwards, does not pass."""
    assert fault in _story(make_step(), *messages).detail
