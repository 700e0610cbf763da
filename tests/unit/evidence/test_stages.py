"""Stage times are read from the records of a run: what a stage is, and which corrections say something about it."""

from __future__ import annotations

import pytest

from cellctl.evidence.kinds import RecordKind
from cellctl.evidence.record import Record
from cellctl.evidence.stages import percentile, stage_times_s

MS = 1_000_000


def record(kind, **body):
    """A record with this body."""
    return Record(sequence=0, previous="", kind=kind, t_ns=0, wall="", body=body, hash="")


def seen(frame_id, exposed, received, judged):
    """An object of a frame; times in ms."""
    return record(RecordKind.OBJECT, camera="cam", frame_id=frame_id, exposure_ns=exposed * MS,
                  received_ns=received * MS, judged_ns=judged * MS)  # fmt: skip


def moved(transaction, exposed, proposed, in_force, loop="edge"):
    """A correction's last record; 0 in force: never."""
    return record(RecordKind.CORRECTION, transaction=transaction, loop=loop, exposure_ns=exposed * MS,
                  times_ns={"PROPOSED": proposed * MS}, first_in_force_ns=in_force * MS)  # fmt: skip


def test_each_stage_ends_where_the_next_begins():
    """Exposed at 0 ms, received at 2, judged at 9, proposed at 10, in force at 40 ms: 2 + 7 + 1 + 30."""
    found = stage_times_s([seen(1, 0, 2, 9), moved("a", 0, 10, 40)])
    expected = {"transfer": [0.002], "inspect": [0.007], "decide": [0.001], "write": [0.030]}
    assert {stage: pytest.approx(values) for stage, values in expected.items()} == found


def test_two_objects_of_one_frame_are_one_frame():
    """A frame was transferred once, however many objects it shows."""
    assert len(stage_times_s([seen(1, 0, 2, 9), seen(1, 0, 2, 9), seen(2, 25, 27, 33)])["transfer"]) == 2


def test_the_last_record_of_a_correction_counts():
    """A correction is on record at every change of its state; its move was made once."""
    found = stage_times_s([seen(1, 0, 2, 9), moved("a", 0, 10, 0), moved("a", 0, 10, 40), moved("a", 0, 10, 40)])
    assert found["write"] == [pytest.approx(0.030)]


def test_a_loop_that_asks_a_person_does_not_count():
    """It waited for a yes; and a move that never came into force has no time."""
    records = [seen(1, 0, 2, 9), moved("a", 0, 10, 9000, loop="asking"), moved("b", 0, 10, 0)]
    assert "write" not in stage_times_s(records, {"asking"})
    assert stage_times_s(records)["write"] == [pytest.approx(8.99)]


def test_a_record_without_times_is_left_out():
    """Runs of before those times were recorded have none."""
    old = record(RecordKind.OBJECT, camera="cam", frame_id=1, exposure_ns=0)
    assert stage_times_s([old]) == {}


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (99, 99), (100, 99), (200, 198)])
def test_the_percentile_is_a_measured_value(count, expected):
    """By nearest rank: of 100 values the 99th, of fewer the largest."""
    assert percentile(range(1, count + 1), 0.99) == expected
