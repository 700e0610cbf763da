"""The column reference: start-up, following, robustness, bounds and edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from cellctl.inspect.reference import Reference, find_edges
from cellctl.inspect.rules import Pitch, Rules
from cellctl.kernels import RegionFinder

COLUMNS, RIM = 200, 24
PITCH = Pitch(row_mm=0.05, column_mm=0.3)


def web(coat: float = 70.0, foil: float = 180.0, shift: int = 0, seed: int = 0) -> npt.NDArray[np.uint8]:
    """64 noisy lines: bare foil at both rims, coating between; `shift` moves the left edge outwards."""
    profile = np.full(COLUMNS, coat)
    profile[: RIM - shift] = profile[-RIM:] = foil
    noise = np.random.default_rng(seed).normal(0, 2, (64, COLUMNS))
    return np.clip(profile + noise, 0, 255).astype(np.uint8)


def settled(first: Any = None, **rules: Any) -> Reference:
    """A reference that has learnt four blocks."""
    reference = Reference(COLUMNS, PITCH, Rules(**rules))
    for seed in range(4):
        reference.learn(web(seed=seed) if first is None else first)
    return reference


def follow(reference: Reference, pixels: npt.NDArray[np.uint8], times: int) -> None:
    """Show the reference the same kind of block several times."""
    for _ in range(times):
        reference.update(RegionFinder(COLUMNS).find(pixels, reference.bounds()))


def candidates(reference: Reference, pixels: npt.NDArray[np.uint8]) -> int:
    """Candidates in regions of at least five pixels."""
    return int(RegionFinder(COLUMNS, smallest=5).find(pixels, reference.bounds()).regions["area"].sum())


def test_settles_after_the_blocks_it_was_told_to_see():
    """Not one block earlier, and the profile is then that of the web."""
    reference = Reference(COLUMNS, PITCH, Rules(reference_blocks=2))
    reference.learn(web(seed=1))
    assert not reference.settled
    reference.learn(web(seed=2))
    assert reference.settled
    assert reference.profile[100] == pytest.approx(70, abs=1.5)
    assert reference.profile[5] == pytest.approx(180, abs=1.5)


def test_a_streak_at_start_up_is_bridged():
    """A bright line that fills its column all through the start-up is a candidate afterwards, not normal."""
    pixels = web()
    pixels[:, 100:103] = 140
    reference = settled(pixels)
    assert reference.profile[101] == pytest.approx(70, abs=2)
    assert candidates(reference, pixels) == 3 * 64


def test_follows_a_lamp_that_ages():
    """Ten per cent less light, slowly, is followed and never a candidate."""
    reference = settled()
    for step in range(100):
        share = 1 - 0.1 * step / 100
        pixels = web(coat=70 * share, foil=180 * share, seed=step)
        assert candidates(reference, pixels) == 0
        follow(reference, pixels, 1)
    assert reference.profile[100] == pytest.approx(63, abs=2)


def test_a_defect_does_not_bend_its_own_reference():
    """A long streak, seen for 100 blocks, is still a candidate: its columns do not follow."""
    reference = settled()
    pixels = web()
    pixels[:, 100:103] = 110
    follow(reference, pixels, 100)
    assert candidates(reference, pixels) == 3 * 64


def test_a_short_defect_again_and_again_does_not_bend_it_either():
    """A dark spot of a third of the lines in every block leaves the profile as it was."""
    reference = settled()
    before = reference.profile.copy()
    pixels = web()
    pixels[20:40, 100:110] = 10
    follow(reference, pixels, 100)
    np.testing.assert_allclose(reference.profile[95:115], before[95:115], atol=3.0)


def test_an_edge_that_wanders_within_the_tolerance_is_normal():
    """One column of 0.3 mm is inside a tolerance of 0.3 mm."""
    assert candidates(settled(), web(shift=1)) == 0


def test_without_tolerance_the_same_edge_is_a_candidate():
    """Negative control: the tolerance, not luck, keeps the wandering edge out."""
    assert candidates(settled(edge_tolerance_mm=0.0), web(shift=1)) > 30


def test_a_spur_that_reaches_further_is_a_candidate():
    """Four columns (1.2 mm) beyond the edge: what lies beyond the tolerance is found."""
    pixels = web()
    pixels[20:40, RIM - 4 : RIM] = 70
    assert candidates(settled(), pixels) == 20 * 3


def test_follows_an_edge_that_has_moved():
    """A few blocks after it moved by one column the edge is where it is now."""
    reference = settled()
    before = reference.edges.left
    follow(reference, web(shift=1), 12)
    assert reference.edges.left == pytest.approx(before - 1, abs=0.1)


def test_dark_columns_keep_a_floor_of_grey_values():
    """Where the reference is 20, a fifth of it would be 4: noise; the floor of 12 holds instead."""
    reference = settled(np.full((64, COLUMNS), 20, np.uint8))
    bounds = reference.bounds()
    assert (int(bounds.lo[100]), int(bounds.hi[100])) == (8, 32)


def test_bounds_stay_within_a_byte():
    """A reference of 250 has no upper bound above 255 and none that wrapped around."""
    bounds = settled(np.full((64, COLUMNS), 250, np.uint8)).bounds()
    assert int(bounds.hi[100]) == 255
    assert int(bounds.lo[100]) == 200


def test_finds_both_edges():
    """Edges lie between the last column of foil and the first of coating, in columns."""
    profile = np.full(100, 70, np.float32)
    profile[:24] = profile[80:] = 180
    edges = find_edges(profile)
    assert edges.left == pytest.approx(24, abs=0.5)
    assert edges.right == pytest.approx(80, abs=0.5)


def test_a_lane_without_bare_rims_has_its_edges_at_the_rims():
    """No foil in sight: the field itself is the lane."""
    assert find_edges(np.full(100, 70, np.float32)) == (0.0, 100.0)


def test_finds_its_edges_again_after_a_stretch_that_was_not_seen():
    """An edge that wandered two columns while nobody looked is normal at once, not a spur as long as the web."""
    reference = settled()
    assert candidates(reference, web(shift=2)) > 30
    reference.realign(web(shift=2))
    assert candidates(reference, web(shift=2)) == 0


def test_an_edge_that_jumped_is_not_followed():
    """Two millimetres are no wandering: the reference stays, and the inspection finds it."""
    reference = settled()
    reference.realign(web(shift=7))
    assert candidates(reference, web(shift=7)) > 200


def test_a_spur_does_not_realign_the_edge():
    """A spur over a third of the lines of the first block after a gap is still found."""
    reference = settled()
    pixels = web()
    pixels[20:40, RIM - 4 : RIM] = 70
    reference.realign(pixels)
    assert candidates(reference, pixels) == 20 * 3
