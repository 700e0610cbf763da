"""CRC-32C of a frame against zlib's CRC-32, which is of the same length but of another polynomial."""

from __future__ import annotations

import zlib

import numpy as np

from benchmarks.peers.case import Case, Limit, Peer
from cellctl.kernels import HAS_HARDWARE, crc32c

_CHECK = 0xE3069283
"""CRC-32C of the digits 1 to 9 (RFC 3720 appendix B.4 and the catalogue of CRCs)."""


def cases() -> list[Case]:
    """The rows of this concept: the processor's instruction where it has one, and the tables."""
    frame = np.random.default_rng(2).integers(0, 256, 1 << 20, dtype=np.uint8)
    words = frame.view(np.uint64)
    return [
        Case(
            f"CRC-32C of 1 MiB ({name})",
            lambda portable=portable: crc32c(frame, portable=portable),  # type: ignore[misc]  # no lambda is typed
            (Peer("zlib.crc32", lambda: zlib.crc32(frame.data)),),
            Limit("read the block", lambda: np.bitwise_or.reduce(words)),
            lambda portable=portable: float(crc32c(b"123456789", portable=portable) != _CHECK),  # type: ignore[misc]
            "wrong results",
            frame.nbytes,
        )
        for name, portable in ((("SSE4.2", False),) if HAS_HARDWARE else ()) + (("tables", True),)
    ]
