"""Limits: stated ones, and those learnt from a sound machine."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from cellctl.vibration import Analysers, Baseline, Limits


def window(seed: int, scale: float = 1.0, spikes: int = 0) -> dict[str, float]:
    """Features of normal noise with a few spikes."""
    rng = np.random.default_rng(seed)
    samples = rng.normal(0.0, scale, 4096)
    samples[:: 4096 // spikes if spikes else 5000][1:] += 12.0 * scale
    return Analysers(envelope=False).hear(samples.astype(np.float32), 12_000.0, "V").values


def learnt(windows: int = 20) -> Limits:
    """Limits of a machine that shakes with 1 g."""
    baseline = Baseline(windows)
    for seed in range(windows):
        baseline.learn(window(seed))
    assert not baseline.missing
    return Limits(baseline.limits())


def test_stated_limit():
    """Above is above, equal is not; the furthest comes first."""
    limits = Limits({"rms": 1.0, "kurtosis": 5.0})
    values = dict.fromkeys(("mean", "peak", "crest"), 0.0) | {"rms": 1.1, "kurtosis": 50.0}
    assert list(limits.exceeded(values)) == ["kurtosis", "rms"]
    assert limits.exceeded({"rms": 1.0, "kurtosis": 5.0}) == {}


def test_a_feature_without_a_value_is_missing():
    """It is above no limit, and it is told, so that nobody takes the window for good."""
    limits = Limits({"velocity_rms": 4.5, "rms": 1.0})
    assert limits.exceeded({"rms": 2.0}) == {"rms": 1.0}
    assert limits.missing({"rms": 2.0}) == ["velocity_rms"]


def test_a_negative_skewness_counts_by_its_size():
    """A limit of a signed feature holds on both sides."""
    assert Limits({"skewness": 0.5}).exceeded({"skewness": -0.6}) == {"skewness": 0.5}


def test_a_sound_machine_stays_below_its_learnt_limits():
    """Negative control: 200 further windows of the same machine exceed nothing."""
    limits = learnt()
    assert [seed for seed in range(1000, 1200) if limits.exceeded(window(seed))] == []


@pytest.mark.parametrize("changed", [{"scale": 1.5}, {"spikes": 16}])
def test_a_change_is_noticed(changed: dict[str, Any]):
    """Half as much vibration again, or sixteen impacts per window, are above the learnt limits."""
    assert learnt().exceeded(window(1, **changed))


def test_limits_by_hand():
    """Five windows of exactly e⁰ … e⁴: mean 2, s = √2.5, so the limit lies at exp(2 + 6·√2.5)."""
    baseline = Baseline(5)
    for power in range(5):
        baseline.learn({"rms": math.exp(power), "kurtosis": 3.0})
    assert baseline.limits() == pytest.approx(
        {"rms": math.exp(2 + 6 * math.sqrt(2.5)), "kurtosis": 3.0 * math.exp(6 * 0.05)}
    )
