"""Measured stage times are held against the deadlines, and must have been measured here, with this cell."""

from __future__ import annotations

import pytest

from cellctl.cli.check import check
from tests.unit.config.findings.builders import MACHINE, checked, found, written

CELL = ("cell: {id: coater-01,", "cell: {id: coater-01, stage_times: times.yaml,")
PLUGINS = "{inspect: web-inspector, loop: quality-loop, evidence: evidence-recorder}"


def times(folder, **changes):
    """A file of stage times: 8 + 20 + 5 + 40 ms, measured on this PC; `changes` replace lines."""
    lines = {
        "pc": "line-pc-1",
        "measured": "2026-11-24",
        "plugins": PLUGINS,
        "versions": "{cellctl: '0.1.0', python: 3.11.7}",
        "transfer": "{p99: 8 ms, n: 900}",
        "inspect": "{p99: 20 ms, n: 900}",
        "decide": "{p99: 5 ms, n: 250}",
        "write": "{p99: 40 ms, n: 250}",
    } | changes
    head = [f"{key}: {lines[key]}" for key in ("pc", "measured", "plugins", "versions")]
    stages = [f"  {key}: {lines[key]}" for key in ("transfer", "inspect", "decide", "write") if lines[key]]
    (folder / "times.yaml").write_text("\n".join([*head, "stages:", *stages]) + "\n")


def looked(folder, *changes):
    """What the check of the small coater finds with that file."""
    return found(folder, CELL, *changes, source="coater.yaml")


def test_stages_within_the_deadline_are_sound(tmp_path):
    """The negative control: 73 ms together are less than 800 ms."""
    times(tmp_path)
    assert looked(tmp_path) == []


def test_stages_beyond_the_deadline_name_the_largest(tmp_path):
    """1.2 s to write leaves no time: the finding stands at the deadline, is said once for both edges, and names it."""
    times(tmp_path, write="{p99: 1.2 s, n: 250}")
    lines = looked(tmp_path)
    assert len(lines) == 1
    assert "CELL-1130: loops.edge_spur.deadline: the measured stages take 1233 ms together" in lines[0]
    assert "more than 800 ms; write alone takes 1200 ms; do: speed up write" in lines[0]


def test_a_broken_deadline_cannot_be_waived(tmp_path):
    """A waiver for it is itself a finding, and the deadline stays one."""
    times(tmp_path, write="{p99: 1.2 s, n: 250}")
    waiver = ("simulate:  ", "waivers:\n  - {code: CELL-1130, at: loops, name: N, reason: R}\n\nsimulate:  ")
    codes = [line.split(": ")[1] for line in looked(tmp_path, waiver)]
    assert codes == ["CELL-1130", "CELL-1122"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"pc": "office-pc"}, "CELL-1131: cell.stage_times: measured on office-pc, and this is line-pc-1"),
        (
            {"versions": "{cellctl: '0.0.9'}"},
            "CELL-1132: cell.stage_times: measured on 2026-11-24, before this",
        ),
        ({"plugins": "{inspect: other}"}, "before this changed: evidence, inspect, loop; do: measure anew"),
        ({"decide": "{p99: 5 ms, n: 12}"}, "CELL-1133: cell.stage_times: a stage rests on 12 values"),
        ({"write": ""}, "CELL-1133: cell.stage_times: no time for write"),
        ({"pc": ""}, "times.yaml:1:"),
        ({"write": "{p99: slow, n: 250}"}, "times.yaml:9:16: CELL-1012: stages.write.p99: expected a time"),
    ],
)
def test_a_file_that_says_nothing_about_this_cell_is_found(tmp_path, changes, expected):
    """Another PC, another version, other plugins, too few values, a stage without a time, a slip of the pen."""
    times(tmp_path, **changes)
    lines = looked(tmp_path)
    assert any(expected in line for line in lines), lines


def test_a_file_that_is_not_there_is_found(tmp_path):
    """The remedy says how to make it."""
    lines = looked(tmp_path)
    assert len(lines) == 1
    assert "CELL-1134: cell.stage_times: no file" in lines[0]
    assert "; do: make it with `cellctl times RUN --out" in lines[0]


def test_without_a_file_the_check_only_remarks(tmp_path):
    """Nothing is wrong with a cell that was not measured yet; the note says what is not checked."""
    _, findings = checked(tmp_path, source="coater.yaml", around=MACHINE)
    assert findings.errors == ()
    assert str(findings.notes[0]).startswith("no measured stage times: the deadlines of the loops are not checked")


def test_a_cell_that_moves_nothing_gets_no_remark(tmp_path):
    """In shadow nothing is written, so there is no deadline to measure."""
    shadow = ("    authority: auto\n", "    authority: shadow\n")
    assert checked(tmp_path, shadow, source="coater.yaml").findings.notes == ()


def test_what_was_let_pass_is_said_with_name_and_reason(tmp_path, capsys):
    """`cellctl check` prints who waived which finding, and why."""
    check(written(tmp_path), simulated=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("waived by J. Meyer: ")
    assert "CELL-1141: loops.edge_spur.protect.classes[1]: no plugin reports bare_foil" in lines[1]
    assert "(the shipped classifier knows three classes;" in lines[1]
