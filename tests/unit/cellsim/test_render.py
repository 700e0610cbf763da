"""The rendered web: grey values, sizes, seams, repeatability."""

from __future__ import annotations

import numpy as np
import pytest

from cellctl.model.web import Side
from cellsim.render import (
    COLUMN_MM,
    COLUMNS,
    LEFT_EDGE_MM,
    RIGHT_EDGE_MM,
    ROW_MM,
    ROWS,
    WebObject,
    WebRenderer,
    draw_object,
    render_block,
)
from cellsim.render.shapes import painted_rows

RENDERER = WebRenderer(11)


def difference(*things: WebObject, first_row: int = 0, blocks: int = 1) -> np.ndarray:
    """What objects change, as signed grey values, over consecutive blocks."""
    parts = []
    for number in range(blocks):
        row = first_row + number * ROWS
        bare = RENDERER.render(row).astype(np.int16)
        parts.append(RENDERER.render(row, things).astype(np.int16) - bare)
    return np.concatenate(parts)


def extent(changed: np.ndarray) -> tuple[float, float]:
    """Size of the changed pixels along and across the web, mm."""
    rows, columns = np.nonzero(changed)
    return (np.ptp(rows) + 1) * ROW_MM, (np.ptp(columns) + 1) * COLUMN_MM


def spur(side: Side, from_mm: float, length_mm: float = 6.0, width_mm: float = 3.0) -> WebObject:
    y_mm = LEFT_EDGE_MM - width_mm / 2 if side is Side.LEFT else RIGHT_EDGE_MM + width_mm / 2
    return WebObject("coat_edge_spur", side, from_mm, length_mm, y_mm, width_mm, 5)


def test_coating_is_dark_and_foil_bright() -> None:
    """Grey values: coating about 70 and foil about 200 under full light, 25 % less light at the rims."""
    block = RENDERER.render(0)
    assert block.dtype == np.uint8
    assert block.shape == (ROWS, COLUMNS)
    assert block[:, 1000:1048].mean() == pytest.approx(70, abs=3)
    assert block[:, 40:60].mean() == pytest.approx(70 * 0.77, abs=4)
    assert block[:, :16].mean() == pytest.approx(200 * 0.75, abs=6)
    assert block[:, -16:].mean() == pytest.approx(200 * 0.75, abs=6)


def test_edges_stay_within_their_wander() -> None:
    """Over 20 m both coated edges keep within half a millimetre of their nominal place, and do move."""
    places = []
    for number in range(0, 20_000, 250):
        block = RENDERER.render(number * 20).astype(float)
        places.append([(block[:, :32] > 100).sum(axis=1).mean(), (block[:, -32:] > 100).sum(axis=1).mean()])
    edges_mm = np.array(places) * COLUMN_MM
    assert np.abs(edges_mm - LEFT_EDGE_MM).max() < 0.5
    assert np.ptp(edges_mm, axis=0).min() > 0.15


def test_same_seed_gives_the_same_pixels() -> None:
    """A block depends on seed, lines, time and objects only, not on what was rendered before."""
    thing = draw_object("agglomerate", 12.8, np.random.default_rng(1))
    first = render_block(3, 0.0, [thing], t_s=4.0)
    renderer = WebRenderer(3)
    renderer.render(99_999)
    assert np.array_equal(first, renderer.render(0, [thing], t_s=4.0))
    assert not np.array_equal(first, render_block(4, 0.0, [thing], t_s=4.0))


def test_noise_differs_from_block_to_block() -> None:
    """The same piece of texture never comes with the same noise."""
    one, other = RENDERER.render(0)[:, 500:600], RENDERER.render(1531)[:, 500:600]
    assert not np.array_equal(one, other)
    assert 1.5 < np.std(one.astype(float) - other) < 6.0


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_spur_darkens_the_bare_rim_beside_its_edge(side: Side) -> None:
    """A spur of 6 × 3 mm covers foil outside of its edge, within a pixel of its size, and nothing else."""
    change = difference(spur(side, 8.0))
    rim = slice(0, 26) if side is Side.LEFT else slice(COLUMNS - 26, COLUMNS)
    length_mm, width_mm = extent(change[:, rim] < -15)
    assert length_mm == pytest.approx(6.0, abs=1.2)
    assert width_mm == pytest.approx(3.0, abs=0.9)
    change[:, rim] = 0
    assert not change.any()


def test_spur_is_attached_to_the_edge() -> None:
    """Between the spur's tip and the coating there is no bare foil."""
    block = RENDERER.render(0, [spur(Side.LEFT, 8.0)])
    dark = block[220, :32] < 110
    assert dark[np.argmax(dark) :].all()


def test_agglomerate_has_its_size() -> None:
    """The core of a spot of 2 × 2 mm measures 2 mm within its irregular outline."""
    thing = WebObject("agglomerate", Side.NONE, 10.0, 2.0, 300.0, 2.0, 8)
    length_mm, width_mm = extent(np.abs(difference(thing)) > 20)
    assert length_mm == pytest.approx(2.0, abs=0.7)
    assert width_mm == pytest.approx(2.0, abs=0.7)


def test_agglomerates_are_dark_or_bright() -> None:
    """Both kinds of core occur, each at least 20 grey values from the coating."""
    signs = set()
    for seed in range(12):
        change = difference(WebObject("agglomerate", Side.NONE, 10.0, 2.0, 300.0, 2.0, seed))
        strongest = change.flat[np.abs(change).argmax()]
        assert abs(strongest) > 20
        signs.add(bool(strongest > 0))
    assert signs == {True, False}


def test_streak_is_a_thin_bright_line_along_the_web() -> None:
    """A streak of 300 mm is bright, 1 mm wide, and there in every block that it crosses."""
    thing = WebObject("streak", Side.NONE, -50.0, 300.0, 200.0, 1.0, 4)
    change = difference(thing, blocks=3)
    assert change.max() > 30
    per_block = change.reshape(3, ROWS, COLUMNS).mean(axis=1)
    assert (per_block.max(axis=1) > 8).all()
    columns = np.nonzero((change > 12).any(axis=0))[0]
    assert (np.ptp(columns) + 1) * COLUMN_MM == pytest.approx(1.0, abs=0.8)


@pytest.mark.parametrize("defect", ["coat_edge_spur", "agglomerate", "streak", "blotch"])
def test_objects_cross_block_borders_without_a_seam(defect: str) -> None:
    """Without noise, the halves of two blocks and one block between them are the same picture."""
    renderer = WebRenderer(11)
    renderer._surface._noise[:] = 0
    thing = draw_object(defect, ROWS * ROW_MM, np.random.default_rng(2), side=Side.LEFT)
    upper, lower = renderer.render(0, [thing]), renderer.render(ROWS, [thing])
    between = renderer.render(ROWS // 2, [thing]).astype(np.int16)
    assert not np.array_equal(between, renderer.render(ROWS // 2))
    halves = np.concatenate([upper[ROWS // 2 :], lower[: ROWS // 2]]).astype(np.int16)
    assert np.abs(halves - between).max() <= 1


def test_object_elsewhere_leaves_no_trace() -> None:
    """An object outside the block's lines changes no pixel."""
    assert not difference(spur(Side.LEFT, 26.0), spur(Side.RIGHT, -6.1)).any()


@pytest.mark.parametrize("defect", ["coat_edge_spur", "streak", "agglomerate", "dust", "blotch"])
def test_painted_lines_hold_every_changed_pixel(defect: str) -> None:
    """`painted_rows` tells the camera what it must know in time: no pixel changes outside of it."""
    thing = draw_object(defect, 600.0, np.random.default_rng(7))
    top, bottom = painted_rows(thing)
    first_row = top - 100
    change = difference(thing, first_row=first_row, blocks=(bottom - top) // ROWS + 2)
    rows = np.nonzero(change.any(axis=1))[0] + first_row
    assert rows.min() >= top
    assert rows.max() < bottom


@pytest.mark.parametrize(
    ("defect", "length_mm", "width_mm"),
    [
        ("coat_edge_spur", (2, 12), (1, 4)),
        ("streak", (200, 2000), (0.6, 1.5)),
        ("agglomerate", (0.8, 3), (0.8, 3)),
    ],
)
def test_drawn_sizes_lie_in_their_ranges(
    defect: str, length_mm: tuple[float, float], width_mm: tuple[float, float]
) -> None:
    """Random objects keep to the sizes of their class, and use most of the range."""
    rng = np.random.default_rng(1)
    things = [draw_object(defect, 0.0, rng) for _ in range(300)]
    for sizes, (low, high) in (([t.length_mm for t in things], length_mm), ([t.width_mm for t in things], width_mm)):
        assert low <= min(sizes) <= max(sizes) <= high
        assert max(sizes) - min(sizes) > 0.7 * (high - low)


def test_specks_are_weaker_than_defects() -> None:
    """Harmless objects stay small or faint: dust under 0.5 mm² of strong pixels, clouds under 15 grey values."""
    rng = np.random.default_rng(3)
    for _ in range(10):
        dust = np.abs(difference(draw_object("dust", 12.8, rng))) > 15
        assert dust.sum() * ROW_MM * COLUMN_MM < 0.5
    cloud = draw_object("blotch", 12.8, rng)
    assert np.abs(difference(cloud).astype(float)).max() < 30
