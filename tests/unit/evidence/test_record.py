"""A line of the ledger is read back only when every byte of it is what sealing its content writes."""

from __future__ import annotations

import msgspec
import pytest

from cellctl.errors import EvidenceError
from cellctl.evidence.canonical import canonical, sha256_hex
from cellctl.evidence.record import GENESIS, Entry, read_line, seal

ODD = {
    "hash": "0" * 64,
    "text": '"hash":"' + "0" * 64 + '",',
    "value": float("nan"),
    "list": [1.0, 1e22, -0.0],
    "none": None,
}


def sealed() -> bytes:
    """A record whose body has all that could be mistaken for the record's own hash."""
    return seal(Entry("test", 1, '"hash":"x",', ODD, "c" * 64), sequence=0, previous=GENESIS).line


def test_a_body_that_looks_like_a_hash_is_read_back() -> None:
    """The hash is cut out of the line at its own place, not at one that looks like it."""
    assert read_line(sealed()).body["value"] == "NaN"


def test_the_hash_is_that_of_the_content_alone() -> None:
    """Anyone computes it again from the documented formula, without our way of cutting."""
    content = msgspec.json.decode(sealed())
    stated = content.pop("hash")
    assert sha256_hex(bytes.fromhex(GENESIS) + canonical(content)) == stated


def test_no_byte_can_be_changed() -> None:
    """Each byte in turn, replaced by another one: never a record, at no place."""
    line = sealed()
    for place, byte in enumerate(line):
        for other in {byte ^ 1, ord("0") if byte != ord("0") else ord("1"), ord(" ") if byte != ord(" ") else ord("a")}:
            with pytest.raises(EvidenceError, match="CELL-4021"):
                read_line(line[:place] + bytes([other]) + line[place + 1 :])


def test_another_spelling_of_the_same_content_is_refused() -> None:
    """White space, another order of keys, another spelling of a number: not what was sealed."""
    line = sealed()
    record = msgspec.json.decode(line)
    for forged in (
        msgspec.json.encode(dict(reversed(record.items()))) + b"\n",
        line.replace(b'"t_ns":1,', b'"t_ns": 1,'),
        line.replace(b"1e22", b"1E22"),
        line[:-1],
    ):
        assert forged != line
        with pytest.raises(EvidenceError, match="CELL-4021"):
            read_line(forged)
