"""CRC-32C (Castagnoli): tells a torn or damaged frame from an intact one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cellctl._native import checksum as _native

Bytes = bytes | bytearray | memoryview | npt.NDArray[Any]

HAS_HARDWARE: bool = _native.has_hardware
"""Whether this machine's SSE4.2 instruction is used (same result either way)."""

_LARGEST = 0xFFFF_FFFF


def crc32c(buffer: Bytes, value: int = 0, *, portable: bool = False) -> int:
    """CRC-32C of `buffer`, as in RFC 3720 appendix B.4; the GIL is released while it runs.

    Args:
        buffer: any C-contiguous buffer, of any item type; it is read as bytes.
        value: CRC of what came before, so `crc32c(b, crc32c(a)) == crc32c(a + b)`.
        portable: use the table path even where SSE4.2 is there (for tests and benchmarks).

    Raises:
        ValueError: `value` is no 32-bit number, or `buffer` is not C-contiguous.
    """
    if not (isinstance(value, int | np.integer) and 0 <= value <= _LARGEST):
        raise ValueError(f"value: expected 0 to {_LARGEST}, got {value}")
    view = memoryview(buffer)  # type: ignore[arg-type]  # an array is a buffer; its stub says so from 3.12 on
    if not view.c_contiguous:
        raise ValueError("buffer: expected C-contiguous memory, got a strided view")
    if view.nbytes == 0:
        return value
    flat = view if view.format == "B" and view.ndim == 1 else view.cast("B")
    return _native.crc32c(flat, value, portable)
