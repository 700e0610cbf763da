"""The pace of CRC-32C on a block of a line camera."""

from __future__ import annotations

from typing import Any

import numpy as np

from cellctl.kernels import crc32c


def test_checksum(benchmark: Any) -> None:
    """CRC-32C of 1 MiB."""
    block = np.random.default_rng(2).integers(0, 256, 1 << 20, dtype=np.uint8)
    assert benchmark(crc32c, block) == crc32c(block, portable=True)
