"""Recordings in place of a sensor: every sample is in a window, whatever is wrong with a file."""

from __future__ import annotations

import math
import struct
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellctl.devices.waveform_file import WaveformFile
from cellctl.devices.waveform_file.driver import cut
from cellctl.devices.waveform_file.recording import read_recording
from cellctl.devices.waveform_file.settings import WaveformFileSettings
from cellctl.errors import ConfigError
from cellctl.sdk import EndOfData, WaveGrab

RATE = 10
WINDOW = 20


def make_settings(path: Path, **changes: Any) -> WaveformFileSettings:
    """Settings for that path: 10 Hz, windows of 2 s."""
    return WaveformFileSettings.model_validate({"path": str(path), "rate": "10 Hz", "window": "2 s", **changes})


def windows(path: Path, **changes: Any) -> list[tuple[WaveGrab, np.ndarray]]:
    """Everything that the sensor gives until its end."""
    sensor, found = WaveformFile("bearing", make_settings(path, **changes)), []
    buffer = bytearray(4 * sensor.open().samples)
    while True:
        try:
            grab = sensor.grab(memoryview(buffer), 0.1)
        except EndOfData:
            sensor.close()
            return found
        assert grab is not None
        found.append((grab, np.frombuffer(bytes(buffer), np.float32, grab.samples)))


def fault(path: Path, **changes: Any) -> str:
    """Why the one window could not be used."""
    ((grab, _),) = windows(path, **changes)
    return grab.fault


def write_wav(path: Path, samples: bytes, *, width: int = 2, channels: int = 1, rate: int = RATE) -> None:
    """A .wav file of these bytes."""
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(samples)


def test_recording_is_cut_into_windows_without_loss(tmp_path: Path) -> None:
    """All samples come once and in order; the rest is a window of its own that says it is short."""
    samples = np.arange(45, dtype=np.float32)
    np.save(tmp_path / "a.npy", samples)
    found = windows(tmp_path)
    assert [(it.window_id, it.samples, it.start_s) for it, _ in found] == [(0, 20, 0.0), (1, 20, 2.0), (2, 5, 4.0)]
    assert [it.fault for it, _ in found] == ["", "", "short: 5 of 20 samples, the recording ends here"]
    np.testing.assert_array_equal(np.concatenate([values for _, values in found]), samples)


def test_window_never_reaches_into_the_next_recording(tmp_path: Path) -> None:
    """Each file begins a window of its own; window numbers go on."""
    for name in ("b.npy", "a.npy"):
        np.save(tmp_path / name, np.zeros(30))
    found = [grab for grab, _ in windows(tmp_path)]
    assert [(it.window_id, it.origin, it.samples) for it in found] == [
        (0, "a.npy", 20),
        (1, "a.npy", 10),
        (2, "b.npy", 20),
        (3, "b.npy", 10),
    ]


def test_stamps_of_a_window_span_its_samples(tmp_path: Path) -> None:
    """From the first to the last of 20 samples at 10 Hz are 1.9 s."""
    np.save(tmp_path / "a.npy", np.zeros(20))
    ((grab, _),) = windows(tmp_path)
    assert grab.last_sample_ns - grab.first_sample_ns == 1_900_000_000


@given(samples=st.integers(1, 200), window=st.integers(1, 60), share=st.floats(0.01, 1.0))
def test_cut_covers_everything(samples: int, window: int, share: float) -> None:
    """Whole windows come at every step, and every sample is in one; none is empty."""
    step = max(1, round(share * window))
    parts = list(cut(samples, window, step))
    assert {n for start, end in parts for n in range(start, end)} == set(range(samples))
    whole = [part for part in parts if part[1] - part[0] == window]
    assert all(start == number * step for number, (start, _) in enumerate(whole) if (start, samples) != parts[-1])
    assert all(start < end for start, end in parts)


def test_overlapping_windows_share_samples(tmp_path: Path) -> None:
    """With half an overlap each window begins where the middle of the one before was."""
    np.save(tmp_path / "a.npy", np.arange(40.0))
    found = windows(tmp_path, overlap="50 %")
    assert [int(values[0]) for _, values in found] == [0, 10, 20]
    assert all(grab.fault == "" for grab, _ in found)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int16, np.int32, np.uint8])
def test_real_numbers_of_any_kind_are_scaled(tmp_path: Path, dtype: type[Any]) -> None:
    """Stored numbers times `scale` are the unit."""
    np.save(tmp_path / "a.npy", np.full(20, 3, dtype))
    ((_, values),) = windows(tmp_path, scale=0.5)
    np.testing.assert_array_equal(values, np.full(20, 1.5, np.float32))


def test_channel_is_a_column(tmp_path: Path) -> None:
    """Rows are samples, columns channels; one that is not there is a reason."""
    np.save(tmp_path / "a.npy", np.stack([np.zeros(20), np.ones(20)], axis=1))
    ((_, values),) = windows(tmp_path, channel=1)
    np.testing.assert_array_equal(values, np.ones(20))
    assert fault(tmp_path, channel=2) == "no channel 2: it has 2"


@pytest.mark.parametrize("text", ["t,x\n0,1.5\n", "t;x\n0;1,5\n", "t\tx\n0\t1.5\n", "\ufefft,x\n0,1.5\n\n"])
def test_csv_is_read_as_it_is_written_here_and_there(tmp_path: Path, text: str) -> None:
    """Comma, semicolon with decimal comma, tab; a row of names and empty lines do not count."""
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    ((grab, values),) = windows(tmp_path, channel=1)
    assert grab.samples == 1
    assert values[0] == 1.5


@pytest.mark.parametrize("text", ["nan\n1\n", "acc\nNaN\n1\n", ",2\n1,2\n"])
def test_first_sample_that_is_missing_is_no_row_of_names(tmp_path: Path, text: str) -> None:
    """A gap at the very start would else vanish, and the window be judged as if it were whole."""
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    ((grab, values),) = windows(tmp_path)
    assert grab.fault == "not finite: 1 of 2 samples, the first is number 0"
    assert values[1] == 1.0


def test_names_in_another_code_do_not_matter(tmp_path: Path) -> None:
    """Loggers write `m/s²` in the code page of their country."""
    (tmp_path / "a.csv").write_bytes("acc [m/s²]\n1.5\n2.5\n".encode("cp1252"))
    ((_, values),) = windows(tmp_path)
    np.testing.assert_array_equal(values, [1.5, 2.5])


def test_last_row_that_is_cut_off_spoils_only_itself(tmp_path: Path) -> None:
    """A logger that lost its power ends within a row; how columns are separated is seen in the others."""
    (tmp_path / "a.csv").write_text("t;x\n0;1,5\n1;2,5\n2", encoding="utf-8")
    ((grab, values),) = windows(tmp_path, channel=1)
    np.testing.assert_array_equal(values[:2], [1.5, 2.5])
    assert grab.fault == "not finite: 1 of 3 samples, the first is number 2"


def test_whole_numbers_with_two_names_are_two_columns(tmp_path: Path) -> None:
    """What would be doubtful without names is clear with them."""
    (tmp_path / "a.csv").write_text("t,x\n0,12\n1,13\n", encoding="utf-8")
    ((_, values),) = windows(tmp_path)
    np.testing.assert_array_equal(values, [0.0, 1.0])


def test_cell_without_a_number_is_a_gap_in_its_place(tmp_path: Path) -> None:
    """Text among numbers is NaN, which the window names; nothing moves up."""
    (tmp_path / "a.csv").write_text("\n".join(["1"] * 7 + ["broken"] + ["1"] * 12), encoding="utf-8")
    ((grab, values),) = windows(tmp_path)
    assert grab.fault == "not finite: 1 of 20 samples, the first is number 7"
    assert math.isnan(values[7])


def test_wav_full_scale_is_one(tmp_path: Path) -> None:
    """The largest negative number of 8, 16, 24 and 32 bits is −1."""
    lowest = {1: b"\x00", 2: b"\x00\x80", 3: b"\x00\x00\x80", 4: b"\x00\x00\x00\x80"}
    for width, sample in lowest.items():
        write_wav(tmp_path / "a.wav", sample * 20, width=width)
        ((grab, values),) = windows(tmp_path)
        assert (grab.fault, set(values.tolist())) == ("", {-1.0})


def test_wav_half_scale_in_24_bits(tmp_path: Path) -> None:
    """A positive number of 24 bits keeps its value: a quarter of full scale, and the smallest step."""
    write_wav(tmp_path / "a.wav", (b"\x00\x00\x20" + b"\x01\x00\x00") * 10, width=3)
    ((_, values),) = windows(tmp_path)
    assert values[:2].tolist() == [0.25, 2.0**-23]


def test_wav_of_another_rate_is_refused(tmp_path: Path) -> None:
    """Another rate than configured would shift every frequency."""
    write_wav(tmp_path / "a.wav", b"\x00\x00" * 20, rate=48_000)
    assert fault(tmp_path) == "recorded at 48000 Hz, expected 10 Hz"


def _pickled(path: Path) -> None:
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)


def _claims_much(path: Path) -> None:
    head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }"
    head += b" " * (117 - len(head)) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + b"\x00" * 400)


def _archive(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, a=np.zeros(20), b=np.zeros(20))


BROKEN: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "text": ("a.npy", lambda p: p.write_text("this is no array"), "cannot be read"),
    "empty": ("a.npy", lambda p: p.write_bytes(b""), "an empty file"),
    "folder": ("a.npy", lambda p: p.mkdir(), "a folder, not a file"),
    "link to itself": ("a.npy", lambda p: p.symlink_to(p.name), "cannot be read: Too many levels"),
    "pickle": ("a.npy", _pickled, "cannot be read: Object arrays cannot be loaded"),
    "complex": ("a.npy", lambda p: np.save(p, np.zeros(20, complex)), "numbers of type complex128, expected real"),
    "cube": ("a.npy", lambda p: np.save(p, np.zeros((2, 2, 2))), "an array of 3 dimensions"),
    "archive": ("a.npy", _archive, "several arrays in one file"),
    "no samples": ("a.npy", lambda p: np.save(p, np.zeros(0)), "no samples in it"),
    "claims much": ("a.npy", _claims_much, "cannot be read"),
    "words": ("a.csv", lambda p: p.write_text("a\nb\nc\n"), "no numbers in column 0"),
    "binary": ("a.csv", lambda p: p.write_bytes(b"\xff\xfe\x00\x81"), "no numbers in column 0"),
    "decimal comma or columns": ("a.csv", lambda p: p.write_text("1,5\n2,25\n"), "'1,5' may be one number or two"),
    "decimal comma below a name": ("a.csv", lambda p: p.write_text("acc\n1,5\n"), "'1,5' may be one number or two"),
    "header cut off": ("a.wav", lambda p: p.write_bytes(b"RIFF\x00\x01"), "cut off"),
    "no riff": ("a.wav", lambda p: p.write_text("this is no sound"), "cannot be read"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_recording_is_one_window_with_its_reason(tmp_path: Path, case: str) -> None:
    """Nothing that can lie in a folder raises; there are no samples to mistake for a measurement."""
    name, make, reason = BROKEN[case]
    make(tmp_path / name)
    ((grab, values),) = windows(tmp_path)
    assert grab.fault.startswith(reason)
    assert values.size == 0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e300])
def test_number_that_is_none_spoils_its_window_only(tmp_path: Path, bad: float) -> None:
    """NaN, infinities, and what float32 cannot hold: that window has a fault, the next one has none."""
    samples = np.zeros(40)
    samples[3] = bad
    np.save(tmp_path / "a.npy", samples)
    assert [grab.fault for grab, _ in windows(tmp_path)] == ["not finite: 1 of 20 samples, the first is number 3", ""]


def test_text_too_large_to_be_held_is_refused(tmp_path: Path) -> None:
    """A text of gigabytes is not read into memory: its size is enough to refuse it."""
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(5 << 30)
    assert "more than the 33554432 that are read" in fault(tmp_path)


def test_file_that_is_named_itself_must_be_a_recording(tmp_path: Path) -> None:
    """A path to another kind of file is a window with its reason."""
    (tmp_path / "a.txt").write_text("1\n2\n")
    assert fault(tmp_path / "a.txt") == "a recording ends in .npy, .csv, .wav"


def test_folder_without_recordings_is_refused_before_the_run(tmp_path: Path) -> None:
    """A sensor that would never give a window is a mistake of the configuration."""
    with pytest.raises(ConfigError, match="CELL-1172"):
        WaveformFile.check(make_settings(tmp_path))


def test_window_too_long_for_the_pool_is_refused_before_the_run(tmp_path: Path) -> None:
    """A window that no PC could hold is a mistake of the configuration."""
    np.save(tmp_path / "a.npy", np.zeros(20))
    with pytest.raises(ConfigError, match="CELL-1174"):
        WaveformFile.check(make_settings(tmp_path, rate="1 MHz", window="1 h"))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(suffix=st.sampled_from([".npy", ".csv", ".wav"]), content=st.binary(max_size=300), data=st.data())
def test_any_bytes_are_samples_or_a_reason(tmp_path: Path, suffix: str, content: bytes, data: st.DataObject) -> None:
    """Random bytes, and damaged whole files, never raise."""
    path = tmp_path / f"a{suffix}"
    if suffix == ".npy":
        np.save(path, np.zeros(4))
    elif suffix == ".wav":
        write_wav(path, b"\x00\x00" * 4)
    else:
        path.write_text("a;b\n1;2\n3;4\n")
    if data.draw(st.booleans()):
        whole = bytearray(path.read_bytes())
        places = st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255))
        for place, value in data.draw(st.lists(places, max_size=6)):
            whole[place] = value
        content = bytes(whole)
    path.write_bytes(content)
    found = read_recording(path, 0, RATE)
    assert bool(found.fault) == (found.samples.size == 0)
