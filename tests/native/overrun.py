"""Run by `.ci/kernels` in a checked build: the first test must pass there, and the second must not.

The name keeps it out of the normal run, where neither the kernel nor a check exists.
"""

from __future__ import annotations

import numpy as np
import pytest

overrun = pytest.importorskip("cellctl._native.overrun", reason="only in a checked build")
VALUES = np.ones(4096, np.uint8)


def test_within_its_array():
    assert overrun.total(VALUES, VALUES.size) == VALUES.size


def test_past_the_end_of_its_array():
    overrun.total(VALUES, VALUES.size + 1)
