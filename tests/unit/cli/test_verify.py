"""`cellctl verify` judges finished runs: one that goes on or never began is neither proven nor broken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cellctl.cli.verify import verify
from cellctl.errors import ConfigError
from cellctl.evidence import LEDGER_FILE
from cellctl.runtime.supervision.commands import POINTER
from cellctl.runtime.supervision.folder import PREFIX, RESOLVED
from tests.unit.report.builders import quiet_run

DEAD = 2**22 + 1
"""Above the largest number that Linux gives a process."""


def point(run: Path, owner: int) -> None:
    """Leave what a cell with this process leaves while it runs."""
    folder = run / f"{PREFIX}{owner}-x"
    folder.mkdir()
    (run / POINTER).write_text(str(folder))


def test_a_run_that_goes_on_is_not_judged(tmp_path):
    """Its process lives: that there is no closing record yet is no fault."""
    quiet_run(tmp_path, close=False)
    point(tmp_path, os.getpid())
    with pytest.raises(ConfigError, match="CELL-1236: the run is still going on"):
        verify(tmp_path)


def test_a_run_that_crashed_does_not_hold(tmp_path, capsys):
    """Its process is gone, and it had seen frames."""
    quiet_run(tmp_path, close=False)
    point(tmp_path, DEAD)
    assert verify(tmp_path) == 1
    assert "does NOT hold" in capsys.readouterr().out


def test_a_run_whose_start_failed_never_began(tmp_path):
    """Opened, and nothing seen."""
    quiet_run(tmp_path, close=False, frames=0)
    with pytest.raises(ConfigError, match="CELL-1237: the run never began"):
        verify(tmp_path)


def test_a_folder_without_a_ledger_never_began(tmp_path):
    """A run made it, and ended before the first record."""
    (tmp_path / RESOLVED).write_text("{}")
    with pytest.raises(ConfigError, match="CELL-1237"):
        verify(tmp_path)


def test_another_folder_is_none_of_a_run(tmp_path):
    """Nothing in it says that a run was here."""
    with pytest.raises(ConfigError, match="CELL-1090"):
        verify(tmp_path)


def test_a_changed_opening_is_a_fault_all_the_same(tmp_path):
    """What never began can be broken, too."""
    quiet_run(tmp_path, close=False, frames=0)
    ledger = tmp_path / LEDGER_FILE
    ledger.write_bytes(ledger.read_bytes().replace(b'"seed":', b'"sead":', 1))
    assert verify(tmp_path) == 1
