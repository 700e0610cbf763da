"""Quality of a value, in the codes of OPC UA and NAMUR NE 107."""

from __future__ import annotations

from enum import IntEnum, StrEnum

_UNCERTAIN = 0x40000000
"""From here on a code is not Good; a plain number, because every value of every poll is compared with it."""


class Quality(IntEnum):
    """OPC UA status codes that cellctl sets (OPC 10000-4, table of status codes)."""

    GOOD = 0x00000000
    UNCERTAIN = 0x40000000
    UNCERTAIN_LAST_USABLE = 0x40900000
    UNCERTAIN_INITIAL = 0x40920000
    BAD = 0x80000000
    BAD_COMMUNICATION = 0x80050000
    BAD_TIMEOUT = 0x800A0000
    BAD_NO_COMMUNICATION = 0x80310000
    BAD_WAITING_FOR_INITIAL_DATA = 0x80320000
    BAD_OUT_OF_RANGE = 0x803C0000
    BAD_CONFIGURATION_ERROR = 0x80890000
    BAD_NOT_CONNECTED = 0x808A0000
    BAD_DEVICE_FAILURE = 0x808B0000
    BAD_SENSOR_FAILURE = 0x808C0000
    BAD_OUT_OF_SERVICE = 0x808D0000

    @property
    def is_good(self) -> bool:
        """Whether the severity bits say Good."""
        return self < _UNCERTAIN

    @property
    def is_bad(self) -> bool:
        """Whether the severity bits say Bad."""
        return self >= Quality.BAD


class Ne107(StrEnum):
    """Status signals of NAMUR NE 107."""

    OK = "ok"
    FAILURE = "failure"
    CHECK_FUNCTION = "check-function"
    OUT_OF_SPECIFICATION = "out-of-specification"
    MAINTENANCE_REQUIRED = "maintenance-required"


_NE107 = {
    Quality.GOOD: Ne107.OK,
    Quality.BAD_OUT_OF_RANGE: Ne107.OUT_OF_SPECIFICATION,
    Quality.BAD_OUT_OF_SERVICE: Ne107.CHECK_FUNCTION,
}


def status_of(quality: Quality) -> Ne107:
    """The NE 107 signal that goes with a quality: what is Bad is a failure, what is Uncertain has to be looked at."""
    return _NE107.get(quality) or (Ne107.FAILURE if quality.is_bad else Ne107.CHECK_FUNCTION)
