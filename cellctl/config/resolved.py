"""The resolved configuration: every default filled in, every quantity absolute, every `{side}` expanded.

It is what the running cell reads (not the YAML), it is stored with the run, and its SHA-256 goes into every
record. Rates are per metre, lengths in metres or millimetres as named, times in seconds, set-points in the
unit of their tag.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from cellctl.config.resolved_contract import Contract, Waiver
from cellctl.config.resolved_regulator import Regulator
from cellctl.model.web import Side


class Setpoint(msgspec.Struct, frozen=True):
    """The guard's rules for one set-point, in the tag's unit.

    Attributes:
        tag: `<device>.<name>`.
        unit: unit of all values below.
        recipe: value of the recipe.
        minimum: lowest value allowed.
        maximum: highest value allowed.
        slew_per_s: fastest change of a ramp, unit per second.
        per_event: largest distance of one move.
        drift: largest net distance from the recipe value.
        resolution: value of the least significant bit on the wire; in-force tolerance is half of it.
    """

    tag: str
    unit: str
    recipe: float
    minimum: float
    maximum: float
    slew_per_s: float
    per_event: float
    drift: float
    resolution: float


class GuardRules(msgspec.Struct, frozen=True):
    """Everything the guard needs to know before the first proposal.

    Attributes:
        setpoints: one entry per guarded set-point.
        safe_state: `recipe` (ramp to the recipe) or `hold` (stay where it is).
        proposal_age_s: a proposal older than this when it arrives is refused.
        evidence_age_s: exposure of the deciding object may be no older than this.
        input_age_s: plant values older than this are not Good enough to act on.
        loops: loop or regulator with authority to write → the tags that it may move.
        state_age_s: when the cell's state is older than this, nothing more is accepted and the set-points go to the
            safe state.
        recipes: product → its set-points, of a cell that makes several; `setpoints` are those that it starts with.
    """

    setpoints: tuple[Setpoint, ...]
    safe_state: str
    proposal_age_s: float
    evidence_age_s: float
    input_age_s: float
    loops: dict[str, tuple[str, ...]]
    state_age_s: float = 1.0
    recipes: dict[str, tuple[Setpoint, ...]] = {}

    def table(self, product: str) -> tuple[Setpoint, ...]:
        """The set-points while that product is made; none for a product that nobody configured."""
        return self.recipes.get(product, ()) if product and self.recipes else self.setpoints

    def with_product(self, product: str) -> GuardRules:
        """The same rules with that product's set-points."""
        return msgspec.structs.replace(self, setpoints=self.table(product))

    def of_device(self, device: str) -> GuardRules:
        """The same rules for the set-points of one device."""
        mine = f"{device}."

        def own(points: tuple[Setpoint, ...]) -> tuple[Setpoint, ...]:
            return tuple(point for point in points if point.tag.startswith(mine))

        recipes = {product: own(points) for product, points in self.recipes.items()}
        return msgspec.structs.replace(self, setpoints=own(self.setpoints), recipes=recipes)


class Watch(msgspec.Struct, frozen=True):
    """What a loop watches.

    Attributes:
        defect: class name.
        normal: rate in control of the objects that count, per metre.
        alarm: rate of the objects that count which is to be noticed, per metre.
        evidence: the CUSUM's decision interval h, in objects.
        camera: device whose inspections count; empty for all (each metre then counts once per camera).
        persists_m: length of one object that goes on which raises the alarm; 0 watches the rate instead.
        counted: share of the true objects that count; both rates hold it already.
    """

    defect: str
    normal: float
    alarm: float
    evidence: float
    camera: str = ""
    persists_m: float = 0.0
    counted: float = 1.0


class Verify(msgspec.Struct, frozen=True):
    """How a correction is verified.

    Attributes:
        enabled: False ends every correction as UNDECIDED and takes it back (bench cells only).
        expect: rate ratio after/before that counts as effective (ρ of the SPRT).
        risk: α and β of the SPRT.
        truncate: the test ends UNDECIDED after this multiple of its expected length.
        settle_m: material after the end of the ramp that does not count yet.
        speed_tolerance: relative change of web speed that confounds.
    """

    enabled: bool
    expect: float
    risk: float
    truncate: float
    settle_m: float
    speed_tolerance: float


class Escalate(msgspec.Struct, frozen=True):
    """When a person is called: below `confidence`, or `consecutive` objects of one class within `within_m`.

    Attributes:
        confidence: an object below it is unsure.
        consecutive: so many objects call a person.
        within_m: over this length.
        unsure: with a higher share of unsure objects among the last 20 the loop only advises.
    """

    confidence: float
    consecutive: int
    within_m: float
    unsure: float = 0.30


class Release(msgspec.Struct, frozen=True):
    """How an effective correction is taken back (A-B-A); lengths in metres of inspected material.

    Attributes:
        enabled: False leaves an effective correction in force until the run ends.
        after_m: in control for so long before the set-point goes back.
        watch_m: a fault that returns within it shows that the correction is still needed.
        longest_m: `after_m` doubles at each return, up to this.
    """

    enabled: bool
    after_m: float
    watch_m: float
    longest_m: float


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


class ProtectedValue(msgspec.Struct, frozen=True):
    """A characteristic whose mean may move by no more than `change` (in its unit) for a correction to stay."""

    characteristic: str
    change: float


class Loop(msgspec.Struct, frozen=True):
    """One loop on one side.

    Attributes:
        name: as in the YAML.
        side: the coated edge it looks after; NONE for the whole width.
        authority: `off`, `shadow`, `advisory`, `confirm` or `auto`.
        priority: 1 goes first.
        law: `step` or `pulse`.
        watch: what it watches.
        tag: the set-point it moves.
        unit: of the step.
        step: absolute size of one move (always positive; the influence matrix gives its sign).
        tries: failed corrections per episode before it gives up and escalates.
        protect: classes that must not get worse.
        protect_values: characteristics whose mean must not move too far.
        verify: the test.
        release: how an effective correction is taken back.
        advise: what a person should do, of a loop that moves nothing: then `tag` is empty and `step` 0.
        escalate: when a person is called.
        deadline_s: exposure to first increment in force.
    """

    name: str
    side: Side
    authority: str
    watch: Watch
    tag: str
    unit: str
    step: float
    tries: int
    protect: tuple[str, ...]
    verify: Verify
    escalate: Escalate
    deadline_s: float
    priority: int = 5
    law: str = "step"
    protect_values: tuple[ProtectedValue, ...] = ()
    release: Release = Release(False, 300.0, 150.0, 2400.0)
    advise: str = ""


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


class Web(msgspec.Struct, frozen=True):
    """Where things are along the web, and the tags that say how it moves.

    Attributes:
        encoder: tag of the encoder position.
        speed: tag of the web speed.
        splice: tag that is non-zero while a splice passes, or empty.
        stations: name → metres from the blade.
    """

    encoder: str
    speed: str
    splice: str
    stations: dict[str, float]


class Device(msgspec.Struct, frozen=True):
    """One device: its driver and the driver's own settings, already validated by the driver."""

    name: str
    driver: str
    settings: dict[str, Any]


class WorldEntry(msgspec.Struct, frozen=True):
    """What stood in for the devices of a run in virtual time.

    Attributes:
        use: entry point name of the world.
        settings: its own settings, already validated.
        durations_s: plugin → how long each of its handlers takes.
    """

    use: str
    settings: dict[str, Any]
    durations_s: dict[str, float] = {}


class PluginEntry(msgspec.Struct, frozen=True):
    """One plugin: its entry point name, the device or plugins it listens to, and its own settings."""

    name: str
    use: str
    sources: tuple[str, ...]
    settings: dict[str, Any]


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


class ResolvedCell(msgspec.Struct, frozen=True):
    """The whole cell, resolved; where it makes several products, as it is for the one that it starts with.

    Attributes of several recipes: `products` holds all of them, and is empty for a cell that makes only one.
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
