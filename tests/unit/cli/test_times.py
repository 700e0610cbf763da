"""`cellctl times`: what it writes is what the check reads, and a run without times says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.cli.times import times
from cellctl.config.checking.validation import validate
from cellctl.config.sections.stage_times import StageTimesSection
from cellctl.config.source.document import read_yaml
from cellctl.errors import ConfigError
from tests.unit.evidence.builders import MS, make_run, reseal


def test_the_file_is_what_the_check_reads(tmp_path, capsys):
    """The file names PC, day, plugins and versions, and how few values two frames and one correction are."""
    run = make_run(tmp_path / "a: run")
    reseal(run / "ledger.jsonl", in_order)
    times(run, out=tmp_path / "times.yaml", pc="line: pc")
    counts = {"transfer": 2, "inspect": 2, "decide": 1, "write": 1}
    read = validate(read_yaml(tmp_path / "times.yaml"), StageTimesSection)
    assert (read.pc, read.run) == ("line: pc", "a: run")
    assert {stage: it.n for stage, it in read.stages.items()} == counts
    assert "cellctl" in read.versions
    assert "A stage rests on 1 values; a 99th percentile needs 100." in capsys.readouterr().out


def in_order(record):
    """Exposed at 10 ms, received at 12, judged at 20, proposed at 100 and in force at 130 ms."""
    if record.kind == "object":
        return {**record.body, "exposure_ns": 10 * MS, "received_ns": 12 * MS, "judged_ns": 20 * MS}
    return {**record.body, "first_in_force_ns": 130 * MS} if record.kind == "correction" else record.body


def only(kinds):
    """Keeps the records of these kinds."""
    return lambda record: record.body if record.kind in kinds else None


def in_virtual_time(record):
    """The same records, as of a run against a world."""
    if record.kind != "run_opened":
        return record.body
    return {**record.body, "config": {**record.body["config"], "world": {"use": "coater"}}}


@pytest.mark.parametrize(
    ("edit", "said"),
    [(only({"run_opened"}), "the run has no times of transfer, inspect, decide, write"),
     (only({"run_opened", "object"}), "the run has no times of decide, write"),
     (in_virtual_time, "this run was made in virtual time")],
)  # fmt: skip
def test_a_run_without_times_is_named(tmp_path, edit, said):
    """Each ends with what to do instead, and no file is written."""
    run = make_run(tmp_path / "run")
    reseal(run / "ledger.jsonl", edit)
    with pytest.raises(ConfigError, match=said) as caught:
        times(run, out=tmp_path / "times.yaml")
    assert "; do: measure a" in str(caught.value)
    assert not (tmp_path / "times.yaml").exists()


def test_a_folder_that_is_no_run_is_named(tmp_path):
    """There is nothing to measure."""
    with pytest.raises(ConfigError, match="CELL-1138: no ledger here"):
        times(Path(tmp_path))
