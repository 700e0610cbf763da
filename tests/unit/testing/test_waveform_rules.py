"""`check_waveform` passes what keeps the contract of a sampled signal, and finds what does not."""

import time
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel, ConfigDict

from cellctl.errors import PlantError
from cellctl.sdk import Channel, WaveGrab
from cellctl.sdk.registry import find_camera, find_waveform
from cellctl.testing import WAVEFORM_RULES, NotConforming, check_camera, check_waveform


class Settings(BaseModel):
    """None."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Good:
    """A sensor in memory: windows of 32 samples."""

    Settings = Settings
    delivers = "waveforms"
    channel: Any = Channel(32, 1000.0, "g")
    samples = 32
    fault = ""

    def __init__(self, _name, _settings):
        self.last = -1
        self.is_open = False

    def open(self):
        self.is_open = True
        return self.channel

    def grab(self, buffer, _timeout_s):
        if not self.is_open:
            raise PlantError("CELL-2299", "it is not open")
        self.last += 1
        buffer[: self.written()] = bytes(self.written())
        now = time.monotonic_ns()
        return WaveGrab(self.last, self.samples, now - 10, now, fault=self.fault)

    def written(self):
        return 4 * self.samples

    def close(self):
        self.is_open = False


def driver(**members) -> Any:
    """A driver which differs from the good one in these members."""
    return type("Sensor", (Good,), {"__doc__": "Is a sensor.", **members})


def broken(**members):
    """The rules that it breaks."""
    with pytest.raises(NotConforming) as caught:
        check_waveform(driver(**members))
    assert {breach.rule for breach in caught.value.breaches} <= set(WAVEFORM_RULES)
    return {breach.rule for breach in caught.value.breaches}


def test_a_good_driver_passes():
    """Full windows, a short one, and one that says why it has no samples."""
    check_waveform(driver())
    check_waveform(driver(samples=20))
    check_waveform(driver(samples=0, fault="the cable is off"))


@pytest.mark.parametrize("channel", [None, Channel(0, 1000.0, "g"), Channel(32, 0.0, "g"), Channel(32, 1000.0, "")])
def test_a_wrong_channel(channel):
    """The host sizes its buffers by it, and the plugins compare its unit."""
    assert "open" in broken(channel=channel)


def test_samples_that_were_not_written():
    """Another window's samples would show through."""
    assert broken(written=lambda _: 64) == {"frames"}


def test_a_window_without_samples():
    """It must say why."""
    assert broken(samples=0) == {"frames"}


def test_the_drivers_that_read_files(tmp_path):
    """What we ask of others we keep: a folder of images, and a folder of recordings."""
    from PIL import Image

    (tmp_path / "images").mkdir()
    for grey in range(3):
        Image.fromarray(np.full((16, 64), grey, np.uint8)).save(tmp_path / "images" / f"{grey}.png")
    check_camera(find_camera("folder-camera"), {"path": str(tmp_path / "images"), "size": [16, 64]})
    (tmp_path / "waves").mkdir()
    np.save(tmp_path / "waves" / "a.npy", np.arange(3000, dtype=np.float32))
    check_waveform(find_waveform("waveform-file"), {"path": str(tmp_path / "waves"), "rate": "1 kHz", "window": "1 s"})
