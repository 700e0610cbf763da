"""Limits that count over a time, as people write them: `15 % per 8 h`, `4 per 1 h`, `3 within 60 s`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from cellctl.errors import text
from cellctl.units import Quantity, convert, parse

MOST = 50
"""The guard remembers so many moments of a set-point, and writes them with every move."""

_NO_DRIFT = 'expected a drift such as "15 %", "15 % per 8 h" or "15 % per lot", got {got!r:.60}'
_NO_COUNT = "expected a number from 1 to {most} and a time, such as {example!r}, got {got!r:.60}"
_NO_SAFE = 'expected recipe, hold or a quantity such as "18 kPa", got {got!r:.60}'


@dataclass(frozen=True)
class Drift:
    """A net change, and what it counts from: the recipe's value, the lot's beginning, or a window of running time.

    Attributes:
        amount: the net change.
        per_lot: since the lot began.
        window_s: within this running time, s; 0: not by time.
    """

    amount: Quantity
    per_lot: bool = False
    window_s: float = 0.0

    def __str__(self) -> str:
        over = " per lot" if self.per_lot else f" per {self.window_s:g} s" if self.window_s else ""
        return f"{self.amount}{over}"


@dataclass(frozen=True)
class Count:
    """So many within a time, s."""

    count: int
    window_s: float
    word: str = "per"

    def __str__(self) -> str:
        return f"{self.count} {self.word} {self.window_s:g} s"


def read_drift(written: object) -> Drift:
    """`15 %`, `15 % per 8 h` or `15 % per lot`; ValueError says what was expected."""
    if isinstance(written, Drift):
        return written
    amount, per, over = str(written).partition(" per ")
    if not per or isinstance(written, bool):
        return Drift(parse(written))
    try:
        found = Drift(parse(amount), per_lot=over.strip() == "lot")
        window_s = 0.0 if found.per_lot else convert(over, "s")
    except ValueError:
        raise ValueError(text(_NO_DRIFT, got=written)) from None
    if not found.per_lot and not window_s > 0:
        raise ValueError(text(_NO_DRIFT, got=written))
    return Drift(found.amount, found.per_lot, window_s)


def _count(word: str, example: str) -> BeforeValidator:
    pattern = re.compile(rf"\s*([0-9]{{1,4}})\s+{word}\s+(.+)")

    def read(written: object) -> Count:
        if isinstance(written, Count):
            return written
        found = pattern.fullmatch(str(written))
        try:
            count, window_s = (int(found[1]), convert(found[2], "s")) if found else (0, 0.0)
        except ValueError:
            count, window_s = 0, 0.0
        if not (1 <= count <= MOST and window_s > 0):
            raise ValueError(text(_NO_COUNT, most=MOST, example=example, got=written))
        return Count(count, window_s, word)

    return BeforeValidator(read)


def read_safe(written: object) -> Quantity | str:
    """`recipe`, `hold` or a quantity; ValueError says what was expected."""
    if isinstance(written, Quantity) or written in {"recipe", "hold"}:
        return written
    try:
        return parse(written)
    except ValueError:
        raise ValueError(text(_NO_SAFE, got=written)) from None


_AS_WRITTEN = PlainSerializer(str, return_type=str)
DriftBudget = Annotated[
    Drift,
    BeforeValidator(read_drift),
    _AS_WRITTEN,
    WithJsonSchema(
        {
            "type": ["string", "number"],
            "examples": ["15 %", "15 % per 8 h", "15 % per lot"],
            "description": "a net change, within a running time or a lot where one is named",
        }
    ),
]
Tries = Annotated[
    Count,
    _count("per", "4 per 1 h"),
    _AS_WRITTEN,
    WithJsonSchema({"type": "string", "examples": ["4 per 1 h"], "description": "so many within a time"}),
]
Trip = Annotated[
    Count,
    _count("within", "3 within 60 s"),
    _AS_WRITTEN,
    WithJsonSchema({"type": "string", "examples": ["3 within 60 s"], "description": "so many within a time"}),
]
SafeValue = Annotated[
    Literal["recipe", "hold"] | Quantity,
    BeforeValidator(read_safe),
    WithJsonSchema(
        {
            "type": ["string", "number"],
            "examples": ["recipe", "hold", "18 kPa"],
            "description": "recipe, hold or a quantity",
        }
    ),
]
