"""The whole cell, resolved, and its hash."""

from __future__ import annotations

import hashlib

import msgspec

from cellctl.config.resolved.contract import Contract, Waiver
from cellctl.config.resolved.guard import GuardRules
from cellctl.config.resolved.loop import Loop
from cellctl.config.resolved.parts import Device, PluginEntry, Web, WorldEntry
from cellctl.config.resolved.product import Characteristic, Defect, Product, Recipe, Settle
from cellctl.config.resolved.regulator import Regulator
from cellctl.config.resolved.scada import ScadaServer


class ResolvedCell(msgspec.Struct, frozen=True):
    """The whole cell, resolved; where it makes several products, as it is for the one that it starts with.

    Attributes of several recipes: `products` holds all of them, and is empty for a cell that makes only one.
    `tables` says for each device with registers which table it has: SHA-256 of the file, hex.
    `loops` move set-points; `advising` loops move nothing and say in words what a person should do.
    """

    id: str
    path: str
    mode: str
    lot: str
    seed: int
    web: Web
    recipe: Recipe
    devices: tuple[Device, ...]
    plugins: tuple[PluginEntry, ...]
    defects: tuple[Defect, ...]
    loops: tuple[Loop, ...]
    guard: GuardRules
    characteristics: tuple[Characteristic, ...] = ()
    regulators: tuple[Regulator, ...] = ()
    world: WorldEntry | None = None
    contract: Contract | None = None
    waivers: tuple[Waiver, ...] = ()
    products: tuple[Product, ...] = ()
    changeover: Settle = Settle()
    advising: tuple[Loop, ...] = ()
    tables: dict[str, str] = {}
    scada: ScadaServer | None = None

    def to_json(self) -> bytes:
        """Canonical JSON: sorted keys, no white space."""
        return msgspec.json.encode(msgspec.to_builtins(self), order="sorted")

    @property
    def hash(self) -> str:
        """SHA-256 over the canonical JSON, hex."""
        return hashlib.sha256(self.to_json()).hexdigest()

    @staticmethod
    def from_json(data: bytes) -> ResolvedCell:
        """Read what `to_json` wrote."""
        return msgspec.json.decode(data, type=ResolvedCell)

    @property
    def product_names(self) -> tuple[str, ...]:
        """The products that the cell can make; none for a cell without recipes."""
        own = (self.recipe.product,) if self.recipe.product else ()
        return tuple(it.recipe.product for it in self.products) or own

    def for_product(self, name: str) -> ResolvedCell:
        """The cell while that product is made; KeyError for a product that nobody configured."""
        if name in {"", self.recipe.product}:
            return self
        for it in self.products:
            if it.recipe.product == name:
                return msgspec.structs.replace(
                    self, recipe=it.recipe, loops=it.loops, regulators=it.regulators,
                    guard=self.guard.with_product(name),
                )  # fmt: skip
        raise KeyError(name)

    def device(self, name: str) -> Device:
        """The device of that name; KeyError if there is none."""
        for device in self.devices:
            if device.name == name:
                return device
        raise KeyError(name)

    def characteristic(self, name: str) -> Characteristic:
        """The characteristic of that name; KeyError if there is none."""
        for characteristic in self.characteristics:
            if characteristic.name == name:
                return characteristic
        raise KeyError(name)

    def defect(self, name: str) -> Defect | None:
        """The influence row of that class, if the configuration has one."""
        return next((defect for defect in self.defects if defect.name == name), None)
