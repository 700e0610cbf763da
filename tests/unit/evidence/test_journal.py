"""The guard's journal: on disk before `append` returns, one chain, torn tails told from damage."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cellctl.errors import EvidenceError
from cellctl.evidence.journal import Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with three records."""
    made = tmp_path / "journal.jsonl"
    journal = Journal(made)
    for number in range(3):
        journal.append("intent", {"number": number})
    journal.close()
    return made


def test_records_read_back_in_order(path: Path) -> None:
    """Kind, body and chain."""
    records = list(Journal.read(path))
    assert [record.body["number"] for record in records] == [0, 1, 2]
    assert records[1].previous == records[0].hash


def test_append_returns_after_the_disk_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is written, then synchronised, then `append` returns."""
    order: list[str] = []
    write, sync = os.write, os.fdatasync
    journal = Journal(tmp_path / "journal.jsonl")

    def noted_write(fd: int, data: bytes) -> int:
        order.append("write")
        return write(fd, data)

    def noted_sync(fd: int) -> None:
        order.append("sync")
        sync(fd)

    monkeypatch.setattr(os, "write", noted_write)
    monkeypatch.setattr(os, "fdatasync", noted_sync)
    journal.append("intent", {})
    order.append("returned")
    journal.close()
    assert order == ["write", "sync", "returned"]


def test_a_failed_sync_is_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """EvidenceError, now and for everything after it."""
    journal = Journal(tmp_path / "journal.jsonl")

    def fail(_fd: int) -> None:
        raise OSError(5, "input/output error")

    monkeypatch.setattr(os, "fdatasync", fail)
    for _ in range(2):
        with pytest.raises(EvidenceError, match="CELL-4025"):
            journal.append("intent", {})
    journal.close()


@pytest.mark.parametrize("cut", [1, 10, 100])
def test_a_torn_last_line_never_counted(path: Path, cut: int) -> None:
    """Reading stops before it; opening reports it and goes on."""
    path.write_bytes(path.read_bytes()[:-cut])
    assert [record.body["number"] for record in Journal.read(path)] == [0, 1]
    journal = Journal(path)
    assert journal.torn
    journal.append("intent", {"number": 3})
    assert [record.body["number"] for record in journal.records()] == [0, 1, 3]
    journal.close()


def test_damage_before_the_end_is_found(path: Path) -> None:
    """One changed digit in the first record; the file is not continued either."""
    path.write_bytes(path.read_bytes().replace(b'"number":0', b'"number":7'))
    with pytest.raises(EvidenceError, match=r"CELL-402[12]"):
        list(Journal.read(path))
    with pytest.raises(EvidenceError, match=r"CELL-402[12]"):
        Journal(path)


def test_a_missing_record_is_found(path: Path) -> None:
    """The second of three lines is gone."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[2])
    with pytest.raises(EvidenceError, match="CELL-4022"):
        list(Journal.read(path))


def test_only_one_process_writes(path: Path) -> None:
    """A second writer is refused while the first is at work."""
    first = Journal(path)
    with pytest.raises(EvidenceError, match="CELL-4026"):
        Journal(path)
    first.close()
