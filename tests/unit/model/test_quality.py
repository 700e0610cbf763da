"""Codes of quality are those of OPC UA, and each has its signal of NAMUR NE 107."""

from __future__ import annotations

import pytest

from cellctl.model.quality import Ne107, Quality, status_of

CODES = {
    "Good": 0x00000000, "Uncertain": 0x40000000, "UncertainLastUsable": 0x40900000, "UncertainInitial": 0x40920000,
    "Bad": 0x80000000, "BadCommunication": 0x80050000, "BadTimeout": 0x800A0000, "BadNoCommunication": 0x80310000,
    "BadWaitingForInitialData": 0x80320000, "BadOutOfRange": 0x803C0000, "BadConfigurationError": 0x80890000,
    "BadNotConnected": 0x808A0000, "BadDeviceFailure": 0x808B0000, "BadSensorFailure": 0x808C0000,
    "BadOutOfService": 0x808D0000,
}  # fmt: skip
"""OPC 10000-6, A.2, with our names."""


def test_every_code_is_the_published_one() -> None:
    """And none is missing here."""
    assert {quality.name.title().replace("_", ""): quality.value for quality in Quality} == CODES


@pytest.mark.parametrize("quality", list(Quality))
def test_severity_and_signal_agree(quality: Quality) -> None:
    """Only Good is ok; what is Bad is never a mere check of function but when somebody took it out of service."""
    assert quality.is_good == (quality is Quality.GOOD) == (status_of(quality) is Ne107.OK)
    assert quality.is_bad == (quality.name.startswith("BAD"))
    if not quality.is_good and not quality.is_bad:
        assert status_of(quality) is Ne107.CHECK_FUNCTION


@pytest.mark.parametrize(
    ("quality", "status"),
    [
        (Quality.BAD_OUT_OF_RANGE, Ne107.OUT_OF_SPECIFICATION),
        (Quality.BAD_OUT_OF_SERVICE, Ne107.CHECK_FUNCTION),
        (Quality.BAD_CONFIGURATION_ERROR, Ne107.FAILURE),
        (Quality.BAD_NO_COMMUNICATION, Ne107.FAILURE),
    ],
)
def test_the_signal_tells_causes_apart(quality: Quality, status: Ne107) -> None:
    """For whoever is sent to look."""
    assert status_of(quality) is status
