"""What resolving asks again and again: tags, stations and quantities, and how a mistake in them is reported."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from cellctl.config.sections.cell import CellConfig
from cellctl.config.source.document import Document, Loc
from cellctl.config.source.nearest import nearest
from cellctl.config.source.paths import dotted
from cellctl.errors import ConfigError, text
from cellctl.units import Quantity


class TagInfo(NamedTuple):
    """What resolving needs to know of a tag, whatever driver it comes from; `is_text`: it has no number."""

    unit: str
    resolution: float
    minimum: float
    maximum: float
    writable: bool
    is_text: bool = False


class Checks:
    """Looks up what a document names; what is wrong goes to `errors`, and what is known to be wrong is not said again.

    Args:
        document: the file.
        config: its sections, as far as they are sound.
        tags: every sound tag of every device.
    """

    def __init__(self, document: Document, config: CellConfig, tags: Mapping[str, TagInfo]) -> None:
        self.document = document
        self.config = config
        self.tags = tags
        self.errors: list[ConfigError] = []
        self._said: set[str] = set()
        self._misspelt: set[str] = set()  # set-points that an unknown one under guard.envelope is probably meant to be

    def _fail(self, code: str, loc: Loc, what: str, do: str, *, key: bool = False, nearest: str = "",
              **values: Any) -> None:  # fmt: skip
        where = self.document.where_key(loc) if key else self.document.where(loc)
        problem = text("{path}: {problem}", path=dotted(loc), problem=text(what, **values))
        error = ConfigError(code, problem, where=where, do=text(do, **values), nearest=nearest)
        if str(error) not in self._said:  # both sides of a `{side}` say the same
            self._said.add(str(error))
            self.errors.append(error)

    def _fail_once(self, code: str, loc: Loc, what: str, do: str, *, key: bool = False, nearest: str = "",
                   **values: Any) -> None:  # fmt: skip
        """Report what only shows in the whole, unless something is wrong at that place, or left out around it."""
        where = self.document.where_key(loc) if key else self.document.where(loc)
        entry = loc[:2]
        left_out = any(lost[: len(entry)] == entry for lost in self.document.lost)
        if not left_out and all(error.where != where or error.code == code for error in self.errors):
            self._fail(code, loc, what, do, key=key, nearest=nearest, **values)

    def _doubtful(self, loc: Loc) -> bool:
        """Whether the file has what stands at `loc`, though it is not sound: that has been said."""
        if loc[:2] == ("guard", "envelope") and len(loc) == 3 and loc[2] in self._misspelt:
            return True
        return loc in self.document.values or self.document.is_lost(loc)

    def _names(self, section: str) -> list[str]:
        """What a section of the file lists, sound or not."""
        return [str(loc[1]) for loc in self.document.keys if len(loc) == 2 and loc[0] == section]

    def _tag(self, tag: str, loc: Loc, *, key: bool = False) -> TagInfo | None:
        info = self.tags.get(tag)
        if info is None and not self._is_broken(tag):
            self._fail("CELL-1020", loc, "expected a tag of a device, got {tag!r}",
                       "name it <device>.<tag> as in the tag table", key=key, nearest=self._nearest_tag(tag),
                       tag=tag)  # fmt: skip
        elif info is not None and info.is_text:
            self._fail("CELL-1020", loc, "expected a tag with a number, and {tag} holds a text", "name another tag",
                       key=key, tag=tag)  # fmt: skip
            return None
        return info

    @functools.cached_property
    def _owners(self) -> frozenset[str]:
        """Devices that have tags."""
        return frozenset(tag.partition(".")[0] for tag in self.tags)

    def _is_broken(self, tag: str) -> bool:
        """Whether a table has the tag, but its row, the table or the device is not sound."""
        device, _, name = tag.partition(".")
        return self.document.is_lost(("devices", device, "tags", name))

    def _nearest_tag(self, tag: str) -> str:
        """The tag that is probably meant: of the same device if there is one."""
        device, _, name = tag.partition(".")
        owner = device if device in self._owners else nearest(device, self._owners)
        found = nearest(name, [tag.partition(".")[2] for tag in self.tags if tag.startswith(f"{owner}.")])
        return f"{owner}.{found}" if found else ""

    def _in_unit(self, quantity: Quantity, unit: str, recipe: float, loc: Loc) -> float:
        """A quantity in the tag's unit; shares (`5 %`, `2 %/s`) are of the recipe value.

        A tag that is itself in % has values in %, and shares of them would be something else: for it `5 %` are points.
        A number without unit is none of ppm or %, although the units library would make a hundred percent of 1.
        """
        try:
            if not quantity.unit and unit and quantity.magnitude:
                raise ValueError  # noqa: TRY301  # as for any other unit that does not fit
            if quantity.is_relative and "%" not in unit and not math.isnan(recipe):
                return quantity.to("1/s" if unit.endswith("/s") else "dimensionless") * recipe
            return quantity.to(unit)
        except ValueError:
            share = not math.isnan(recipe)
            self._fail("CELL-1012", loc,
                       "expected a quantity in {unit} or a share of the recipe in %, got {got!r}" if share
                       else "expected a quantity in {unit}, got {got!r}",
                       "write number and unit", unit=unit, got=str(quantity))  # fmt: skip
            return math.nan

    def _station(self, name: str | None, loc: Loc) -> float:
        """Metres from the blade; 0 without a name."""
        stations = self.config.web.stations
        if name is not None and name not in stations and not self.document.is_lost(("web", "stations", name)):
            self._fail("CELL-1020", loc, "expected a station listed under web.stations, got {name!r}",
                       "correct it, or add `{name}: … m` there", nearest=nearest(name, stations),
                       name=name)  # fmt: skip
        return stations.get(name, 0.0) if name is not None else 0.0
