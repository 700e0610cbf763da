"""The classifier changes with the first frame that holds material of the new recipe."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from cellctl.builtin import MODELS
from cellctl.builtin.recipe_models import RecipeModels
from cellctl.config.resolved import Product, Recipe, ResolvedCell
from cellctl.errors import ConfigError
from cellctl.inspect.model_card import card_path
from cellctl.model import CellState, PackMLState, Stamp
from tests.unit.loop.builders import make_cell

SHIPPED = MODELS / "coating.onnx"


@pytest.fixture
def cell(tmp_path: Path) -> ResolvedCell:
    """Two products whose classifiers differ by a byte that the model does not read."""
    other = tmp_path / "thin.onnx"
    other.write_bytes(SHIPPED.read_bytes() + b"\x9a\x06\x00")  # an unknown, empty field: skipped by every reader
    card = json.loads(card_path(SHIPPED).read_text())
    card["sha256"] = hashlib.sha256(other.read_bytes()).hexdigest()
    card_path(other).write_text(json.dumps(card))
    recipes = tuple(
        Recipe(name, 1.0, str(path), hashlib.sha256(path.read_bytes()).hexdigest())
        for name, path in (("NMC-200", SHIPPED), ("LFP-150", other))
    )
    made = msgspec.structs.replace(make_cell(), recipe=recipes[0])
    return msgspec.structs.replace(made, products=tuple(Product(it, made.loops, ()) for it in recipes))


def told(product: str, since_mm: float | None) -> CellState:
    """The cell's state after an announcement."""
    return CellState(
        stamp=Stamp(0), state=PackMLState.EXECUTE, epoch=2, safe=False, reason="", product=product, since_mm=since_mm
    )


def test_the_first_frame_of_new_material_changes_the_classifier(cell: ResolvedCell) -> None:
    """A frame that ends where the old material ends is still judged by the old one; the change is said once."""
    models = RecipeModels(cell)
    old = models.current.hash
    models.announce(told("LFP-150", 5_000.0))
    assert not models.reached(5_000.0)
    assert models.current.hash == old == cell.recipe.model_hash
    assert models.reached(5_025.0)
    assert models.current.hash == cell.products[1].recipe.model_hash != old
    assert not models.reached(5_050.0)


def test_without_a_place_it_changes_at_once(cell: ResolvedCell) -> None:
    """There is no web that would tell."""
    models = RecipeModels(cell)
    models.announce(told("LFP-150", None))
    assert models.reached(0.0)


def test_a_recipe_that_is_taken_back_in_time_changes_nothing(cell: ResolvedCell) -> None:
    """Announced by mistake, corrected before its material came to the camera."""
    models = RecipeModels(cell)
    models.announce(told("LFP-150", 5_000.0))
    models.announce(told("NMC-200", 5_010.0))
    assert not models.reached(6_000.0)


def test_another_lot_keeps_the_classifier(cell: ResolvedCell) -> None:
    """The product is the same."""
    models = RecipeModels(cell)
    models.announce(told("NMC-200", 5_000.0))
    assert not models.reached(6_000.0)


def test_a_classifier_that_cannot_be_used_is_found_at_the_start(cell: ResolvedCell) -> None:
    """Not when its product comes."""
    Path(cell.products[1].recipe.model).unlink()
    with pytest.raises(ConfigError, match="CELL-1040"):
        RecipeModels(cell)
