"""The bearing of the vibration plugin: its settings, its findings, and the alarm that names the part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from cellctl.builtin.vibration_features import VibrationFeatures
from cellctl.config.resolved import Device
from cellctl.errors import ConfigError
from cellctl.model import Features, Judgement, Stamp, Waveform
from cellctl.testing import Harness, bare_cell, check_plugin, example

RATE_HZ = 12_000.0
BEARING = {"balls": 9, "ball_diameter": "7.94 mm", "pitch_diameter": "39.04 mm", "speed": "1797 rpm"}
OUTER_HZ, INNER_HZ = 107.364, 162.186


def window(line_hz: float = 0.0, seed: int = 1, seconds: float = 1.0) -> np.ndarray:
    """Noise of 1 g, with impacts at a rate through a resonance at 3 kHz."""
    n = round(seconds * RATE_HZ)
    samples = np.random.default_rng(seed).normal(0.0, 1.0, n)
    if line_hz:
        t = np.arange(300) / RATE_HZ
        ring = 4.0 * np.exp(-600.0 * t) * np.sin(2.0 * np.pi * 3000.0 * t)
        times = np.arange(1.0, n - 310.0, RATE_HZ / line_hz)
        times += 0.01 * RATE_HZ / line_hz * np.random.default_rng(seed + 99).normal(size=times.size)  # slip
        for at in np.maximum(np.rint(times), 0).astype(int):
            samples[at : at + 300] += ring
    return samples.astype(np.float32)


class Bench:
    """A sensor on a bearing, and the plugin."""

    def __init__(self, **settings: Any) -> None:
        self.harness = Harness(VibrationFeatures, {"bearing": BEARING, "persists": 3, **settings}, cell=bare_cell())
        self.next_id = 0

    def feed(self, samples: np.ndarray, origin: str = "") -> Features:
        """Feed the next window and return what was said of it."""
        self.harness.window_samples = {self.next_id: samples}
        it = example(Waveform, stamp=Stamp(self.next_id * 10**9), device="bearing", window_id=self.next_id,
                     samples=len(samples), rate_hz=RATE_HZ, unit="g", origin=origin)  # fmt: skip
        self.harness.feed("waveforms", it)
        self.next_id += 1
        found: Features = self.harness.sent("features")[-1]
        return found


@pytest.fixture
def bench():
    """A plugin that listens to a bearing and has no limits."""
    made = Bench()
    yield made
    made.harness.close()


@pytest.mark.parametrize(
    ("line_hz", "name", "part"), [(OUTER_HZ, "BPFO", "outer race"), (INNER_HZ, "BPFI", "inner race")]
)
def test_a_line_that_stands_out_is_ng(bench: Bench, line_hz: float, name: str, part: str):
    """The window names the line, and the reason says part, frequency, harmonics and height."""
    found = bench.feed(window(line_hz))
    assert (found.judgement, found.bearing) == (Judgement.NG, name)
    assert found.reason.startswith(f"{part} of bearing: {name} {line_hz:.0f}"[:-2])
    assert found.reason.endswith("dB above its surroundings")


def test_noise_names_nothing(bench: Bench):
    """Negative control: OK, and no line."""
    found = bench.feed(window())
    assert (found.judgement, found.bearing, found.reason) == (Judgement.OK, "", "")


def test_a_window_that_is_too_short_is_not_ok(bench: Bench):
    """Half a second has 10 turns in 4096 samples: INDETERMINATE with values, since nothing is known of the bearing."""
    found = bench.feed(window(OUTER_HZ, seconds=0.5))
    assert (found.judgement, found.bearing) == (Judgement.INDETERMINATE, "")
    assert found.reason == "short: 0.5 s at 12000 Hz do not show the lines of the bearing"
    assert found.values


def test_a_short_window_above_a_limit_is_ng():
    """What is known is said, although the bearing cannot be heard."""
    bench = Bench(limits={"rms": "0.5 g"})
    assert bench.feed(window(seconds=0.5)).judgement is Judgement.NG
    bench.harness.close()


def test_line_and_limit_are_both_said():
    """First the part that is damaged, then what is above its limit."""
    bench = Bench(limits={"rms": "0.5 g"})
    found = bench.feed(window(OUTER_HZ))
    assert found.reason.startswith("outer race of bearing: BPFO")
    assert ", rms " in found.reason
    bench.harness.close()


def test_three_in_a_row_raise_the_alarm_of_the_bearing(bench: Bench):
    """At the third window, with the words of the finding; it ends when no line stands out of the last ten windows."""
    for seed in range(4):
        bench.feed(window(OUTER_HZ, seed))
    (alarm,) = bench.harness.sent("alarms")
    assert (alarm.id, alarm.active) == ("vibration.bearing.bearing", True)
    assert alarm.text.startswith("bearing: outer race of bearing: BPFO 107")
    assert "harmonics" in alarm.text
    for seed in range(40, 50):
        bench.feed(window(seed=seed))
    assert [it.active for it in bench.harness.sent("alarms")] == [True, False]
    assert bench.feed(window(seed=50)).judgement is Judgement.OK


@pytest.mark.parametrize("what", ["gap", "recording", "fault"])
def test_the_mean_begins_anew(bench: Bench, what: str):
    """After a lost window, in another recording and after one of which nothing is known, only what is now counts."""
    for seed in range(4):
        assert bench.feed(window(OUTER_HZ, seed)).bearing == "BPFO"
    if what == "gap":
        bench.next_id += 1
    if what == "fault":
        bench.feed(np.full(12_000, np.nan, np.float32))
    assert bench.feed(window(seed=9), origin="b.npy" if what == "recording" else "").bearing == ""


def test_another_line_begins_a_new_row(bench: Bench):
    """Two windows of one line and two of another are no row of three; a window of neither is not needed between."""
    for line_hz, origin in ((OUTER_HZ, "a"), (OUTER_HZ, "a"), (INNER_HZ, "b"), (INNER_HZ, "b")):
        bench.feed(window(line_hz), origin=origin)
    assert bench.harness.sent("alarms") == []
    bench.feed(window(INNER_HZ), origin="b")
    (alarm,) = bench.harness.sent("alarms")
    assert "inner race" in alarm.text


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"ball_diameter": "50 mm"}, "expected elements smaller than their circle, got 50 mm on 39.04 mm"),
        ({"balls": 16}, "expected elements that fit on their circle, got 16 of 7.94 mm"),
        ({"speed": "0 rpm"}, "greater than 0"),
        ({"speed": "fast"}, "expected a frequency"),
        ({"balls": 2}, "greater than or equal to 3"),
        ({"contact_angle": "90 deg"}, "less than 90"),
        ({"contact_angle": 15}, "expected an angle such as '15 deg'"),
        ({"rollers": 9}, "Extra inputs"),
    ],
)
def test_what_is_no_bearing_is_refused(changed: dict[str, Any], problem: str):
    """Each wrong value is named."""
    with pytest.raises(ValidationError, match=problem):
        VibrationFeatures.Settings.model_validate({"bearing": BEARING | changed})


def test_a_contact_angle_moves_the_lines():
    """Written with its unit; the lines of the races come closer to each other."""
    settings = [VibrationFeatures.Settings.model_validate({"bearing": BEARING | more})
                for more in ({}, {"contact_angle": "40 deg"})]  # fmt: skip
    (outer, inner, _), (other_outer, other_inner, _) = (it.bearing.lines() for it in settings if it.bearing)
    assert outer.order < other_outer.order < other_inner.order < inner.order


def test_settings_read_back_the_same():
    """They travel as JSON to the process that runs the plugin."""
    settings = VibrationFeatures.Settings.model_validate({"bearing": BEARING | {"contact_angle": "15 deg"}})
    assert VibrationFeatures.Settings.model_validate(settings.model_dump(mode="json")) == settings


@pytest.mark.parametrize(
    ("more", "fits"),
    [({}, True), ({"window": "0.4 s"}, False), ({"rate": "1900 Hz"}, False), ({"window": "5 s"}, True)],
)
def test_windows_that_cannot_show_the_lines_are_refused_at_the_check(more: dict[str, str], fits: bool):
    """Too few turns, or too slow a rate for the third harmonic."""
    device = Device("bearing", "waveform-file", {"rate": "12 kHz", "unit": "g", "window": "1 s"} | more)
    settings = VibrationFeatures.Settings.model_validate({"bearing": BEARING})
    if fits:
        VibrationFeatures.check(settings, bare_cell(devices=(device,)))
        return
    with pytest.raises(ConfigError, match=r"CELL-1199: bearing: windows of .* do not show lines up to 162.2 Hz"):
        VibrationFeatures.check(settings, bare_cell(devices=(device,)))


def test_it_keeps_the_rules_of_the_sdk():
    """Ports, settings, messages, determinism, and no handler that blocks."""
    check_plugin(VibrationFeatures, {"bearing": BEARING})
