"""Latency per stage: from the times on record, and nothing that is not there."""

import msgspec
import pytest

from cellctl.report.run_record import read_run
from cellctl.report.stages import acted_stages, reaction, seen_stages, stages_of
from tests.unit.evidence.builders import MS, make_run


@pytest.fixture
def run(tmp_path):
    """A good run: exposed at 10 ms, judged, intent at 13 ms, first increment at 30 ms, target at 400 ms."""
    return read_run(make_run(tmp_path))


def change_object(run, **times):
    """Other times for the deciding object."""
    run.seen["wet_camera-1"] = msgspec.structs.replace(run.seen["wet_camera-1"], **times)


def test_stages_add_up_to_the_whole_way(run):
    """Every stage begins where the one before ended."""
    change_object(run, received_ns=11 * MS, judged_ns=12 * MS)
    (correction,) = run.corrections.values()
    correction = msgspec.structs.replace(correction, times_ns={**correction.times_ns, "PROPOSED": 125 * MS // 10})
    stages = stages_of(run, correction)
    assert [length / MS for _, length in stages] == pytest.approx([1.0, 1.0, 0.5, 0.5, 17.0, 370.0])
    assert sum(length for _, length in stages) == correction.target_in_force_ns - correction.exposure_ns


def test_a_time_that_is_not_on_record_joins_its_stage_to_the_next(run):
    """Without the frame's times the first stage reaches to the decision; without an intent it is part of the move."""
    change_object(run, received_ns=0, judged_ns=0)
    run.intents.clear()
    (correction,) = run.corrections.values()
    names = [name.template for name, _ in stages_of(run, correction)]
    assert names == ["exposure → decided", "intent → first increment in force", "first increment → target"]


def test_the_reaction_is_measured_to_the_first_increment(run):
    """30 ms after the start less the exposure at 10 ms."""
    stage = reaction(run)
    assert stage is not None
    assert (stage.count, stage.median_ns, stage.longest_ns, stage.of) == (1, 20 * MS, 20 * MS, "edge_spur-left-1")


def test_a_correction_that_waited_for_a_person_says_nothing_of_the_cell(run):
    """A loop with authority `confirm` moves when a person says yes: that time is the person's."""
    loops = tuple(msgspec.structs.replace(loop, authority="confirm") for loop in run.cell.loops)
    run.cell = msgspec.structs.replace(run.cell, loops=loops)
    assert reaction(run) is None
    assert acted_stages(run) == []


def test_objects_without_times_give_no_stages(run):
    """An older recorder did not keep them."""
    for name in run.seen:
        run.seen[name] = msgspec.structs.replace(run.seen[name], received_ns=0, judged_ns=0)
    assert seen_stages(run) == []


def test_objects_with_times_give_two_stages(run):
    """The control of the test above."""
    assert [stage.name.template for stage in seen_stages(run)] == ["exposure → received", "received → judged"]
