"""Is this block a picture of the web at all? What is not is INDETERMINATE, with the reason, and never OK."""

from __future__ import annotations

import numpy as np

from cellctl.kernels import Found

_DARK = 0.5
"""Below this share of the reference's mean a block is dark."""
_LIGHTING = 0.2
"""A mean this far from the reference, as a share of it, is another lighting."""
_SATURATED = 0.02
"""Share of saturated pixels above which the block is over-exposed."""
_CANDIDATES = 0.05
"""Share of candidates above which the reference does not describe this web."""


def check_frame(found: Found, pixels: int, reference_mean: float) -> str:
    """Why the block cannot be judged, or nothing.

    A web that stays unlike the reference stays INDETERMINATE: learning anew on its own would make a defect as wide
    as the web the new normal. Restarting the inspector is a decision that a person makes.

    Args:
        found: what the pass over the block found.
        pixels: number of pixels in the block.
        reference_mean: mean grey value of a normal block.
    """
    return _unusable(found, reference_mean) or _misfit(found, pixels, reference_mean)


def _unusable(found: Found, reference_mean: float) -> str:
    if found.mean < _DARK * reference_mean:
        return f"dark: mean grey value {found.mean:.0f}, normal is {reference_mean:.0f}"
    if found.saturated > _SATURATED:
        return f"over-exposed: {found.saturated:.0%} of the pixels are saturated"
    # Sensor noise makes two pictures differ even of a web that stands still.
    return "frozen: same content as the block before" if found.change == 0 else ""


def looks_blank(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> str:
    """Why a block of the start-up, when there is no reference yet, must not be learnt, or nothing."""
    sample = pixels[::8]
    low, high = (float(value) for value in np.percentile(sample, (50, 98)))
    if low < 16:
        return f"dark: median grey value {low:.0f}"
    return "over-exposed: more than 2 % of the pixels are saturated" if high >= 250 else ""


def _misfit(found: Found, pixels: int, reference_mean: float) -> str:
    if abs(found.mean / reference_mean - 1) > _LIGHTING:
        return f"lighting: mean grey value {found.mean:.0f}, normal is {reference_mean:.0f}"
    share = found.candidates / max(1, pixels)
    if share > _CANDIDATES:
        return f"unlike the reference: {share:.0%} of the pixels are candidates"
    return f"too many regions: only {len(found.regions)} could be kept" if found.overflow else ""
