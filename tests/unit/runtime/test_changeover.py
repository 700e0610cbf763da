"""A changeover begins when it is announced and ends when enough of the new material has run."""

from __future__ import annotations

import msgspec
import pytest

from cellctl.config.resolved import Product, Recipe, ResolvedCell, Web
from cellctl.errors import ConfigError
from cellctl.model import Ne107, PackMLState, Quality, Reading, Stamp, TagValue
from cellctl.runtime.supervision.authority import Authority
from cellctl.runtime.supervision.changeover import Announcement, Changeover
from cellctl.testing import VirtualClock
from tests.unit.loop.builders import make_cell

THIN = Announcement("LFP-150", "", "Li")


def two_products(*, web: Web | None = None) -> ResolvedCell:
    """A cell that makes its own product, and LFP-150."""
    cell = make_cell()
    recipes = (cell.recipe, Recipe("LFP-150", 0.8, "thin.onnx", "ff"))
    products = tuple(Product(recipe, cell.loops, cell.regulators) for recipe in recipes)
    return msgspec.structs.replace(cell, products=products, web=web or cell.web)


class Line:
    """A cell in Execute and its web."""

    def __init__(self, cell: ResolvedCell) -> None:
        self.cell, self.clock = cell, VirtualClock()
        self.authority = Authority(self.clock, cell.recipe.product, cell.lot)
        self.authority.ready()
        self.authority.arm("operator")
        self.changeover = Changeover(cell, self.authority, self.clock)

    def run_to(self, position_mm: float, quality: Quality = Quality.GOOD) -> None:
        """The encoder shows a position, and the cell looks at it."""
        tag = self.cell.web.encoder
        value = TagValue(tag, position_mm, "mm", quality, Ne107.OK, self.clock.now_ns())
        device = tag.partition(".")[0]
        self.changeover.hear(Reading(stamp=Stamp(self.clock.now_ns()), device=device, values=(value,)))
        self.changeover.look()


@pytest.fixture
def line() -> Line:
    made = Line(two_products())
    made.run_to(5_000.0)
    return made


def test_an_announcement_names_what_comes_and_stops_what_moves(line: Line) -> None:
    """New product, a new epoch, the cell still in Execute, and where the new material begins."""
    epoch = line.authority.state.epoch
    reply = line.changeover.announce(THIN)
    state = line.authority.state
    assert (state.product, state.lot, state.changing, state.epoch) == ("LFP-150", line.cell.lot, True, epoch + 1)
    assert (state.state, state.since_mm) == (PackMLState.EXECUTE, 5_000.0)
    assert "announced by Li" in state.reason
    assert "100 m" in reply


def test_it_is_over_when_the_new_material_has_run(line: Line) -> None:
    """100 m after the announcement, not a metre before; the epoch stays."""
    line.changeover.announce(THIN)
    epoch = line.authority.state.epoch
    line.run_to(104_999.0)
    assert line.authority.state.changing
    line.run_to(105_000.0)
    assert not line.authority.state.changing
    assert line.authority.state.epoch == epoch


def test_it_is_not_over_by_a_position_that_is_not_good(line: Line) -> None:
    """A doubtful encoder ends nothing."""
    line.changeover.announce(THIN)
    line.run_to(200_000.0, Quality.BAD_SENSOR_FAILURE)
    assert line.authority.state.changing


def test_an_encoder_that_jumps_back_begins_anew(line: Line) -> None:
    """A counter that was reset counts the new material from there."""
    line.changeover.announce(THIN)
    line.run_to(10.0)
    line.run_to(100_000.0)
    assert line.authority.state.changing
    line.run_to(100_010.0)
    assert not line.authority.state.changing


def test_without_a_web_it_lasts_a_time() -> None:
    """60 s, and no place."""
    line = Line(two_products(web=Web("", "", "", {})))
    line.changeover.announce(THIN)
    assert line.authority.state.since_mm is None
    line.clock.advance(59.0)
    line.changeover.look()
    assert line.authority.state.changing
    line.clock.advance(1.0)
    line.changeover.look()
    assert not line.authority.state.changing


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Announcement("", "", "Li"), "CELL-1151"),
        (Announcement("LFP-15", "", "Li"), "CELL-1152"),
        (Announcement("", " LOT-2", "Li"), "CELL-1153"),
        (Announcement("", "L" * 65, "Li"), "CELL-1153"),
        (Announcement("", "LOT\n2", "Li"), "CELL-1153"),
        (Announcement("", "LOT\x1b[2J", "Li"), "CELL-1153"),
    ],
)
def test_what_cannot_be_announced_is_refused(line: Line, said: Announcement, code: str) -> None:
    """With its own code, and nothing changes."""
    before = line.authority.state
    with pytest.raises(ConfigError) as caught:
        line.changeover.announce(said)
    assert caught.value.code == code
    assert line.authority.state is before


def test_what_runs_already_is_no_changeover(line: Line) -> None:
    """The recipe and the lot of the moment are nothing new."""
    with pytest.raises(ConfigError, match="CELL-1151"):
        line.changeover.announce(Announcement(line.cell.recipe.product, line.cell.lot, "Li"))


def test_a_cell_that_ends_changes_over_no_more(line: Line) -> None:
    """It is started anew with the new recipe."""
    line.authority.stop()
    with pytest.raises(ConfigError, match="CELL-1154"):
        line.changeover.announce(THIN)
