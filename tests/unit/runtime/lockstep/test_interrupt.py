"""Ctrl-C and a service manager's stop end a run in virtual time like its own end: closed, and its evidence holds."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from rich.console import Console

from cellctl.cli.lockstep import run_lockstep
from cellctl.evidence import verify_run
from cellctl.evidence.ledger import Ledger
from cellctl.runtime.loading import load_cell

CONFIGS = Path(__file__).resolve().parents[4] / "configs"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_in_the_middle_of_a_record_leaves_a_whole_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The signal comes when bytes are written and not yet counted: the worst moment for the chain of hashes."""
    calls, sync = [0], Ledger._sync

    def interrupted(ledger: Ledger) -> None:
        calls[0] += 1
        if calls[0] == 5:
            signal.raise_signal(number)
        sync(ledger)

    monkeypatch.setattr(Ledger, "_sync", interrupted)
    console = Console(file=(tmp_path / "said").open("w"), width=200)
    cell = load_cell(CONFIGS / "coater.yaml", lockstep=True, seed=3)
    assert run_lockstep(cell, tmp_path / "run", 3600.0, console, open_loop=False) == 0
    console.file.close()
    said = (tmp_path / "said").read_text()
    assert "interrupted after" in said
    assert "interrupted after 3600 s" not in said
    assert verify_run(tmp_path / "run").ok
