"""Numbers as people read them, always with a point and without an exponent where that can be."""

from __future__ import annotations

import math
from datetime import datetime

NS_PER_MS = 1e6
NS_PER_S = 1e9
FARTHEST = 1e15
"""Beyond that no line, no plant and no clock reaches."""


def drawable(*values: float) -> bool:
    """Whether values can be places on a chart: a forged or damaged record may hold anything."""
    return all(math.isfinite(value) and abs(value) < FARTHEST for value in values)


def number(value: float | None, digits: int = 3) -> str:
    """So many significant digits, no trailing zeros; a dash for nothing."""
    if value is None or not math.isfinite(value):
        return "–"
    if value and (abs(value) >= 1e6 or abs(value) < 1e-4):
        return f"{value:.{digits}g}"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
    shown = f"{value:.{places}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def value(amount: float | None, unit: str = "") -> str:
    """A measured value with its unit, to five digits."""
    return f"{number(amount, 5)} {unit}".strip() if amount is not None else "–"


def metres(mm: float) -> str:
    """A place on the web, to a tenth of a metre."""
    return f"{mm / 1000.0:.1f} m"


def milliseconds(ns: float) -> str:
    """A duration, ms."""
    ms = ns / NS_PER_MS
    return f"{ms:.0f} ms" if ms >= 10 or ms == 0 else f"{ms:.1f} ms"


def duration(ns: int) -> str:
    """`1 h 02 min 03 s`."""
    seconds = round(ns / NS_PER_S)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min {seconds:02d} s"
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"


def span(ns: int) -> str:
    """Time between two moments: milliseconds, then seconds, then minutes."""
    if ns < NS_PER_S:
        return milliseconds(ns)
    return f"{ns / NS_PER_S:.1f} s" if ns < 60 * NS_PER_S else duration(ns)


def clock(at: datetime | None) -> str:
    """Time of day, to the second."""
    return at.strftime("%H:%M:%S") if at else "–"


def share(part: float) -> str:
    """A share, in whole percent."""
    return f"{100.0 * part:.0f} %"


def rate(per_m: float) -> str:
    """Objects per metre."""
    return f"{number(per_m, 2)} /m"


def grouped(registers: str) -> str:
    """Register bytes in words of two bytes: one word is one register."""
    return " ".join(registers[place : place + 4] for place in range(0, len(registers), 4))
