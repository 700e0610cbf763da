"""The guard's rules for each set-point: envelope and nominal value, absolute and in the unit of the tag."""

from __future__ import annotations

import math

from cellctl.config.checking.validation import dotted
from cellctl.config.resolved import DriftOver, Setpoint
from cellctl.config.resolving.checks import Checks, TagInfo
from cellctl.config.resolving.sides import on_side, sides_of
from cellctl.config.sections.cell import EnvelopeSection
from cellctl.config.sections.limits import Drift
from cellctl.config.source.document import Loc
from cellctl.config.source.nearest import nearest


class SetpointResolver(Checks):
    """Resolves `guard.envelope` for the recipe that the cell starts with."""

    def _setpoints(self) -> tuple[Setpoint, ...]:
        points: list[Setpoint] = []
        common, own = self.config.guard.envelope, self.config.recipe.envelope
        for pattern in own:
            if pattern not in common:
                self._fail("CELL-1150", (*self._recipe_loc, "envelope", pattern),
                           "expected a set-point listed under guard.envelope, got {pattern!r}",
                           "list it there too: a recipe changes limits, it adds no set-point", key=True,
                           nearest=nearest(pattern, common), pattern=pattern)  # fmt: skip
        for pattern, envelope in (common | {key: own[key] for key in common if key in own}).items():
            for side in sides_of(pattern):
                point = self._setpoint(pattern, on_side(pattern, side), envelope)
                if point is not None:
                    points.append(point)
        return tuple(points)

    def _setpoint(self, pattern: str, tag: str, envelope: EnvelopeSection) -> Setpoint | None:
        loc: Loc = ("guard", "envelope", pattern)
        info = self._tag(tag, loc, key=True)
        if info is None and not self._is_broken(tag):
            self._misspelt.add(self._nearest_tag(tag))
            return None  # what else the set-point lacks only follows
        nominal = self.config.recipe.setpoints.get(pattern)
        if nominal is None and not self._recipe_is_lost(pattern):
            self._no_nominal(pattern, loc)
        if info is None or nominal is None:
            return None
        if pattern in self.config.recipe.envelope:
            loc = (*self._recipe_loc, "envelope", pattern)
        recipe = self._in_unit(nominal, info.unit, math.nan, (*self._recipe_loc, "setpoints", pattern))
        if math.isnan(recipe):
            return None  # shares of it would be wrong as well
        written = {name: getattr(envelope, name) for name in ("min", "max", "slew", "per_event")}
        written["drift"] = envelope.drift.amount
        values = {
            name: self._in_unit(quantity, f"{info.unit}/s" if name == "slew" else info.unit, recipe, (*loc, name))
            for name, quantity in written.items()
        }
        self._check_envelope(loc, info, recipe, values)
        safe = self._safe(envelope, info, recipe, loc)
        judged = safe == recipe or values["min"] > values["max"]  # what is wrong then was said above
        if safe is not None and not judged and not values["min"] <= safe <= values["max"]:
            self._outside((*loc, "safe"), safe, info.unit, values, dotted(loc))
        return Setpoint(
            tag=tag, unit=info.unit, recipe=recipe, minimum=values["min"], maximum=values["max"],
            slew_per_s=values["slew"], per_event=values["per_event"], drift=values["drift"],
            resolution=info.resolution, drift_over=_counted(envelope.drift), drift_window_s=envelope.drift.window_s,
            cool_down_s=envelope.cool_down, tries=envelope.tries.count if envelope.tries else 0,
            tries_window_s=envelope.tries.window_s if envelope.tries else 0.0, safe=safe,
        )  # fmt: skip

    def _safe(self, envelope: EnvelopeSection, info: TagInfo, recipe: float, loc: Loc) -> float | None:
        """Value of the safe state; None: the set-point stays where it is."""
        said = envelope.safe or self.config.guard.safe_state
        if isinstance(said, str):
            return recipe if said == "recipe" else None
        return self._in_unit(said, info.unit, recipe, (*loc, "safe"))

    @property
    def _recipe_loc(self) -> Loc:
        return ("recipes", self.config.product)

    def _recipe_is_lost(self, pattern: str) -> bool:
        """Whether the recipe's value is there, but not sound; so it is when the recipe itself is not known."""
        if self.config.product in self.config.recipes or not (self.config.cell.recipe or self.config.recipes):
            return self._doubtful((*self._recipe_loc, "setpoints", pattern)) or any(
                loc[:1] == ("recipes",) and len(loc) <= 2 for loc in self.document.lost
            )
        return True

    def _no_nominal(self, pattern: str, loc: Loc) -> None:
        """Every recipe says for every guarded set-point what is normal; the place is the recipe, where there is one."""
        if self.config.product in self.config.recipes:
            self._fail("CELL-1021", (*self._recipe_loc, "setpoints"), "no value for the set-point {pattern}",
                       'add `"{pattern}": …` here: each recipe states all set-points of guard.envelope', key=True,
                       pattern=pattern)  # fmt: skip
            return
        here = dotted(("recipes", self.config.product or "<product>", "setpoints"))
        self._fail("CELL-1021", loc, "no recipe value for this set-point", 'add `"{pattern}": …` under {here}',
                   key=True, pattern=pattern, here=here)  # fmt: skip

    def _check_envelope(self, loc: Loc, info: TagInfo, recipe: float, values: dict[str, float]) -> None:
        if not info.writable:
            self._fail("CELL-1022", loc, "the tag is not writable", "choose a tag with access rw", key=True)
        if any(map(math.isnan, (recipe, *values.values()))):
            return  # said already; what follows from it would mislead
        if values["min"] > values["max"]:
            self._fail("CELL-1023", (*loc, "max"), "{maximum:g} {unit} is less than min, {minimum:g} {unit}",
                       "swap or correct the two", maximum=values["max"], minimum=values["min"],
                       unit=info.unit)  # fmt: skip
            return
        if not values["min"] <= recipe <= values["max"]:
            self._outside((*self._recipe_loc, "setpoints", loc[-1]), recipe, info.unit, values, dotted(loc))
        for name in ("min", "max"):
            if not info.minimum <= values[name] <= info.maximum:
                self._fail("CELL-1023", (*loc, name),
                           "{value:g} {unit} is outside the tag's range {minimum:g} … {maximum:g}",
                           "stay inside the tag table's range", value=values[name], unit=info.unit,
                           minimum=info.minimum, maximum=info.maximum)  # fmt: skip
        for name in ("slew", "per_event", "drift"):
            if not values[name] > 0:
                self._fail("CELL-1012", (*loc, name), "expected a value above zero", "correct the value")

    def _outside(self, loc: Loc, value: float, unit: str, values: dict[str, float], envelope: str) -> None:
        self._fail("CELL-1023", loc, "{recipe:g} {unit} is outside the envelope, {minimum:g} … {maximum:g} {unit}",
                   "correct it, or widen {envelope}", recipe=value, unit=unit, minimum=values["min"],
                   maximum=values["max"], envelope=envelope)  # fmt: skip


def _counted(drift: Drift) -> DriftOver:
    """What the budget counts."""
    return DriftOver.LOT if drift.per_lot else DriftOver.RUNNING if drift.window_s else DriftOver.RECIPE
