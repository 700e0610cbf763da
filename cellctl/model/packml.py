"""PackML states and modes with the numbers of ISA-TR88.00.02."""

from __future__ import annotations

from enum import IntEnum

from cellctl.model.message import Message


class PackMLState(IntEnum):
    """States of the PackML state model."""

    CLEARING = 1
    STOPPED = 2
    STARTING = 3
    IDLE = 4
    SUSPENDED = 5
    EXECUTE = 6
    STOPPING = 7
    ABORTING = 8
    ABORTED = 9
    HOLDING = 10
    HELD = 11
    UNHOLDING = 12
    SUSPENDING = 13
    UNSUSPENDING = 14
    RESETTING = 15
    COMPLETING = 16
    COMPLETE = 17


class UnitMode(IntEnum):
    """Modes of the PackML unit mode manager that have a number of their own."""

    PRODUCTION = 1
    MAINTENANCE = 2
    MANUAL = 3


class CellState(Message, frozen=True, kw_only=True):
    """The state of the cell, sent by the supervisor to every process.

    Attributes:
        state: PackML state.
        epoch: counts up whenever the cell leaves Execute and at every changeover; proposals of an older epoch are
            refused.
        safe: True when the guard must bring the set-points to the configured safe state.
        reason: what led to this state, in words.
        product: whose recipe holds; empty: the one that the cell started with.
        lot: the running lot; empty: the one that the cell started with.
        changing: a changeover is under way: product and lot are the new ones, and nothing may be moved.
        since_mm: material from here on is of this product and lot; None before the first changeover, or without a web.
    """

    state: PackMLState
    epoch: int
    safe: bool
    reason: str
    product: str = ""
    lot: str = ""
    changing: bool = False
    since_mm: float | None = None


class CellChange(CellState, frozen=True, kw_only=True):
    """The cell's state has changed: sent once for each change, for the record; `stamp` is when it changed.

    Attributes:
        by: who made it change, as they gave their name; empty: the cell itself.
    """

    by: str = ""
