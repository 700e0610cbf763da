"""What one comparison consists of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Call = Callable[[], Any]


class Peer(NamedTuple):
    """One way of doing the same without us, as its best user would write it.

    Attributes:
        name: what it is.
        call: does it once.
        goal: we are to be at least so many times faster; 0 where nothing was promised.
    """

    name: str
    call: Call
    goal: float = 0.0


class Limit(NamedTuple):
    """What no program can do without: such as reading the frame once.

    Attributes:
        name: what it is.
        call: does it once.
        goal: we are to take at most so many times as long; 0 where nothing was promised.
    """

    name: str
    call: Call
    goal: float = 0.0


class Case(NamedTuple):
    """One row of the table for each peer.

    Attributes:
        name: what is done, with its sizes.
        ours: does it once.
        peers: the same by others.
        limit: the floor under all of them; None where there is no honest one.
        error: what our result differs from the same in float64, in its own units; measured when the table is made.
        error_unit: what `error` is in, such as "normalised units" or "share of the peak".
        read_bytes: bytes that one call reads, for the rate; 0 where that says nothing.
        rate_goal: bytes per second at least; 0 where nothing was promised.
    """

    name: str
    ours: Call
    peers: tuple[Peer, ...]
    limit: Limit | None
    error: Callable[[], float]
    error_unit: str
    read_bytes: int = 0
    rate_goal: float = 0.0
