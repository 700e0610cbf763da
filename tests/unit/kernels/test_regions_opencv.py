"""Connected regions against OpenCV's components with statistics."""

from __future__ import annotations

import numpy as np
import pytest

from cellctl.kernels import Bounds, RegionFinder

cv2 = pytest.importorskip("cv2")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.6])
@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (200, 333), (257, 1024)])
def test_equals_opencv(shape, share):
    """Number, boxes, areas and centroids of all regions are those of OpenCV, at any density."""
    mask = (np.random.default_rng(6).random(shape) < share).astype(np.uint8) * np.uint8(255)
    columns = shape[1]
    bounds = Bounds(np.zeros(columns, np.uint8), np.full(columns, 127, np.uint8), np.ones(columns, np.float32))
    found = RegionFinder(columns, runs=mask.size, capacity=mask.size).find(mask, bounds).regions
    _, _, stats, centroids = cv2.connectedComponentsWithStats(mask, connectivity=8)
    ours = np.stack(
        [
            found["x0"],
            found["y0"],
            found["x1"] - found["x0"],
            found["y1"] - found["y0"],
            found["area"],
            found["sum_x"] / found["area"],
            found["sum_y"] / found["area"],
        ],
        axis=1,
    )
    theirs = np.hstack([stats[1:], centroids[1:]])
    assert ours.shape == theirs.shape
    assert np.allclose(ours[np.lexsort(ours[:, :5].T)], theirs[np.lexsort(theirs[:, :5].T)], rtol=0, atol=1e-9)
