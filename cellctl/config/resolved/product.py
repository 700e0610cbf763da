"""What is made, what is measured of it, and what can be wrong with it."""

from __future__ import annotations

import msgspec

from cellctl.config.resolved.loop import Loop
from cellctl.config.resolved.regulator import Regulator


class Characteristic(msgspec.Struct, frozen=True):
    """A measured quality of the product.

    Attributes:
        name: as in the YAML.
        tag: of its value.
        unit: of value, target and tolerance.
        position: tag of the encoder position at which the value was measured (mm); empty: the latest encoder position.
        station_m: where its gauge stands, metres from the blade.
        target: the right value.
        tolerance: allowed distance from the target.
    """

    name: str
    tag: str
    unit: str
    position: str
    station_m: float
    target: float
    tolerance: float


class NonconformityRule(msgspec.Struct, frozen=True):
    """File a report at the `count`-th object within `within_m` metres, once per episode."""

    count: int
    within_m: float


class Influence(msgspec.Struct, frozen=True):
    """One entry of the influence matrix.

    Attributes:
        per_step: expected change of ln(rate) per +1 step of the set-point (negative helps).
        settle_s: from the value in force to its full effect, s.
        acts_at_m: where along the web it acts, metres from the blade.
    """

    per_step: float
    settle_s: float = 0.0
    acts_at_m: float = 0.0


class Defect(msgspec.Struct, frozen=True):
    """One row of the influence matrix.

    Attributes:
        name: class name.
        cause: in words.
        influence: set-point tag → what a step of it does to the rate.
        nonconformity: when to file a report, if ever.
    """

    name: str
    cause: str
    influence: dict[str, Influence]
    nonconformity: NonconformityRule | None


class Recipe(msgspec.Struct, frozen=True):
    """What is being made, by which web speed and with which classifier."""

    product: str
    web_speed_m_s: float
    model: str
    model_hash: str


class Product(msgspec.Struct, frozen=True):
    """What one of several recipes makes of the cell; its set-points are in `GuardRules.recipes`.

    Attributes:
        recipe: product, web speed and classifier.
        loops: with the size of their moves, which may be a share of the recipe value.
        regulators: with the dead times at its web speed.
    """

    recipe: Recipe
    loops: tuple[Loop, ...]
    regulators: tuple[Regulator, ...]


class Settle(msgspec.Struct, frozen=True):
    """How long a changeover lasts: metres of the new material; seconds where no web tells."""

    metres: float = 100.0
    seconds: float = 60.0
