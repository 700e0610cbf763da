"""Whenever the power goes, the guard's memory is never more favourable than what was in effect before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cellctl.evidence.canonical import restore
from cellctl.evidence.journal import Journal
from cellctl.model.guarding import Memory
from tests.faults.cuts import judge
from tests.faults.favour import Effect
from tests.faults.kills import command, kill_after
from tests.faults.trace import Event, Said, run_traced

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed here")


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Event], Path]:
    """Three runs of the guard: one that just ends, one that ends in good order, and a third."""
    folder = tmp_path_factory.mktemp("guarded")
    root = folder / "cell"
    root.mkdir()
    return run_traced(command(root, 4, 3, 14), folder / "log", root), root


def test_no_cut_is_in_our_favour(traced: tuple[list[Event], Path], tmp_path: Path) -> None:
    """After every call, with every disk that may be there: nothing gained, and nobody has to be asked."""
    events, root = traced
    verdict = judge(events, str(root), tmp_path / "disk")
    assert (verdict.favours, verdict.refused) == ([], [])
    assert verdict.different > 100


def test_control_the_program_does_what_can_be_forgotten(traced: tuple[list[Event], Path]) -> None:
    """It moves set-points, lends some, and trips."""
    effect, told = Effect(), set()
    for event in traced[0]:
        if isinstance(event, Said):
            effect.hear(event.text)
            told |= {("taken", it) for it in effect.taken} | {("tripped", it) for it in effect.tripped}
    assert {what for what, _ in told} == {"taken", "tripped"}
    assert effect.acted is not None
    assert effect.acted.begun


def test_control_a_guard_that_never_syncs_is_caught(tmp_path: Path) -> None:
    """Its files are whole after a kill, and forget after a cut."""
    root = tmp_path / "cell"
    root.mkdir()
    events = run_traced(command(root, 4, 1, 4, "--no-sync"), tmp_path / "log", root)
    assert judge(events, str(root), tmp_path / "disk").favours


def test_control_a_memory_that_trusts_its_last_record_is_caught(
    traced: tuple[list[Event], Path], tmp_path: Path
) -> None:
    """An open move, or a record that crossed with an intent, makes the difference."""

    def trusting(folder: Path) -> Memory:
        journals = sorted((folder / "runs").glob("*/journal-plc.jsonl"))
        records = list(Journal.read(journals[-1])) if journals else []
        return restore(records[-1].body["memory"], Memory) if records else Memory()

    events, root = traced
    assert judge(events, str(root), tmp_path / "disk", trusting).favours


@pytest.mark.parametrize("lines", [2, 20])
def test_no_kill_is_in_our_favour(tmp_path: Path, lines: int) -> None:
    """Killed after so many lines."""
    assert kill_after(tmp_path, 7, lines) == ""
