"""The evidence recorder: what it keeps, when, and what it does when it cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from cellctl.builtin.evidence_recorder import ALARM_ID
from cellctl.cli.verify import verify
from cellctl.errors import EvidenceError
from cellctl.evidence import LEDGER_FILE, Entry, FileStore, MemoryStore, Record, RecordKind, verify_run
from cellctl.evidence.chain import read_chain
from cellctl.evidence.journal import Journal
from cellctl.model import (
    Alarm,
    CellChange,
    Instruction,
    Ne107,
    Order,
    PackMLState,
    Priority,
    Quality,
    Reading,
    RoiImage,
    Stamp,
    TagValue,
)
from tests.unit.evidence.builders import (
    EFFECTIVE_PATH,
    JOURNAL,
    MS,
    TAG,
    make_cell,
    make_correction,
    make_image,
    make_inspection,
    make_object,
    make_result,
    make_run,
    record_a_run,
    start_recorder,
    write_journal,
)


class BrokenStore(MemoryStore):
    """A store whose disk can be full."""

    broken = False

    def append(self, entries: Sequence[Entry]) -> Sequence[Record]:
        """Refuse while broken."""
        if self.broken:
            raise EvidenceError("CELL-4025", "disk full")
        return super().append(entries)


def kinds(store: MemoryStore) -> list[str]:
    """Kinds of all records."""
    return [record.kind for record in store.records]


def test_first_record_states_what_the_run_was_made_with() -> None:
    """Cell, configuration with its hash, model, seed and versions come first."""
    store = MemoryStore()
    start_recorder(store).close()
    first = store.records[0]
    assert first.kind == RecordKind.RUN_OPENED
    assert first.body["config_hash"] == make_cell().hash
    assert first.body["model_hash"] == make_cell().recipe.model_hash
    assert (first.body["cell"], first.body["seed"]) == ("coater-01", 7)
    assert "python" in first.body["versions"]


def test_last_record_counts_all_others() -> None:
    """The closing record has the number of records of each kind before it."""
    store = MemoryStore()
    harness = start_recorder(store)
    record_a_run(harness)
    harness.close()
    assert store.records[-1].kind == RecordKind.RUN_CLOSED
    assert store.records[-1].body["counts"] == Counter(kinds(store)[:-1])


def test_what_people_do_to_the_cell_is_stored_at_once() -> None:
    """Who started it and who ordered what, before the next tick."""
    store = MemoryStore()
    harness = start_recorder(store)
    started = CellChange(
        stamp=Stamp(0), state=PackMLState.EXECUTE, epoch=3, safe=False, reason="started by Li", by="Li"
    )
    harness.feed("changes", started)
    harness.feed("instructions", Instruction(stamp=Stamp(0), order=Order.TAKE_OVER, subject=TAG, by="Li"))
    assert kinds(store)[-2:] == [RecordKind.STATE, RecordKind.INSTRUCTION]
    assert [record.body["by"] for record in store.records[-2:]] == ["Li", "Li"]
    harness.close()


def test_every_change_of_a_correction_is_stored_at_once() -> None:
    """Each state is on record before the next tick; the same state again is not."""
    store = MemoryStore()
    harness = start_recorder(store)
    for state in EFFECTIVE_PATH:
        harness.feed("corrections", make_correction(state))
        harness.feed("corrections", make_correction(state))
        assert store.records[-1].body["state"] == state
    assert kinds(store).count("correction") == len(EFFECTIVE_PATH)
    harness.close()


def test_more_about_the_same_state_is_stored() -> None:
    """A release that came into force, or will not come, changes what is said and not the state: it is on record."""
    store = MemoryStore()
    harness = start_recorder(store)
    harness.feed("corrections", make_correction())
    harness.feed("corrections", make_correction(reason="test; not released: safe state"))
    assert kinds(store).count("correction") == 2
    assert store.records[-1].body["reason"] == "test; not released: safe state"
    harness.close()


def test_write_results_and_alarms_are_stored_at_once() -> None:
    """They do not wait for the tick."""
    store = MemoryStore()
    harness = start_recorder(store)
    harness.feed("results", make_result())
    harness.feed("alarms", Alarm(stamp=Stamp(0), id="a", active=True, priority=Priority.LOW, text="look"))
    assert kinds(store)[1:] == ["result", "alarm"]
    harness.close()


def test_objects_and_images_wait_for_the_tick() -> None:
    """They share one group, the image first: a record never names an image that is not there."""
    store = MemoryStore()
    harness = start_recorder(store)
    harness.feed("inspections", make_inspection(0, make_object(make_image().hash)))
    harness.feed("images", make_image())
    assert kinds(store) == ["run_opened"]
    harness.tick()
    assert kinds(store)[1:] == ["object", "image"]
    assert make_image().hash in store.images
    harness.close()


def test_frames_cost_one_record_every_few_seconds() -> None:
    """A hundred frames within the period are one coverage record."""
    store = MemoryStore()
    harness = start_recorder(store)
    for frame in range(100):
        harness.feed("inspections", make_inspection(frame))
        harness.tick()
    harness.clock.advance(5.0)
    harness.tick()
    coverage = [record.body for record in store.records if record.kind == "coverage"]
    assert [body["judged"] for body in coverage] == [[[0, 99]]]
    harness.close()


def test_forged_image_is_refused_and_on_record() -> None:
    """Pixels that do not match their hash are not stored; the record says so."""
    store = MemoryStore()
    harness = start_recorder(store)
    forged: RoiImage = msgspec.structs.replace(make_image(), hash="0" * 64)
    harness.feed("images", forged)
    harness.tick()
    assert kinds(store)[1:] == ["image_refused"]
    assert store.images == {}
    harness.close()


def test_failing_storage_raises_an_alarm_and_loses_nothing() -> None:
    """While storage fails records wait and one alarm stands; afterwards all are there, in order."""
    store = BrokenStore()
    harness = start_recorder(store)
    store.broken = True
    for state in EFFECTIVE_PATH:
        harness.feed("corrections", make_correction(state))
    assert kinds(store) == ["run_opened"]
    assert [(alarm.id, alarm.active) for alarm in harness.sent("storage_alarms")] == [(ALARM_ID, True)]
    store.broken = False
    harness.tick()
    harness.tick()
    states = [record.body["state"] for record in store.records if record.kind == "correction"]
    assert states == list(EFFECTIVE_PATH)
    assert [alarm.active for alarm in harness.sent("storage_alarms")] == [True, False]
    assert kinds(store).count("alarm") == 2
    harness.close()
    assert store.records[-1].body["counts"] == Counter(kinds(store)[:-1])


def test_the_cell_may_not_act_while_evidence_cannot_be_stored() -> None:
    """The storage alarm holds the cell, until it has returned to normal."""
    store = BrokenStore()
    harness = start_recorder(store)
    store.broken = True
    harness.feed("corrections", make_correction("PROPOSED"))
    alarm = harness.sent("storage_alarms")[-1]
    assert (alarm.active, alarm.holds) == (True, True)
    store.broken = False
    harness.tick()
    assert not harness.sent("storage_alarms")[-1].active
    harness.close()


def test_closing_record_states_where_the_journals_end(tmp_path: Path) -> None:
    """Length and head of each journal in the run's folder."""
    harness = start_recorder(FileStore(tmp_path))
    last = list(Journal.read(write_journal(tmp_path)))[-1]
    harness.close()
    *_, closing = read_chain(tmp_path / LEDGER_FILE)
    assert closing.body["journals"] == {JOURNAL: {"records": last.sequence + 1, "head": last.hash}}


def test_damaged_journal_does_not_keep_the_run_from_closing(tmp_path: Path) -> None:
    """The run is closed with what can be read of the journal, and does not verify."""
    harness = start_recorder(FileStore(tmp_path))
    journal = write_journal(tmp_path)
    journal.write_bytes(journal.read_bytes()[:-2])
    harness.close()
    *_, closing = read_chain(tmp_path / LEDGER_FILE)
    assert closing.body["journals"][JOURNAL]["records"] == 1
    assert {check.name for check in verify_run(tmp_path).checks if not check.ok} == {"journals"}


def test_what_had_to_be_dropped_is_on_record() -> None:
    """When more waits than fits, the number of lost records is recorded as a gap."""
    store = BrokenStore()
    harness = start_recorder(store, waiting=3)
    store.broken = True
    for state in EFFECTIVE_PATH:
        harness.feed("corrections", make_correction(state))
    store.broken = False
    harness.tick()
    gap = next(record.body for record in store.records if record.kind == "gap")
    assert gap["records"] == len(EFFECTIVE_PATH) + 1 - 3  # the alarm did not fit either
    harness.close()


def test_run_that_ends_while_storage_fails_is_not_closed() -> None:
    """No closing record is written that would make an incomplete run look whole."""
    store = BrokenStore()
    harness = start_recorder(store)
    harness.feed("inspections", make_inspection(0))
    store.broken = True
    harness.plugin.stop()
    assert kinds(store) == ["run_opened"]
    assert harness.sent("storage_alarms")[-1].active
    harness.close()


def test_restarted_recorder_goes_on_in_the_same_run(tmp_path: Path) -> None:
    """A recorder that died and came back continues the chain, and the run still verifies."""
    store = FileStore(tmp_path)
    dead = start_recorder(store)
    dead.feed("inspections", make_inspection(0, make_object(make_image().hash)))
    dead.feed("images", make_image())
    for frame in range(1, 5):
        dead.feed("inspections", make_inspection(frame))
    dead.feed("corrections", make_correction("PROPOSED"))
    dead.clock.advance(6.0)
    dead.tick()
    store.close()  # killed: no closing record
    dead._folder.cleanup()
    second = start_recorder(FileStore(tmp_path))
    second.feed("inspections", make_inspection(5))
    second.feed("corrections", make_correction("REFUSED", path=("PROPOSED", "REFUSED")))
    second.close()
    assert verify_run(tmp_path).ok


def test_closed_run_is_not_opened_again() -> None:
    """A finished run stays as it is."""
    harness = start_recorder(MemoryStore())
    harness.plugin.stop()
    with pytest.raises(EvidenceError, match="CELL-4027"):
        harness.plugin.start()
    harness.close()


def test_verify_command_exits_0_for_a_good_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A whole run holds."""
    make_run(tmp_path)
    assert verify(tmp_path) == 0
    assert "The evidence holds." in capsys.readouterr().out


def test_verify_command_exits_1_for_a_changed_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One changed byte and it does not."""
    make_run(tmp_path)
    ledger = tmp_path / "ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes().replace(b"slurry", b"Slurry"))
    assert verify(tmp_path) == 1
    assert "NOT OK" in capsys.readouterr().out


def reading(t_ns: int, **values: tuple[float, Quality]) -> Reading:
    """What a bus says after a poll."""
    tags = tuple(
        TagValue(f"plc.{name}", value, "mm", quality, Ne107.OK if quality.is_good else Ne107.FAILURE, t_ns)
        for name, (value, quality) in values.items()
    )
    return Reading(stamp=Stamp(t_ns), device="plc", values=tags)


def test_readings_are_put_on_record_from_time_to_time() -> None:
    """Of all polls the latest is kept every 5 s: guarded set-points and the web; what is not Good with its quality."""
    store = MemoryStore()
    harness = start_recorder(store)
    good = Quality.GOOD
    for t_ns in (1 * MS, 2 * MS):
        harness.feed("readings", reading(t_ns, encoder_pos=(t_ns, good), web_speed=(1.0, Quality.BAD_TIMEOUT),
                                         blade_load_sp_left=(20.5, good), slurry_t=(21.0, good)))  # fmt: skip
    harness.clock.advance(6.0)
    harness.tick()
    harness.clock.advance(6.0)
    harness.tick()
    harness.close()
    kept = [record.body for record in store.records if record.kind == RecordKind.READINGS]
    assert kept == [{"device": "plc", "t_ns": 2 * MS, "values": {"plc.encoder_pos": [2 * MS, "mm"], TAG: [20.5, "mm"]},
                     "doubtful": {"plc.web_speed": "BAD_TIMEOUT"}}]  # fmt: skip


def test_an_object_is_kept_with_the_times_of_its_frame() -> None:
    """When the frame was received and judged is on record, so that the stages of the latency can be read later."""
    store = MemoryStore()
    harness = start_recorder(store)
    harness.feed("inspections", make_inspection(4, make_object(number=2)))
    harness.tick()
    harness.close()
    body = next(record.body for record in store.records if record.kind == RecordKind.OBJECT)
    assert (body["received_ns"], body["judged_ns"]) == (101 * MS, 103 * MS)


def test_coverage_states_the_material_that_its_frames_show() -> None:
    """From the first frame's beginning to the last frame's end, anew in each record."""
    store = MemoryStore()
    harness = start_recorder(store)
    for frames in ((0, 1), (2, 3, 4)):
        for frame in frames:
            harness.feed("inspections", make_inspection(frame))
        harness.clock.advance(6.0)
        harness.tick()
    harness.close()
    kept = [record.body for record in store.records if record.kind == RecordKind.COVERAGE]
    assert [(body["from_mm"], body["to_mm"]) for body in kept] == [(0.0, 50.0), (50.0, 125.0)]
