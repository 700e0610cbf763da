"""What the proxy does to which request or answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cellsim.proxy.frame import Frame


class Way(StrEnum):
    """Whether a fault meets the request on its way to the PLC, or its answer on the way back."""

    REQUEST = "request"
    ANSWER = "answer"


class Kind(StrEnum):
    """What happens."""

    DELAY = "delay"
    CUT = "cut"
    DROP = "drop"
    HALF_OPEN = "half-open"
    BLACK_HOLE = "black-hole"
    TRANSACTION = "transaction"
    UNIT = "unit"
    LENGTH = "length"
    GARBAGE = "garbage"
    EXCEPTION = "exception"
    DUPLICATE = "duplicate"
    LATE = "late"
    REPLAY = "replay"
    STALE = "stale"


ANSWERS_ONLY = frozenset({Kind.LATE, Kind.REPLAY, Kind.STALE})
"""Kinds that make no sense for a request."""


@dataclass(frozen=True)
class Fault:
    """One fault: which requests it counts, at which of them it strikes, and how.

    Attributes:
        kind: `delay` (by `delay_s`; what comes behind waits too), `cut` (the first `byte` bytes pass, then both
            connections close, and new ones are closed at once for `for_s`), `drop` (this one alone vanishes),
            `half-open` (nothing passes on this connection any more, it stays open), `black-hole` (connections are
            accepted and nothing passes, for `for_s`), `transaction`, `unit`, `length` (wrong field; a `length` of
            `byte` instead of the true one), `garbage` (as many other bytes), `exception` (an exception answer with
            `code`; on the way `request` the PLC never sees the request, on the way `answer` it has done it),
            `duplicate` (twice), `late` (held back, then sent in front of the next answer on whatever connection),
            `replay` (an older answer to the same question instead), `stale` (likewise, under the transaction
            that is waited for).
        way: which of the two it meets.
        function: Modbus function code of the requests that count; None for all.
        register: first register of the requests that count; None for all.
        nth: strikes at this one of them, from 1.
        times: at so many in a row; 0 for all that follow.
        delay_s: of `delay`.
        byte: of `cut` and `length`.
        code: of `exception`.
        reset: `cut` by a reset instead of an orderly end.
        for_s: how long `black-hole` and `cut` meet new connections too.
    """

    kind: Kind
    way: Way = Way.ANSWER
    function: int | None = None
    register: int | None = None
    nth: int = 1
    times: int = 1
    delay_s: float = 0.3
    byte: int = 0
    code: int = 4
    reset: bool = False
    for_s: float = 0.0

    def counts(self, request: Frame) -> bool:
        """Whether a request is one of those that this fault counts."""
        function_fits = self.function is None or request.function == self.function
        return function_fits and (self.register is None or request.register == self.register)

    def strikes(self, number: int) -> bool:
        """Whether it meets the `number`th (from 1) of the requests that it counts."""
        return number >= self.nth and (self.times == 0 or number < self.nth + self.times)
