"""`cellctl check` says what it let pass, counts what it did not, and leaves the process as it was."""

from __future__ import annotations

import gc
import re
from pathlib import Path

import pytest

from cellctl.cli.check import MistakesFound, check
from cellctl.errors import ConfigError, Where

ROOT = Path(__file__).resolve().parents[3]
FULL = ROOT / "configs" / "coater-full.yaml"


def test_a_sound_cell_is_described_with_what_was_waived(capsys):
    """Who lets what pass, where, and why; a remark that is no mistake stands at the end."""
    check(FULL, simulated=True)
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{FULL}: sound. coater-01: 3 devices")
    waived = [line for line in rest if line.startswith("waived by J. Meyer: ")]
    assert any("CELL-1141: loops.edge_spur.protect.classes" in line for line in waived)
    assert all(line.endswith(")") for line in waived)
    assert rest[-1].startswith("no measured stage times")


@pytest.mark.parametrize(("count", "last"), [(1, "1 mistake"), (3, "3 mistakes")])
def test_the_last_line_counts_the_mistakes(count, last):
    """One line each, then their number."""
    error = ConfigError("CELL-1012", "expected a time", where=Where("f", 1, 2), do="correct it")
    lines = str(MistakesFound([error] * count)).splitlines()
    assert lines == [str(error)] * count + [last]


def test_a_file_that_cannot_be_read_is_one_mistake(tmp_path):
    """The count stands below that, too."""
    with pytest.raises(MistakesFound, match="CELL-1001") as caught:
        check(tmp_path / "none.yaml")
    assert str(caught.value).endswith("\n1 mistake")


def test_the_collector_runs_again_afterwards(tmp_path):
    """Also after a mistake."""
    with pytest.raises(ConfigError):
        check(tmp_path / "none.yaml")
    assert gc.isenabled()


def test_a_loop_of_two_edges_is_one_loop(capsys):
    """Counted by name, and by edge beside it."""
    check(FULL, simulated=True)
    first = capsys.readouterr().out.splitlines()[0]
    found = re.search(r", loops: (\d+) \(by edge: (\d+); may move set-points: ", first)
    assert found
    assert int(found[1]) < int(found[2])


def test_a_simulated_driver_at_a_line_is_remarked(capsys):
    """A cell that will run with its devices has a camera that only the simulated line has."""
    check(ROOT / "configs" / "coater.yaml")
    assert "wet_camera uses a simulated driver, sim-camera" in capsys.readouterr().out


def test_with_stand_ins_nothing_is_remarked(capsys):
    """The control of the test above: then it is meant."""
    check(ROOT / "configs" / "coater.yaml", simulated=True)
    assert "simulated driver" not in capsys.readouterr().out
