"""What a lateness probe may vouch for."""

import pytest

from cellctl.testing.lateness import Lateness


@pytest.mark.parametrize(
    ("wakes", "late", "noisy"), [(1000, 0, False), (1000, 1, True), (0, 0, True)], ids=["quiet", "late", "silent"]
)
def test_a_probe_that_never_woke_vouches_for_nothing(wakes, late, noisy):
    """A machine is quiet only when a probe was there to say so."""
    assert Lateness(wakes, late, 0.0, 0.0).noisy is noisy
