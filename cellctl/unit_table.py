"""The units that cells are written in, without the units library: loading that takes half a second at every start.

A unit is looked up here first; whatever is not here (`psi`, `rpm`, `degF`) goes to the library. A test holds the two
against each other for every unit below.
"""

from __future__ import annotations

import functools
import re
from fractions import Fraction
from typing import NamedTuple

Powers = tuple[int, ...]
"""Exponents of metre, kilogram, second, kelvin and ampere."""

_NONE: Powers = (0, 0, 0, 0, 0)
_LENGTH, _MASS, _TIME, _KELVIN = (1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 1, 0)
_VOLUME, _RATE, _FORCE, _PRESSURE = (3, 0, 0, 0, 0), (0, 0, -1, 0, 0), (1, 1, -2, 0, 0), (-1, 1, -2, 0, 0)
_POWER, _CURRENT, _VOLTAGE = (2, 1, -3, 0, 0), (0, 0, 0, 0, 1), (2, 1, -3, 0, -1)


class Known(NamedTuple):
    """A unit: how many of the base units it is, exactly, and which."""

    factor: Fraction
    powers: Powers


def _known(powers: Powers, **factors: str) -> dict[str, Known]:
    return {name: Known(Fraction(factor), powers) for name, factor in factors.items()}


ATOMS: dict[str, Known] = {
    "1": Known(Fraction(1), _NONE), "%": Known(Fraction(1, 100), _NONE), "ppm": Known(Fraction(1, 10**6), _NONE),
    "µm": Known(Fraction(1, 10**6), _LENGTH),
    **_known(_LENGTH, m="1", km="1000", cm="1/100", mm="1/1000", um="1/1000000", nm="1/1000000000"),
    **_known(_MASS, kg="1", g="1/1000", mg="1/1000000"),
    **_known(_TIME, s="1", ms="1/1000", us="1/1000000", min="60", h="3600", d="86400"),
    "µs": Known(Fraction(1, 10**6), _TIME),
    "°C": Known(Fraction(1), _KELVIN), "mPa": Known(Fraction(1, 1000), _PRESSURE), **_known(_KELVIN, K="1", degC="1"),
    **_known(_VOLUME, l="1/1000", L="1/1000", ml="1/1000000", mL="1/1000000"),
    **_known(_RATE, Hz="1", kHz="1000", MHz="1000000", fps="1", rpm="1/60"),
    **_known(_FORCE, N="1", kN="1000"),
    **_known(_PRESSURE, Pa="1", hPa="100", kPa="1000", MPa="1000000", bar="100000", mbar="100"),
    **_known(_POWER, W="1", kW="1000", MW="1000000"),
    **_known(_CURRENT, A="1", mA="1/1000"), **_known(_VOLTAGE, V="1", mV="1/1000"),
}  # fmt: skip
"""Unit as written → what it is; degrees Celsius are differences, as in a slew or a tolerance.

Two are not as in the units library: a frame or a turn counts one, so that `1500 rpm` is 25 Hz (there it is an angle).
"""
_SPELLINGS = str.maketrans({"\u03bc": "µ", "²": "2", "³": "3", "％": "%", "℃": "°C", "／": "/", "·": "*", "⋅": "*"})
"""What keyboards and office programs write for the same unit; U+03BC is the Greek letter, µ the sign of the unit."""

_FACTOR = re.compile(r"([A-Za-zµ°%]+|1)(?:([1-9])|\s?(?:\^|\*\*)\s?(-?[1-9]))?")
_JOINT = re.compile(r"\s?([*/])\s?|\s")


def plain(written: str) -> str:
    """A unit in its usual spelling: `g/m²` is `g/m2`, `℃` is `°C`."""
    return written.translate(_SPELLINGS)


@functools.lru_cache(maxsize=1024)
def look_up(written: str) -> Known | None:
    """What a unit is, `g/m2/µm` for example; None when the units library must be asked."""
    written = plain(written)
    factor, powers = Fraction(1), _NONE
    place, sign = 0, 1
    if (first := re.match(r"\s?/\s?", written)) is not None:
        place, sign = first.end(), -1
    while True:
        found = _FACTOR.match(written, place)
        atom = ATOMS.get(found[1]) if found is not None else None
        if found is None or atom is None:
            return None
        exponent = sign * int(found[2] or found[3] or 1)
        factor *= atom.factor**exponent
        powers = tuple(have + exponent * more for have, more in zip(powers, atom.powers, strict=True))
        place = found.end()
        if place == len(written):
            return Known(factor, powers)
        joint = _JOINT.match(written, place)
        if joint is None:
            return None
        place, sign = joint.end(), -1 if joint[1] == "/" else 1
