"""A window of a sampled signal, and what was computed from it."""

from __future__ import annotations

from typing import ClassVar

from cellctl.model.inspection import Judgement
from cellctl.model.message import Egress, Message
from cellctl.model.pooled import Pooled

SAMPLE_BYTES = 4
"""Bytes of one sample in a slot: float32."""

FEATURE_UNITS: dict[str, str] = {
    "mean": "{unit}",
    "rms": "{unit}",
    "peak": "{unit}",
    "peak_to_peak": "{unit}",
    "crest": "1",
    "kurtosis": "1",
    "skewness": "1",
    "shape": "1",
    "impulse": "1",
    "clearance": "1",
    "zero_crossings": "1/s",
    "velocity_rms": "mm/s",
    "centroid": "Hz",
    "flatness": "1",
}
"""Unit of each feature of a window; `{unit}` is that of its samples. What is not in it has none."""


class Waveform(Pooled, frozen=True, kw_only=True):
    """One window of a signal; `stamp` is its last sample.

    The slot holds `samples` values as float32; a window with a `fault` may hold NaN, or zeros when nothing was read.

    Attributes:
        device: device name.
        window_id: counts up by one per window of the device; a gap is a lost window.
        samples: number of values.
        rate_hz: samples per second.
        unit: of the values, for example g.
        first_sample_ns: when the first sample was taken, ns.
        start_s: where in the recording the window begins, seconds from its first sample.
    """

    device: str
    window_id: int
    samples: int
    rate_hz: float
    unit: str
    first_sample_ns: int
    start_s: float = 0.0

    @property
    def duration_s(self) -> float:
        """Length of the window, s."""
        return self.samples / self.rate_hz


class Features(Message, frozen=True, kw_only=True):
    """The judgement of one window and the features it rests on; every window has exactly one. `stamp` is the window's.

    Attributes:
        device: device name.
        window_id: the judged window.
        lost_windows: windows of this device missing directly before this one.
        judgement: INDETERMINATE is never OK.
        reason: why the judgement is NG or INDETERMINATE, else empty.
        values: feature → value, in the unit of `FEATURE_UNITS`; empty when nothing could be computed. `velocity_rms` is
            there only where the samples are an acceleration, and rate and window carry its band.
        unit: of the samples.
        rate_hz: samples per second.
        samples: number of samples that were looked at.
        start_s: where in the recording the window begins, s.
        bearing: the line of the bearing that stands out in this window and those before it, such as BPFO; empty when
            none does, which does not mean that the bearing is sound, and when no bearing is listened to.
        origin: where it was read from, a file's name; empty for a device that measures.
        received_ns: when the driver had the window.
        judged_ns: when the judgement was made.
    """

    egress: ClassVar[Egress] = Egress.FEATURES

    device: str
    window_id: int
    lost_windows: int
    judgement: Judgement
    reason: str
    values: dict[str, float]
    unit: str
    rate_hz: float
    samples: int
    start_s: float = 0.0
    bearing: str = ""
    origin: str = ""
    received_ns: int
    judged_ns: int


def feature_unit(name: str, unit: str) -> str:
    """Unit of a feature of samples in `unit`."""
    return FEATURE_UNITS.get(name, "1").format(unit=unit)
