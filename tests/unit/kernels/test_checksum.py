"""CRC-32C against the vectors of RFC 3720 and a bit-by-bit reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellctl.kernels.checksum import HAS_HARDWARE, crc32c

GOLDEN = [
    (b"123456789", 0xE3069283),  # the check value in the catalogue of CRC algorithms
    (bytes(32), 0x8A9136AA),  # RFC 3720 B.4: 32 bytes of zeroes
    (bytes([0xFF] * 32), 0x62A8AB43),  # RFC 3720 B.4: 32 bytes of ones
    (bytes(range(32)), 0x46DD794E),  # RFC 3720 B.4: 32 bytes incrementing
    (bytes(range(31, -1, -1)), 0x113FDB5C),  # RFC 3720 B.4: 32 bytes decrementing
]
PATHS = [pytest.param(True, id="tables"), pytest.param(False, id="native")]


def bit_by_bit(data: bytes, value: int = 0) -> int:
    """The definition, one bit at a time."""
    state = ~value & 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = (state >> 1) ^ (0x82F63B78 if state & 1 else 0)
    return ~state & 0xFFFFFFFF


@pytest.mark.parametrize("portable", PATHS)
@pytest.mark.parametrize(("data", "expected"), GOLDEN)
def test_golden_vectors(data, expected, portable):
    """The published vectors come out on both paths."""
    assert crc32c(data, portable=portable) == expected


@pytest.mark.parametrize("portable", PATHS)
@given(data=st.binary(max_size=300), offset=st.integers(0, 9), value=st.integers(0, 2**32 - 1))
def test_equals_the_definition_at_any_alignment(portable, data, offset, value):
    """Every length and alignment gives what the definition gives."""
    view = memoryview(bytes(offset) + data)[offset:]
    assert crc32c(view, value, portable=portable) == bit_by_bit(data, value)


@pytest.mark.parametrize("length", [3 * 4096 - 1, 3 * 4096, 3 * 4096 + 1, 6 * 4096 + 13, 100_000])
def test_both_paths_agree_on_long_buffers(length):
    """The three-lane path and the table path agree around the lane borders."""
    data = np.random.default_rng(length).integers(0, 256, length, dtype=np.uint8)
    assert crc32c(data) == crc32c(data, portable=True)


def test_long_buffers_equal_the_definition():
    """One buffer longer than three lanes, bit by bit: both paths could not be wrong together."""
    data = np.random.default_rng(5).integers(0, 256, 3 * 4096 + 100, dtype=np.uint8).tobytes()
    assert crc32c(data) == bit_by_bit(data)


@given(first=st.binary(max_size=64), second=st.binary(max_size=64))
def test_continues_over_a_cut(first, second):
    """The CRC of two pieces in a row is the CRC of the whole."""
    assert crc32c(second, crc32c(first)) == crc32c(first + second)


def test_one_flipped_bit_shows():
    """Negative control: a single flipped bit in a megabyte changes the CRC."""
    block = np.zeros((512, 2048), np.uint8)
    before = crc32c(block)
    block[300, 1000] ^= 1
    assert crc32c(block) != before


def test_reads_any_item_type_as_bytes():
    """A float array counts by its bytes, whatever its shape."""
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert crc32c(array) == crc32c(array.tobytes())


@pytest.mark.parametrize("empty", [b"", np.empty((0, 5), np.uint8), memoryview(b"")])
def test_nothing_changes_nothing(empty):
    """An empty buffer leaves the value as it was."""
    assert crc32c(empty, 77) == 77


def test_a_strided_view_is_refused():
    """Non-contiguous memory is an error, not a silent copy."""
    with pytest.raises(ValueError, match="C-contiguous"):
        crc32c(np.zeros((4, 4), np.uint8)[:, ::2])


@pytest.mark.parametrize("value", [-1, 2**32])
def test_a_value_that_is_no_crc_is_refused(value):
    """The running value must fit in 32 bits."""
    with pytest.raises(ValueError, match="expected 0 to"):
        crc32c(b"x", value)


def test_says_which_path_runs():
    """The flag is a plain bool that a report can print."""
    assert HAS_HARDWARE in {True, False}


def test_a_value_that_is_no_whole_number_is_refused() -> None:
    """A value with a fraction is neither cut short nor handed back."""
    value: Any = 0.5
    for buffer in (b"", b"a"):
        with pytest.raises(ValueError, match="value: expected"):
            crc32c(buffer, value)
