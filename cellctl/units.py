"""Physical quantities as people write them: `800 ms`, `20 kHz`, `0.2 /m`, `5 %`, `2 %/s`.

The units library is loaded on first use only: the running cell sees plain floats in named units.
"""

from __future__ import annotations

import difflib
import functools
import math
import re
from fractions import Fraction as Fractional
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from cellctl.errors import Text, text
from cellctl.unit_table import look_up, plain

EXAMPLES = {
    "s": "800 ms",
    "m": "1.5 m",
    "mm": "0.3 mm",
    "1/m": "0.1 /m",
    "m/s": "1 m/s",
    "Hz": "20 kHz",
    "dimensionless": "5 %",
}
KINDS = {
    "s": "a time",
    "m": "a length",
    "mm": "a length",
    "1/m": "a rate per length",
    "m/s": "a speed",
    "Hz": "a frequency",
    "dimensionless": "a fraction",
}
NO_QUANTITY = "expected a quantity such as {example!r}, got {got!r:.60}"


class Unreadable(ValueError):
    """What was written is no quantity; `nearest` is what is probably meant, `do` the remedy, or empty."""

    def __init__(self, sentence: Text, nearest: str = "", do: Text | None = None) -> None:
        self.nearest = nearest
        self.do = do
        super().__init__(sentence)


UNIT_KEY = "x-unit"
"""Key of our JSON schemas: the unit of a number that stands without one, as defaults do."""


class Quantity(NamedTuple):
    """A number with its unit as written; `percent` means: of the recipe value."""

    magnitude: float
    unit: str

    def to(self, unit: str) -> float:
        """The magnitude in another unit; ValueError when the dimensions differ."""
        return _convert(self.magnitude, self.unit, unit)

    @property
    def is_relative(self) -> bool:
        """Whether it is a share of something else (`5 %`, `2 %/s`)."""
        return "%" in self.unit

    def __str__(self) -> str:
        return f"{self.magnitude:g} {self.unit}".strip()


USUAL_UNITS = (
    "m", "mm", "µm", "s", "ms", "min", "h", "m/s", "mm/s", "m/min", "/m", "/s", "%", "%/s", "ppm", "°C", "K", "°C/s",
    "°C/min", "kPa", "Pa", "MPa", "bar", "mbar", "kPa/s", "g/m2", "kg", "g", "N", "kN", "l/min", "m3/h", "Hz", "kHz",
    "V", "mV", "A", "mA", "W", "kW", "rpm", "g/m2/µm", "rad", "deg",
)  # fmt: skip
"""What a misspelt unit is compared with."""

_FACTOR = r"(?:[A-Za-zµ°%]+(?:[1-9]|\s?(?:\^|\*\*)\s?-?[1-9])?|1)"
_UNIT_TEXT = re.compile(rf"(?:1?\s?/\s?)?{_FACTOR}(?:\s?[*/]\s?{_FACTOR}|\s{_FACTOR}){{0,7}}")
"""What a unit may look like; anything else is refused before the units library sees it: it would calculate it."""
_LONGEST_UNIT = 40

_DECIMAL_COMMA = re.compile(r"([-+]?[0-9]{1,15}),([0-9]{1,2}|[0-9]{4,15})\s*([^0-9\s].{0,39})")
_NUMBER = re.compile(r"([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*(.*)", re.DOTALL)


def parse(written: object) -> Quantity:
    """Read `<number> <unit>`; ValueError when it is no finite quantity or the unit is unknown."""
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise ValueError(text(NO_QUANTITY, example="20 kPa", got=written))  # noqa: TRY004  # pydantic wants it
    match = _NUMBER.fullmatch(str(written).strip())
    if match is None:
        raise ValueError(text(NO_QUANTITY, example="20 kPa", got=written))
    quantity = Quantity(float(match[1]), plain(match[2]))
    if not math.isfinite(quantity.magnitude):
        raise ValueError(text("expected a finite quantity, got {got!r:.60}", got=written))
    if quantity.unit and not is_unit(quantity.unit):
        usual = _usual(quantity.unit)
        close = _with_point(written) or (f"{match[1]} {usual}" if usual else "")
        raise Unreadable(text("expected a number with a unit such as {example!r}, got {got!r:.60}", example="20 kPa",
                              got=written), close)  # fmt: skip
    return quantity


def _usual(unit: str) -> str:
    """The usual unit that is most like a misspelt one; empty when none is."""
    same = [it for it in USUAL_UNITS if it.lower() == unit.lower()]
    close = same or difflib.get_close_matches(unit[:40], USUAL_UNITS, n=1)
    return close[0] if close else ""


@functools.lru_cache(maxsize=1024)
def is_unit(written: str) -> bool:
    """Whether values can be given in a unit written so."""
    try:
        _convert(1.0, written, written)
    except ValueError:
        return False
    return True


def convert(written: object, unit: str) -> float:
    """Read a quantity and express it in `unit`; ValueError says what was expected."""
    kind = text(KINDS[unit]) if unit in KINDS else text("a quantity in {unit}", unit=unit)
    example = EXAMPLES.get(unit, f"1 {unit}")
    close, remedy = "", None
    try:
        quantity = parse(written)
        value = quantity.to(unit) if quantity.unit or unit == "dimensionless" else math.nan
        if math.isfinite(value):
            return value
        if not quantity.unit:  # which one is meant, nobody can say: 60 m/s is no good guess for 60 m/min
            remedy = text("write the unit behind the number, as in {example!r}", example=example)
    except Unreadable as error:
        close = error.nearest
    except ValueError:
        pass
    if written is None:
        raise Unreadable(text("expected {kind} such as {example!r}, got nothing", kind=kind, example=example))
    wanted = text("expected {kind} such as {example!r}, got {got!r:.60}", kind=kind, example=example, got=written)
    raise Unreadable(wanted, close, remedy)


def _with_point(written: object) -> str:
    """`0,8 s` with a decimal point; empty where the comma may stand for thousands, or where there is none."""
    found = _DECIMAL_COMMA.fullmatch(str(written).strip())
    return f"{found[1]}.{found[2]} {found[3]}" if found is not None and is_unit(found[3]) else ""


class UnitMark(NamedTuple):
    """Stands in the annotation of a quantity, for those who describe settings to people."""

    unit: str

    @property
    def kind(self) -> str:
        """`a time`."""
        return KINDS[self.unit]

    @property
    def example(self) -> str:
        """`800 ms`."""
        return EXAMPLES[self.unit]

    def shown(self, value: float) -> str:
        """A stored value as people write it."""
        return f"{100 * value:g} %" if self.unit == "dimensionless" else f"{value:g} {self.unit}".replace("1/m", "/m")


def _quantity_type(unit: str) -> Any:
    """A float in `unit`, read as people write it; stored settings carry the unit, so they read back the same."""

    def read(value: object) -> float:
        return convert(value, unit)

    def write(value: float) -> str:
        return repr(value) if unit == "dimensionless" else f"{value!r} {unit}"

    kind = KINDS[unit]
    schema = {"type": ["string", "number"], "examples": [EXAMPLES[unit]], "description": kind, UNIT_KEY: unit}
    # Resolved settings travel as JSON and are validated again where they are used: they keep their unit.
    keep_unit = PlainSerializer(write, return_type=str, when_used="json")
    return Annotated[float, BeforeValidator(read), keep_unit, WithJsonSchema(schema), UnitMark(unit)]


def _read_quantity(value: object) -> Quantity:
    return value if isinstance(value, Quantity) else parse(value)


def written(value: float, unit: str) -> str:
    """A number in one of the units above as people write it: `5 s`, `20 %`."""
    return f"{100 * value:g} %" if unit == "dimensionless" else f"{value:g} {unit.removeprefix('1')}"


Seconds = _quantity_type("s")
Metres = _quantity_type("m")
Millimetres = _quantity_type("mm")
PerMetre = _quantity_type("1/m")
MetresPerSecond = _quantity_type("m/s")
Hertz = _quantity_type("Hz")
Fraction = _quantity_type("dimensionless")
AnyQuantity = Annotated[
    Quantity,
    BeforeValidator(_read_quantity),
    WithJsonSchema({"type": ["string", "number"], "examples": ["20 kPa", "5 %"], "description": "a quantity"}),
]


@functools.cache
def _registry() -> Any:
    import pint  # noqa: PLC0415  # slow to load and needed at configuration time only

    return pint.UnitRegistry(cache_folder=None)


@functools.cache
def _unit(written: str) -> Any:
    """The pint unit of a unit string; ValueError when unknown."""
    import pint  # noqa: PLC0415  # as above

    spelt = plain(written)
    if len(spelt) > _LONGEST_UNIT or not _UNIT_TEXT.fullmatch(spelt):
        raise ValueError(text("unknown unit {unit!r:.60}", unit=written))
    spelt = spelt.replace("%", " percent ").replace("°C", "delta_degC").replace("degC", "delta_degC")
    spelt = re.sub(r"([A-Za-zµ])(\d)", r"\1**\2", spelt.replace("delta_delta", "delta"))
    spelt = f"1{spelt}" if spelt.lstrip().startswith("/") else spelt
    try:
        return _registry().Quantity(spelt).units
    except (pint.errors.UndefinedUnitError, pint.errors.DefinitionSyntaxError, AssertionError, TypeError):
        raise ValueError(text("unknown unit {unit!r:.60}", unit=written)) from None


def _convert(magnitude: float, unit: str, target: str) -> float:
    """By the table of usual units, which is exact; by the units library where that does not know one of the two."""
    usual = [look_up("1" if it in {"", "dimensionless"} else it) for it in (unit, target)]
    if usual[0] is None or usual[1] is None or not math.isfinite(magnitude):
        return _convert_by_library(magnitude, unit, target)
    if usual[0].powers != usual[1].powers:
        raise ValueError(text("{unit} is no {target}", unit=unit, target=target))
    factor = usual[0].factor / usual[1].factor
    try:
        return magnitude if factor == 1 else float(Fractional(magnitude) * factor)
    except OverflowError:
        return math.copysign(math.inf, magnitude)


def _convert_by_library(magnitude: float, unit: str, target: str) -> float:
    import pint  # noqa: PLC0415  # as above

    source = _unit(unit) if unit else _registry().dimensionless
    goal = _registry().dimensionless if target == "dimensionless" else _unit(target)
    try:
        return float(_registry().Quantity(magnitude, source).to(goal).magnitude)
    except pint.errors.DimensionalityError as error:
        raise ValueError(str(error)) from None
