"""The classifiers of a cell's recipes: all loaded at the start, the right one in use for each stretch of material."""

from __future__ import annotations

import copy
from pathlib import Path

from cellctl.config.resolved import ResolvedCell
from cellctl.errors import ConfigError
from cellctl.inspect import load_classifier
from cellctl.model.packml import CellState


class RecipeModels:
    """Follows the changeovers of one run.

    A camera stands some way behind the blade, so the material of the new recipe comes to it later than the word of it:
    the classifier changes with the first frame that holds such material.

    Args:
        cell: the resolved cell; ConfigError CELL-1040 to CELL-1045 and CELL-1190 when a classifier cannot be used.
        images: it judges whole images.

    Attributes:
        current: the classifier in use.
    """

    def __init__(self, cell: ResolvedCell, *, images: bool = False) -> None:
        recipes = [it.recipe for it in cell.products] or [cell.recipe]
        without = next((it for it in recipes if not it.model), None)
        if without is not None:
            raise ConfigError("CELL-1040", "it needs a classifier, and the recipe {product!r} names none",
                              do="add `model: cellctl:coating.onnx`, or a file of your own, to the recipe",
                              product=without.product)  # fmt: skip
        loaded = {it.model_hash: load_classifier(Path(it.model), it.model_hash, images=images) for it in recipes}
        self._by_product = {it.product: loaded[it.model_hash] for it in recipes}
        self._next = self.current = loaded[cell.recipe.model_hash]
        self._since_mm = float("-inf")

    @property
    def classes(self) -> frozenset[str]:
        """Every class that one of them can find, without that of good material."""
        cards = [it.card for it in self._by_product.values()]
        return frozenset(name for card in cards for name in card.classes if name != card.background)

    def announce(self, state: CellState) -> None:
        """Take the cell's state: it may name another product, and where its material begins."""
        self._next = self._by_product.get(state.product, self._next)
        self._since_mm = float("-inf") if state.since_mm is None else state.since_mm

    def for_camera(self) -> RecipeModels:
        """The same classifiers for one camera more: each comes to the new material at its own place."""
        return copy.copy(self)

    def reached(self, to_mm: float) -> bool:
        """A frame that ends at `to_mm` is to be judged; whether another classifier is in use from it on."""
        if self._next is self.current or to_mm <= self._since_mm:
            return False
        self.current = self._next
        return True
