"""Checks of a sensor's windows before the run: that a feature with a limit can be computed, and its unit."""

from __future__ import annotations

from cellctl.config.resolved import Device
from cellctl.errors import ConfigError
from cellctl.model.waveform import feature_unit
from cellctl.unit_table import plain
from cellctl.units import convert, parse
from cellctl.vibration import FEWEST, metres_per_s2, velocity_band


def check_length(device: Device) -> None:
    """Refuse windows of so few samples that none could be judged; ConfigError CELL-1199."""
    samples = _samples(device)
    if samples is not None and samples < FEWEST:
        raise ConfigError("CELL-1199", "{device}: a window has {samples} samples, and fewer than {fewest} say nothing",
                          do="make `window` longer", device=device.name, samples=samples,
                          fewest=FEWEST)  # fmt: skip


def check_limit(name: str, written: str, unit: str, device: Device) -> None:
    """Refuse a limit of what this sensor does not give: ConfigError CELL-1195 (unit), CELL-1199 (window or rate)."""
    if name == "velocity_rms":
        _check_velocity(unit, device)
    expected, got = plain_unit(name, unit), parse(written).unit
    if got != expected:
        raise ConfigError(
            "CELL-1195",
            "limits.{name}: expected a value in {expected!r} as {device} has it, got {got!r}",
            do="write number and unit, as the sensor's `unit` has it",
            name=name, expected=expected, device=device.name, got=written,
        )  # fmt: skip


def plain_unit(name: str, unit: str) -> str:
    """Unit of a feature as a limit is written with it: nothing for a ratio."""
    found = feature_unit(name, unit)
    return "" if found == "1" else plain(found)


def _check_velocity(unit: str, device: Device) -> None:
    if metres_per_s2(unit) is None:
        raise ConfigError("CELL-1195", "limits.velocity_rms: {device} measures {unit!r}, which is no acceleration",
                          do="write `g` or `m/s²` as the `unit` of the sensor if it is one, or limit its rms",
                          device=device.name, unit=unit)  # fmt: skip
    samples, rate_hz = _samples(device), convert(device.settings["rate"], "Hz")
    if samples is not None and velocity_band(samples, rate_hz) is None:
        raise ConfigError("CELL-1199", "limits.velocity_rms: windows of {samples} samples at {rate:g} Hz from {device} "
                          "do not carry velocities from 10 Hz on",
                          do="0.4 s or more in a `window`, and a `rate` of 256 Hz or more",
                          samples=samples, rate=rate_hz, device=device.name)  # fmt: skip


def _samples(device: Device) -> int | None:
    """Samples of a window; None where the sensor has no windows of its own."""
    window, rate = (device.settings.get(key) for key in ("window", "rate"))
    return round(convert(window, "s") * convert(rate, "Hz")) if window is not None else None
