"""A guard that is armed and has watched its plant for a second."""

from __future__ import annotations

import pytest

from tests.unit.guard.bench import Bench


@pytest.fixture
def bench() -> Bench:
    """Armed in epoch 1 and watched for a second."""
    made = Bench()
    made.arm()
    made.watch()
    return made
