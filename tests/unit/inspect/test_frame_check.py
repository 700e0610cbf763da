"""Which blocks are no picture of the web, and that proper ones pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellctl.inspect.frame_check import check_frame, looks_blank
from cellctl.kernels import Found

PIXELS = 64 * 100


def found(**change: Any) -> Found:
    """What a pass over a proper block finds, changed where asked."""
    proper: dict[str, Any] = {
        "regions": np.empty(0), "overflow": False, "candidates": 10, "mean": 70.0, "saturated": 0.0,
        "focus": 1e-3, "change": 2.0, "sums": np.arange(100, dtype=np.uint32), "counts": np.full(100, 8, np.uint32),
        "sampled_rows": 8,
    }  # fmt: skip
    return Found(**(proper | change))


def test_a_proper_block_passes():
    """Negative control: nothing wrong, no reason."""
    assert check_frame(found(), PIXELS, 70.0) == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"mean": 20.0}, "dark"),
        ({"saturated": 0.2}, "over-exposed"),
        ({"mean": 90.0}, "lighting"),
        ({"candidates": PIXELS // 4}, "unlike the reference"),
        ({"overflow": True}, "too many regions"),
    ],
)
def test_says_what_is_wrong(change, reason):
    """Each fault has its own reason."""
    assert check_frame(found(**change), PIXELS, 70.0).startswith(reason)


def test_the_same_content_again_is_frozen():
    """A block that equals the one before in every sampled pixel is frozen."""
    assert check_frame(found(change=0.0), PIXELS, 70.0).startswith("frozen")


@pytest.mark.parametrize("change", [1 / PIXELS, float("nan")])
def test_another_content_is_not_frozen(change):
    """Negative control: one count of difference in one pixel, or nothing to compare with, is not frozen."""
    assert check_frame(found(change=change), PIXELS, 70.0) == ""


@pytest.mark.parametrize(("grey", "reason"), [(3, "dark"), (255, "over-exposed"), (70, "")])
def test_a_blank_block_is_not_learnt(grey, reason):
    """Start-up refuses black and white blocks and takes grey ones."""
    assert looks_blank(np.full((64, 100), grey, np.uint8)).startswith(reason)
    assert bool(looks_blank(np.full((64, 100), grey, np.uint8))) == bool(reason)
