"""Bytes as people write them."""

from __future__ import annotations


def amount(count: float) -> str:
    """In powers of 1000, as disks are sold: `4.49 GB`."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000.0
    return f"{count:.3g} PB"
