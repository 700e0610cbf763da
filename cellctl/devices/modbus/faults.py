"""What can go wrong with a request, as errors of the plant."""

from __future__ import annotations

from typing import Any

from cellctl.errors import PlantError, Text, text

UNKNOWN = 0
EXCEPTIONS = {
    UNKNOWN: "unknown",
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledge",
    6: "device busy",
    10: "gateway path unavailable",
    11: "gateway target did not respond",
}
"""Exception codes of the Modbus application protocol 1.1b3, 7."""


class LinkLostError(PlantError):
    """The connection is gone; what was under way on it is unknown (CELL-2010…2012, CELL-2015)."""


class ExceptionAnswerError(PlantError):
    """The device answered that it will not do this (CELL-2013).

    Attributes:
        number: the exception code.
    """

    number = UNKNOWN


def exception_answer(peer: str, number: int) -> ExceptionAnswerError:
    """The error of a request that the device understood and will not serve."""
    error = ExceptionAnswerError("CELL-2013", "{peer} answers exception {number} ({meaning})",
                                 do="compare the tag table with the PLC's register map", peer=peer, number=number,
                                 meaning=text(EXCEPTIONS[number if number in EXCEPTIONS else UNKNOWN]))  # fmt: skip
    error.number = number
    return error


def lost(code: str, peer: str, what: str | Text, **values: Any) -> LinkLostError:
    """The error of a request whose answer did not come, or was none."""
    return LinkLostError(code, "{peer}: {problem}", do="check cable, load and state of the PLC", peer=peer,
                         problem=text(what, **values) if isinstance(what, str) else what)  # fmt: skip
