"""The contract and the waivers as they are stored with a run: frequencies in Hz, times in s, dates as text."""

from __future__ import annotations

import msgspec

ROLES = ("quality", "it", "process", "purchasing")
"""Whose signatures a contract carries."""


class Signature(msgspec.Struct, frozen=True):
    """Who agreed in a role, and the day (ISO 8601)."""

    name: str
    date: str


class Waiver(msgspec.Struct, frozen=True):
    """A finding that was let pass: `code` at the place `at`, by `name`, for `reason`, through the day `until`."""

    code: str
    at: str
    name: str
    reason: str
    until: str = ""


class Contract(msgspec.Struct, frozen=True):
    """What the cell promises of its data.

    Attributes:
        vibration_hz: least sampling rate of every waveform device; 0 when none is promised.
        envelope_band_hz: upper edge of the band whose envelope is analysed; 0 for none.
        frame_rate_hz: camera → frames per second at the recipe's web speed.
        gap_s: longest time between two frames or windows of a device.
        clock_s: largest step of a device's clock against this machine's.
        keep_s: how long images of objects are kept.
        every: every n-th whole frame is kept too; 0 for none.
        objects_per_m: objects to reckon with; 0 for as many as an inspector may send.
        uplink: how data leave the cell.
        signatures: role → who agreed.
    """

    vibration_hz: float
    envelope_band_hz: float
    frame_rate_hz: dict[str, float]
    gap_s: float
    clock_s: float
    keep_s: float
    every: int
    objects_per_m: float
    uplink: str
    signatures: dict[str, Signature]
