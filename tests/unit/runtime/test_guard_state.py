"""What a guard remembers from one run to the next, and what is never taken for a new beginning."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cellctl.errors import EvidenceError
from cellctl.evidence.journal import Journal
from cellctl.model.guarding import Memory
from cellctl.runtime.bus.intents import ARMED, armed_body
from cellctl.runtime.bus.state import GuardState
from cellctl.runtime.supervision.state import StateFolder, state_dir

TAG = "plc.blade_load_sp_left"
USED = Memory(epoch=7, lost_epoch=7, sequences={"loop": 41}, failures={TAG: 2}, origins={TAG: ("t-1", 19.5)})


@pytest.fixture
def state(tmp_path: Path) -> GuardState:
    """The memory of the guard of `plc`, in a folder of its own."""
    folder = tmp_path / "state"
    folder.mkdir()
    return GuardState(folder, "plc")


def remember(state: GuardState, memory: Memory) -> None:
    """A run with such a memory ended in good order."""
    with TemporaryDirectory() as folder:
        journal = state.begin(Path(folder) / "journal.jsonl")
        journal.append(ARMED, armed_body(memory))
        journal.close()
        state.settle()


def begin(state: GuardState, path: Path, memory: Memory) -> Journal:
    """A run begins with such a memory of the runs before."""
    remember(state, memory)
    path.parent.mkdir()
    return state.begin(path)


def test_a_first_run_remembers_nothing(state: GuardState) -> None:
    """No file is a guard that has done nothing yet."""
    assert state.recall() == Memory()


def test_a_run_that_ended_in_good_order_needs_its_folder_no_more(state: GuardState) -> None:
    """Everything is in the file."""
    remember(state, USED)
    assert state.recall() == USED


def test_a_run_that_was_cut_off_is_recalled_from_its_journal(state: GuardState, tmp_path: Path) -> None:
    """What the file said before the run, and what the journal says after it."""
    journal = begin(state, tmp_path / "run" / "journal.jsonl", USED)
    assert state.recall() == USED
    journal.append(ARMED, armed_body(Memory(epoch=9, failures={TAG: 1})))
    journal.close()
    assert state.recall() == Memory(epoch=9, lost_epoch=9, failures={TAG: 1})


def test_a_half_written_record_never_counted(state: GuardState, tmp_path: Path) -> None:
    """The power went in the middle of an append, and the disk had already taken the line's end."""
    path = tmp_path / "run" / "journal.jsonl"
    begin(state, path, USED).close()
    path.write_bytes(path.read_bytes() + b'{"sequence":1,' + bytes(40) + b'"}\n')
    assert state.recall() == USED


def test_both_folders_may_be_moved_together(state: GuardState, tmp_path: Path) -> None:
    """The file names the journal by the way from its own folder."""
    (tmp_path / "old").mkdir()
    shutil.move(state.path.parent, tmp_path / "old" / "state")
    begin(GuardState(tmp_path / "old" / "state", "plc"), tmp_path / "old" / "run" / "journal.jsonl", USED).close()
    shutil.move(tmp_path / "old", tmp_path / "new")
    assert GuardState(tmp_path / "new" / "state", "plc").recall() == USED


def test_a_journal_that_is_gone_is_no_new_beginning(state: GuardState, tmp_path: Path) -> None:
    """CELL-4034 says what to do; the file stays as it is."""
    begin(state, tmp_path / "run" / "journal.jsonl", USED).close()
    shutil.rmtree(tmp_path / "run")
    with pytest.raises(EvidenceError, match=r"CELL-4034.*it is gone.*put that run's folder back"):
        state.recall()


def test_a_damaged_journal_is_no_new_beginning(state: GuardState, tmp_path: Path) -> None:
    """A changed digit before the last record."""
    path = tmp_path / "run" / "journal.jsonl"
    journal = begin(state, path, USED)
    journal.append(ARMED, armed_body(USED))
    journal.close()
    path.write_bytes(path.read_bytes().replace(b'"epoch":7', b'"epoch":1', 1))
    with pytest.raises(EvidenceError, match=r"CELL-4034.*damaged"):
        state.recall()


@pytest.mark.parametrize("change", [(b'"loop":41', b'"loop":40'), (b"{", b"["), (b"\n", b" \n"), (b"plc", b"plx")])
def test_a_damaged_file_is_no_new_beginning(state: GuardState, change: tuple[bytes, bytes]) -> None:
    """CELL-4033, whatever was changed."""
    remember(state, USED)
    state.path.write_bytes(state.path.read_bytes().replace(*change))
    with pytest.raises(EvidenceError, match="CELL-4033"):
        state.recall()


def test_an_empty_file_is_no_new_beginning(state: GuardState) -> None:
    """A file that a disk error emptied."""
    state.path.write_bytes(b"")
    with pytest.raises(EvidenceError, match="CELL-4033"):
        state.recall()


def test_one_run_at_a_time(tmp_path: Path) -> None:
    """The second is refused while the first lasts, and served after it."""
    first = StateFolder(tmp_path / "state")
    with pytest.raises(EvidenceError, match="CELL-4036"):
        StateFolder(tmp_path / "state")
    first.close()
    StateFolder(tmp_path / "state").close()


def test_the_newest_epoch_of_all_devices_counts(tmp_path: Path) -> None:
    """Whatever a clock says; no guard has seen any at first."""
    folder = StateFolder(tmp_path)
    assert folder.newest_epoch(["plc", "oven"]) == -1
    remember(GuardState(tmp_path, "oven"), USED)
    assert folder.newest_epoch(["plc", "oven"]) == 7
    folder.close()


@pytest.mark.parametrize(("run", "expected"), [("/a/out/runs/x", "/a/out/state/c"), ("/a/b/x", "/a/b/state/c")])
def test_where_the_state_is_by_default(run: str, expected: str) -> None:
    """Runs beside one another share it; those elsewhere do not."""
    assert state_dir(Path(run), "c") == Path(expected)
