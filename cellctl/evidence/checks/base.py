"""What a check of a run looks like: it sees every record once and then says what holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from cellctl.config.resolved import ResolvedCell, Setpoint
from cellctl.evidence.record import Record

SHOWN = 3
"""Faults spelled out in a check's detail; the rest is a number."""


class Check(msgspec.Struct, frozen=True):
    """One thing that holds or does not.

    Attributes:
        name: what was checked.
        ok: whether it holds.
        detail: what was found, in words.
    """

    name: str
    ok: bool
    detail: str


class Checker(Protocol):
    """Looks at one aspect of a run."""

    def see(self, record: Record) -> None:
        """Take one record of the unbroken part of the chain."""
        ...

    def conclude(self) -> Check:
        """Say what holds, after the last record."""
        ...


def point_of(cell: ResolvedCell | None, product: str, tag: str) -> Setpoint | None:
    """The rules for a set-point while that product was made; None when there were none."""
    table = cell.guard.table(product) if cell is not None else ()
    return next((point for point in table if point.tag == tag), None)


def verdict(name: str, faults: Iterable[str], found: str) -> Check:
    """OK with what was found, or not OK with the first faults."""
    listed = list(faults)
    if not listed:
        return Check(name, True, found)
    more = f"; and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return Check(name, False, "; ".join(listed[:SHOWN]) + more)
