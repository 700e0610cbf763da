"""The ledger: stored means synced, a torn tail is put aside, damage is refused."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from cellctl.errors import EvidenceError
from cellctl.evidence import Entry, Ledger
from cellctl.evidence.chain import read_chain
from cellctl.evidence.record import GENESIS


def entry(number: int) -> Entry:
    """A small entry."""
    return Entry("test", number, "2000-01-01T00:00:00.000+00:00", {"number": number})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with three records."""
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.append([entry(0)])
    ledger.append([entry(1), entry(2)])
    ledger.close()
    return ledger.path


def test_records_come_back_in_order(path: Path) -> None:
    """What was appended is read back, numbered from zero and linked."""
    records = list(read_chain(path))
    assert [record.body["number"] for record in records] == [0, 1, 2]
    assert [record.sequence for record in records] == [0, 1, 2]
    assert [record.previous for record in records] == [GENESIS, records[0].hash, records[1].hash]


def test_known_hash() -> None:
    """The hash is SHA-256 over predecessor and canonical JSON, computed here by hand."""
    import hashlib

    from cellctl.evidence.record import seal

    head = '{"body":{"a":1.5,"b":"é"},"kind":"k","previous":"'
    text = head + "0" * 64 + '","sequence":0,"t_ns":5,"wall":"w"}'
    expected = hashlib.sha256(bytes(32) + text.encode()).hexdigest()
    record = seal(Entry("k", 5, "w", {"b": "é", "a": 1.5}), sequence=0, previous=GENESIS)
    assert record.hash == expected


def test_reopened_ledger_goes_on(path: Path) -> None:
    """A second writer continues number, chain and counts."""
    ledger = Ledger(path)
    assert (ledger.length, ledger.counts["test"], ledger.torn) == (3, 3, b"")
    ledger.append([entry(3)])
    ledger.close()
    assert len(list(read_chain(path))) == 4


def test_group_shares_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten records in one append cost one fdatasync."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.append([entry(number) for number in range(10)])
    ledger.close()
    assert len(synced) == 1


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_torn_last_line_is_put_aside(path: Path, cut: int) -> None:
    """A last line without its end is moved to its own file and reported; the chain goes on without it."""
    data = path.read_bytes()
    path.write_bytes(data[:-cut])
    torn = data.splitlines(keepends=True)[-1][:-cut]
    ledger = Ledger(path)
    assert ledger.torn == torn
    assert path.with_suffix(".torn").read_bytes() == torn
    ledger.append([entry(9)])
    ledger.close()
    assert [record.body["number"] for record in read_chain(path)] == [0, 1, 9]


@pytest.mark.parametrize("filler", [b"", b"\0" * 512], ids=["cut", "zeros"])
def test_no_power_cut_loses_an_acknowledged_record(path: Path, filler: bytes) -> None:
    """Wherever a group that was not acknowledged breaks off, the three records before it are there."""
    acknowledged = path.stat().st_size
    ledger = Ledger(path)
    ledger.append([entry(3), entry(4)])
    ledger.close()
    whole = path.read_bytes()
    for cut in range(acknowledged, len(whole)):
        path.write_bytes(whole[:cut] + filler)
        path.with_suffix(".torn").unlink(missing_ok=True)
        Ledger(path).close()
        assert [record.body["number"] for record in read_chain(path)][:3] == [0, 1, 2], cut
        aside = path.with_suffix(".torn")
        assert path.read_bytes() + (aside.read_bytes() if aside.exists() else b"") == whole[:cut] + filler


def test_damage_before_the_last_record_is_refused(path: Path) -> None:
    """A damaged record with a whole one after it is no torn tail: the file stays as it is."""
    data = path.read_bytes().replace(b'"number":1', b'"number":7')
    path.write_bytes(data)
    with pytest.raises(EvidenceError, match="CELL-4022"):
        Ledger(path)
    assert path.read_bytes() == data


def test_second_writer_is_refused(path: Path) -> None:
    """Two processes cannot both append."""
    first = Ledger(path)
    with pytest.raises(EvidenceError, match="CELL-4026"):
        Ledger(path)
    first.close()


def test_full_disk_stores_nothing_and_can_be_tried_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk takes half a group, the group is removed, not acknowledged, and fits later."""
    ledger = Ledger(path)
    real = os.write
    with monkeypatch.context() as patch:

        def half(fd: int, data: memoryview) -> int:
            if len(data) < 100:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(fd, data[: len(data) // 2])

        patch.setattr(os, "write", half)
        with pytest.raises(EvidenceError, match="CELL-4025"):
            ledger.append([entry(3), entry(4)])
    assert ledger.length == 3
    assert len(list(read_chain(path))) == 3
    ledger.append([entry(3), entry(4)])
    ledger.close()
    assert len(list(read_chain(path))) == 5


def test_failed_sync_is_never_forgotten(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After fdatasync failed once the ledger takes nothing more, even when the next one would succeed."""
    ledger = Ledger(path)
    with monkeypatch.context() as patch:

        def fail(_fd: int) -> None:
            raise OSError(errno.EIO, "Input/output error")

        patch.setattr(os, "fdatasync", fail)
        with pytest.raises(EvidenceError, match="CELL-4025"):
            ledger.append([entry(3)])
    with pytest.raises(EvidenceError, match="fdatasync"):
        ledger.append([entry(3)])
    assert ledger.length == 3
    ledger.close()


def test_folder_that_is_none_is_an_error(tmp_path: Path) -> None:
    """A ledger that cannot be opened says so with a code."""
    with pytest.raises(EvidenceError, match="CELL-4024"):
        Ledger(tmp_path / "missing" / "ledger.jsonl")
