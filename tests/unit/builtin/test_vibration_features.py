"""The vibration plugin in its harness: one message per window, and alarms that name file, window and value."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import numpy as np
import pytest
from pydantic import ValidationError

from cellctl.builtin.vibration_features import VibrationFeatures
from cellctl.config.resolved import Device, PluginEntry
from cellctl.errors import ConfigError, EvidenceError
from cellctl.model import Features, Judgement, Stamp, Waveform
from cellctl.testing import Harness, bare_cell, check_plugin, example

RATE_HZ = 1000.0
LIMITS = {"rms": "1.5 g", "kurtosis": 5}


class Bench:
    """A sensor and the plugin."""

    def __init__(self, **settings: Any) -> None:
        self.harness = Harness(VibrationFeatures, settings or {"limits": LIMITS}, cell=bare_cell())
        self.next_id = 0

    def window(self, samples: np.ndarray, **changes: Any) -> Features:
        """Feed the next window and return what was said of it."""
        number = changes.pop("window_id", self.next_id)
        self.next_id = number + 1
        self.harness.window_samples = {number: samples.astype(np.float32)}
        window = example(
            Waveform, stamp=Stamp(number * 10**9), device=changes.pop("device", "bearing"), window_id=number,
            samples=len(samples), rate_hz=RATE_HZ, unit=changes.pop("unit", "g"), start_s=2.0, **changes,
        )  # fmt: skip
        before = len(self.harness.sent("features"))
        self.harness.feed("waveforms", window)
        assert len(self.harness.sent("features")) == before + 1
        found: Features = self.harness.sent("features")[-1]
        return found

    def alarms(self) -> list[tuple[str, bool]]:
        """What was raised and what ended."""
        return [(alarm.id, alarm.active) for alarm in self.harness.sent("alarms")]


def sound(seed: int = 1) -> np.ndarray:
    """A second of a sound machine: normal noise of 1 g."""
    return np.random.default_rng(seed).normal(0.0, 1.0, 1000)


def broken(seed: int = 1) -> np.ndarray:
    """The same with ten impacts."""
    samples = sound(seed)
    samples[::100] += 12.0
    return samples


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.harness.close()


def test_a_sound_window_is_ok(bench: Bench):
    """All features are there, none above its limit."""
    found = bench.window(sound())
    assert (found.judgement, found.reason) == (Judgement.OK, "")
    assert found.values["kurtosis"] == pytest.approx(3.0, abs=0.5)


def test_what_is_above_its_limit_is_said(bench: Bench):
    """NG, and the reason has feature, value, unit and limit, the worst first."""
    found = bench.window(broken())
    assert found.judgement is Judgement.NG
    assert found.reason.startswith(f"kurtosis {found.values['kurtosis']:.4g}, limit 5, rms ")
    assert found.reason.endswith(" g, limit 1.5")


@pytest.mark.parametrize(
    ("samples", "changes", "reason"),
    [
        (np.full(1000, np.nan), {}, "not finite: 1000 of 1000 samples are NaN or infinite"),
        (np.zeros(1000), {}, "constant: all samples are the same"),
        (np.zeros(3), {}, "short: 3 samples, at least 32 are needed"),
        (sound(), {"fault": "an empty file"}, "an empty file"),
        (sound(), {"unit": "mm/s"}, "unit: the samples are in 'mm/s', the limit of rms is 1.5 g"),
        (broken(), {"fault": "an empty file", "origin": "a.npy"}, "a.npy: an empty file"),
    ],
)
def test_what_cannot_be_judged_says_why(bench: Bench, samples: np.ndarray, changes: dict[str, Any], reason: str):
    """INDETERMINATE with the reason and without values, never OK."""
    found = bench.window(samples, **changes)
    assert (found.judgement, found.reason, found.values) == (Judgement.INDETERMINATE, reason, {})


def test_a_torn_slot_is_indeterminate(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    """Samples that are not what the driver wrote are not judged."""

    @contextmanager
    def torn(_window: Waveform) -> Iterator[None]:
        raise EvidenceError("CELL-4001", "the slot was used again")
        yield

    monkeypatch.setattr(bench.harness, "samples", torn)
    assert "CELL-4001" in bench.window(sound()).reason


def test_lost_windows_are_counted_per_device(bench: Bench):
    """A gap in one sensor's numbers is no gap of another's."""
    bench.window(sound())
    assert bench.window(sound(), window_id=4).lost_windows == 3
    assert bench.window(sound(), window_id=9, device="gear").lost_windows == 0


def test_three_in_a_row_tell_a_person(bench: Bench):
    """One alarm, at the third window, with file, window and value; the first sound window ends it."""
    for number in range(5):
        bench.window(broken(number), origin="pump.npy")
    (alarm,) = bench.harness.sent("alarms")
    assert (alarm.id, alarm.holds) == ("vibration.bearing.limit", False)
    assert "(pump.npy, window 2, 2 s into the recording)" in alarm.text
    assert "kurtosis" in alarm.text
    bench.window(sound())
    assert bench.alarms()[-1] == ("vibration.bearing.limit", False)


def test_two_in_a_row_are_a_knock(bench: Bench):
    """Negative control: windows that are bad now and then tell nobody, in one recording or in several."""
    for number in range(6):
        bench.window(broken(number) if number % 3 else sound(number))
    for number in range(6):
        bench.window(broken(number) if number % 3 else sound(number), origin=f"{number}.npy")
    assert bench.alarms() == []


@pytest.mark.parametrize(("samples", "what"), [(broken(), "limit"), (np.full(1000, np.nan), "blind")])
def test_a_row_goes_on_over_recordings(bench: Bench, samples: np.ndarray, what: str):
    """A logger that writes a file per window is told of like any other, and once, not with each of its files."""
    for number in range(9):
        bench.window(samples, origin=f"{number}.npy")
    (alarm,) = bench.harness.sent("alarms")
    assert alarm.id == f"vibration.bearing.{what}"
    assert "(2.npy, window 2" in alarm.text


def test_another_recording_is_told_of_too(bench: Bench):
    """Each file that goes on being bad is named once, although the alarm stands already."""
    for name in ("a.npy", "b.npy"):
        for number in range(4):
            bench.window(broken(number), origin=name)
    assert ["a.npy" in alarm.text for alarm in bench.harness.sent("alarms")] == [True, False]


def test_a_deaf_sensor_is_told_of(bench: Bench):
    """Three windows in a row that cannot be judged raise an alarm of their own; a judged one ends it."""
    for _ in range(3):
        bench.window(np.zeros(1000))
    assert bench.alarms() == [("vibration.bearing.blind", True)]
    bench.window(broken())
    assert bench.alarms() == [("vibration.bearing.blind", True), ("vibration.bearing.blind", False)]


def test_learning_first_then_judging():
    """Five windows of a sound machine are INDETERMINATE with values, then a change is NG; each device has its own."""
    bench = Bench(learn=5)
    learning = [bench.window(sound(seed)) for seed in range(5)]
    assert {it.judgement for it in learning} == {Judgement.INDETERMINATE}
    assert all(it.reason.startswith("learning") and it.values for it in learning)
    assert bench.window(sound(6)).judgement is Judgement.OK
    assert bench.window(broken(7)).judgement is Judgement.NG
    assert bench.window(broken(7), device="gear").judgement is Judgement.INDETERMINATE
    assert bench.alarms() == []
    bench.harness.close()


def test_a_stated_limit_goes_before_a_learnt_one():
    """Who states a limit means it, also when the machine shook more while it was learnt."""
    bench = Bench(learn=5, limits={"rms": "0.5 g"})
    for seed in range(5):
        bench.window(sound(seed))
    assert bench.window(sound(6)).reason.startswith("rms ")
    bench.harness.close()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({}, "expected limits, learn or bearing"),
        ({"learn": 3}, "at least 5 windows"),
        ({"limits": {"rmss": "1 g"}}, "expected a feature"),
        ({"limits": {"rms": "0 g"}}, "above zero"),
        ({"limits": {"rms": "fast"}}, "expected a quantity"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, Any], problem: str):
    """Nothing to judge by, and what is no feature or no limit."""
    with pytest.raises(ValidationError, match=problem):
        VibrationFeatures.Settings.model_validate(settings)


def test_settings_read_back_the_same():
    """They travel as JSON to the process that runs the plugin."""
    settings = VibrationFeatures.Settings.model_validate({"limits": LIMITS})
    assert VibrationFeatures.Settings.model_validate(settings.model_dump(mode="json")) == settings


def test_a_sensor_that_it_does_not_hear_has_its_own_unit():
    """Two sensors, two plugins: each limit is held against the sensor that its plugin listens to."""
    settings = VibrationFeatures.Settings.model_validate({"limits": {"rms": "0.1 g"}})
    entry = PluginEntry("listen", "vibration-features", ("bearing",), settings.model_dump(mode="json"))
    devices = tuple(Device(name, "waveform-file", {"rate": "1000 Hz", "unit": unit})
                    for name, unit in (("volts", "V"), ("bearing", "g")))  # fmt: skip
    VibrationFeatures.check(settings, bare_cell(devices=devices, plugins=(entry,)))
    other = msgspec.structs.replace(entry, sources=("volts",))
    with pytest.raises(ConfigError, match=r"CELL-1195: .* as volts has it"):
        VibrationFeatures.check(settings, bare_cell(devices=devices, plugins=(other,)))


@pytest.mark.parametrize(("window", "fits"), [("32 ms", True), ("31 ms", False)])
def test_windows_that_nothing_can_be_said_of_are_refused_at_the_check(window: str, fits: bool):
    """Every window of the run would be INDETERMINATE; 32 samples are the fewest that are judged."""
    sensor = Device("bearing", "waveform-file", {"rate": "1000 Hz", "unit": "g", "window": window})
    settings = VibrationFeatures.Settings.model_validate({"limits": LIMITS})
    if fits:
        VibrationFeatures.check(settings, bare_cell(devices=(sensor,)))
        return
    with pytest.raises(ConfigError, match="CELL-1199: bearing: a window has 31 samples"):
        VibrationFeatures.check(settings, bare_cell(devices=(sensor,)))


@pytest.mark.parametrize(("limit", "fits"), [("1.5 g", True), ("1.5 mm/s", False), ("1.5", False)])
def test_units_are_compared_at_the_check(limit: str, fits: bool):
    """A limit in another unit than the sensor's is found before the cell runs."""
    cell = bare_cell(devices=(Device("bearing", "waveform-file", {"rate": "12000 Hz", "unit": "g"}),))
    settings = VibrationFeatures.Settings.model_validate({"limits": {"rms": limit, "kurtosis": 5}})
    if fits:
        VibrationFeatures.check(settings, cell)
        return
    with pytest.raises(ConfigError) as caught:
        VibrationFeatures.check(settings, cell)
    assert caught.value.code == "CELL-1195"
    assert "bearing" in str(caught.value)


SENSOR = {"rate": "12 kHz", "unit": "g", "window": "1 s"}


@pytest.mark.parametrize(
    ("sensor", "limit", "problem"),
    [
        ({}, "4.5 mm/s", ""),
        ({"unit": "m/s²"}, "4.5 mm/s", ""),
        ({}, "4.5 m/s", "CELL-1195: .*expected a value in 'mm/s'"),
        ({"unit": "mm/s"}, "4.5 mm/s", "CELL-1195: .*bearing measures 'mm/s', which is no acceleration"),
        ({"window": "0.1 s"}, "4.5 mm/s", "CELL-1199: .*windows of 1200 samples at 12000 Hz from bearing do not carry"),
        ({"rate": "200 Hz", "window": "4 s"}, "4.5 mm/s", "CELL-1199: .*windows of 800 samples at 200 Hz"),
    ],
)
def test_a_limit_of_the_velocity_needs_an_acceleration(sensor: dict[str, str], limit: str, problem: str):
    """The check says whether the sensor gives a velocity at all, and in which unit its limit is written."""
    cell = bare_cell(devices=(Device("bearing", "waveform-file", SENSOR | sensor),))
    settings = VibrationFeatures.Settings.model_validate({"limits": {"velocity_rms": limit}})
    if not problem:
        VibrationFeatures.check(settings, cell)
        return
    with pytest.raises(ConfigError, match=problem):
        VibrationFeatures.check(settings, cell)


def test_a_velocity_above_its_limit_is_ng():
    """A shake of 1 g at 50 Hz is 22 mm/s RMS: NG, with value, unit and limit."""
    bench = Bench(limits={"velocity_rms": "4.5 mm/s"})
    found = bench.window(np.sin(2 * np.pi * 50.0 * np.arange(1000) / RATE_HZ))
    assert found.judgement is Judgement.NG
    assert found.values["velocity_rms"] == pytest.approx(9806.65 / math.sqrt(2.0) / (2.0 * math.pi * 50.0), rel=2e-3)
    assert found.reason == f"velocity_rms {found.values['velocity_rms']:.4g} mm/s, limit 4.5"
    bench.harness.close()


def test_a_window_without_a_velocity_is_not_ok():
    """The last, short window of a recording: its limit asks for what it does not have. Other limits still count."""
    bench = Bench(limits={"velocity_rms": "4.5 mm/s", "kurtosis": 5})
    found = bench.window(sound()[:150])
    assert (found.judgement, found.reason) == (
        Judgement.INDETERMINATE, "no velocity_rms: 0.15 s at 1000 Hz in g do not carry it",
    )  # fmt: skip
    assert "rms" in found.values
    assert bench.window(broken()[:150]).judgement is Judgement.NG
    bench.harness.close()


def test_it_keeps_the_rules_of_the_sdk():
    """Ports, settings, messages, determinism, and no handler that blocks."""
    check_plugin(VibrationFeatures, {"limits": LIMITS})
