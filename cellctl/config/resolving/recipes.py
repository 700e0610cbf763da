"""Resolves a cell for each of its recipes: every product is checked as if the cell started with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from cellctl.config.resolved import Device, PluginEntry, Product, ResolvedCell, Settle
from cellctl.config.resolving.checks import TagInfo
from cellctl.config.resolving.resolver import Resolver
from cellctl.config.sections.cell import CellConfig
from cellctl.config.source.document import Document
from cellctl.errors import ConfigError, text


class Model(NamedTuple):
    """The classifier of a recipe: absolute path and SHA-256, both empty without one."""

    path: str = ""
    hash: str = ""


def resolve_cell(
    document: Document,
    config: CellConfig,
    tags: Mapping[str, TagInfo],
    *,
    devices: tuple[Device, ...],
    plugins: tuple[PluginEntry, ...],
    models: Mapping[str, Model],
) -> tuple[ResolvedCell, list[ConfigError]]:
    """The cell for the product that it starts with, and what changes with each other one, as far as it is sound.

    Args:
        document: the file, for places.
        config: its sections.
        tags: every tag of every device.
        devices: resolved already.
        plugins: resolved already.
        models: product → its classifier.

    Returns also every mistake found, whichever recipe it comes to light with.
    """
    errors: list[ConfigError] = []
    cells: dict[str, ResolvedCell] = {}
    for product in (config.product, *(name for name in config.recipes if name != config.product)):
        resolver = Resolver(document, _starting_with(config, product), tags)
        cells[product] = resolver.resolve(devices, plugins, *models.get(product, Model()))
        errors += _new(resolver.errors, errors, product if product != config.product else "")
    return _joined(config, cells), errors


def _starting_with(config: CellConfig, product: str) -> CellConfig:
    """The same sections, with another recipe to start with."""
    if product == config.product:
        return config
    return config.model_copy(update={"cell": config.cell.model_copy(update={"recipe": product})})


def _new(found: list[ConfigError], known: list[ConfigError], product: str) -> list[ConfigError]:
    """Mistakes that no recipe before has shown; one outside of `recipes:` says with which product it shows."""
    before = {(error.where, str(error.what)) for error in known}
    fresh = [error for error in found if (error.where, str(error.what)) not in before]
    return [_with(error, product) if product else error for error in fresh]


def _with(error: ConfigError, product: str) -> ConfigError:
    if error.what.startswith("recipes."):
        return error
    what = text("{problem} (with the recipe {product})", problem=error.what_text, product=product)
    return ConfigError(error.code, what, where=error.where, do=error.do_text, nearest=error.nearest)


def _joined(config: CellConfig, cells: dict[str, ResolvedCell]) -> ResolvedCell:
    """The cell of the first product, with all of them in it where there are several."""
    settle = Settle(config.changeover.settle, config.changeover.settle_without_web)
    cell = msgspec.structs.replace(next(iter(cells.values())), changeover=settle)
    if len(cells) == 1:
        return cell
    return msgspec.structs.replace(
        cell,
        products=tuple(Product(it.recipe, it.loops, it.regulators) for it in cells.values()),
        guard=msgspec.structs.replace(cell.guard, recipes={name: it.guard.setpoints for name, it in cells.items()}),
    )
