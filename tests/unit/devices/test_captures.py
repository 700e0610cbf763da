"""Traffic that others have captured: every frame of it is decoded, requests and answers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fuzz.captures import FILES, read_streams
from tests.fuzz.decoded import decode_capture

DATA = Path(os.environ.get("CELLCTL_DATA", ""))


def here(name: str) -> Path:
    """That capture; skips where it is not there."""
    if "CELLCTL_DATA" not in os.environ or not (DATA / name).is_file():
        pytest.skip(f"CELLCTL_DATA does not name a folder with {name}")
    return DATA / name


@pytest.mark.parametrize("name", FILES)
def test_every_frame_is_decoded(name):
    """Requests by the server's codec, answers by the client's checks and library; nothing is left over."""
    decoded = decode_capture(here(name))
    assert decoded.problems == []
    assert decoded.reads.total() > 0
    assert decoded.answers.total() > 0
    assert decoded.unasked <= 3


def test_a_capture_with_every_function_is_told_apart():
    """The example of the protocol analyser: nine reads, sixteen requests that a reader may not make, one exception."""
    decoded = decode_capture(here(FILES[0]))
    assert decoded.reads == {1: 2, 2: 2, 3: 3, 4: 2}
    assert decoded.refused == {5: 1, 6: 1, 7: 1, 8: 1, 15: 1, 16: 1, 17: 1, 20: 1, 21: 1, 22: 2, 23: 2, 24: 1, 43: 1}
    assert decoded.answers[0x83] == 1


@pytest.mark.parametrize(("direction", "place"), [(True, 2), (False, 8)])
def test_a_spoilt_capture_is_found(tmp_path, direction, place):
    """The negative control: one byte of a request's header, or one of an answer's body, does not pass."""
    path = here(FILES[3])
    frame = next(it.data for it in read_streams(path) if it.is_request is direction)[:9]
    raw = bytearray(path.read_bytes())
    raw[raw.index(frame) + place] ^= 0x40
    spoilt = tmp_path / "spoilt.pcap"
    spoilt.write_bytes(raw)
    assert decode_capture(spoilt).problems != []
