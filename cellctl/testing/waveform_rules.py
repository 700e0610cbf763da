"""`check_waveform`: does a driver keep the contract of `cellctl.sdk.WaveformDriver`?"""

from __future__ import annotations

import math
from typing import Any

from cellctl.sdk.waveform import Channel, WaveformDriver, WaveGrab
from cellctl.testing.breaches import PATIENCE_S, Findings
from cellctl.testing.source_rules import check_source

SAMPLE_BYTES = 4
WAVEFORM_RULES = {
    "class": "it has Settings, open, grab and close, and says in a docstring what it reaches",
    "settings": "they are frozen, refuse unknown keys, explain every key, and survive JSON",
    "needs": "it declares what open and grab ask for: a frozenset of Need",
    "open": "it returns a Channel with samples, a rate above zero and a unit",
    "frames": "windows come, and each writes as many samples as it says; at its end a source raises EndOfData",
    "ids": "window ids count up",
    "stamps": "first sample before last sample before now, on the monotonic clock, and no window before the one before",
    "time-out": "grab returns None when no window came in time: no exception, and no waiting beyond it",
    "close": "it may be called twice; afterwards grab gives no window",
    "unreachable": "open raises PlantError when the sensor cannot be reached",
}
"""Rule → what it demands."""


def check_waveform(
    driver: type[WaveformDriver],
    settings: dict[str, Any] | None = None,
    *,
    windows: int = 3,
    timeout_s: float = 2.0,
    unreachable: dict[str, Any] | None = None,
    patience_s: float = PATIENCE_S,
) -> None:
    """Raise NotConforming with every rule of `WAVEFORM_RULES` that a driver breaks.

    ```python
    def test_it_keeps_the_contract_of_a_sampled_signal():
        check_waveform(DaqCard, {"rate": "20 kHz", "window": "100 ms"})
    ```

    Args:
        driver: the class.
        settings: as in the YAML.
        windows: how many to grab.
        timeout_s: of each.
        unreachable: settings of a sensor that is not there.
        patience_s: a call that takes longer counts as stuck.
    """
    check_source(_Waveform(), driver, settings, count=windows, timeout_s=timeout_s, unreachable=unreachable,
                 patience_s=patience_s)  # fmt: skip


class _Waveform:
    """A source of windows of samples."""

    delivered = WaveGrab

    def buffer_bytes(self, opened: Any, findings: Findings) -> int:
        """Four bytes a sample."""
        if not isinstance(opened, Channel):
            findings.add("open", f"it returned {opened!r}, no Channel")
        elif opened.samples < 1 or not 0 < opened.rate_hz < math.inf or not opened.unit:
            findings.add("open", f"samples, rate or unit is missing: {opened}")
        else:
            return SAMPLE_BYTES * opened.samples
        return 0

    def written(self, grab: WaveGrab) -> int | None:
        """As many samples as the window has."""
        return SAMPLE_BYTES * grab.samples

    def number(self, grab: WaveGrab) -> int:
        """The window id."""
        return grab.window_id

    def times(self, grab: WaveGrab) -> tuple[int, int]:
        """Of the first and the last sample."""
        return grab.first_sample_ns, grab.last_sample_ns

    def check(self, grab: WaveGrab, findings: Findings) -> None:
        """A window without samples says why."""
        if grab.samples < 1 and not grab.fault:
            findings.add("frames", f"window {grab.window_id} has {grab.samples} samples and no fault")
