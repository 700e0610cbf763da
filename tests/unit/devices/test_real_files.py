"""Files that others have made: every image and every sample of them is handed out."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from cellctl.devices.folder import FolderCamera
from cellctl.devices.folder.settings import SUFFIXES, FolderCameraSettings
from cellctl.devices.waveform_file import WaveformFile
from cellctl.devices.waveform_file.settings import WaveformFileSettings
from cellctl.sdk import EndOfData

DATA = Path(os.environ.get("CELLCTL_DATA", ""))
STRIP, BEARINGS = DATA / "x_sdd" / "X-SDD" / "datas", DATA / "cwru_0hp_de12_f32"


def needs(folder: Path) -> pytest.MarkDecorator:
    """Skips where that folder is not there."""
    is_there = "CELLCTL_DATA" in os.environ and folder.is_dir()
    name = folder.relative_to(DATA).parts[0]
    return pytest.mark.skipif(not is_there, reason=f"CELLCTL_DATA does not name a folder with {name}")


@needs(STRIP)
def test_every_strip_image_is_one_frame_and_the_odd_one_says_so() -> None:
    """684 images in 7 folders; the one that is 130 pixels wide cannot be judged."""
    settings = FolderCameraSettings.model_validate({"path": str(STRIP), "size": [128, 128]})
    FolderCamera.check(settings)
    camera, buffer, faults, folders = FolderCamera("camera", settings), bytearray(128 * 128), [], Counter[str]()
    camera.open()
    try:
        while grab := camera.grab(memoryview(buffer), 1.0):
            folders[grab.origin.split("/")[0]] += 1
            if grab.fault:
                faults.append(grab.fault)
            else:
                assert np.frombuffer(buffer, np.uint8).std() > 0.0
    except EndOfData:
        pass
    on_disk = Counter(path.parent.name for path in STRIP.rglob("*") if path.suffix.lower() in SUFFIXES)
    assert folders == on_disk
    assert len(folders) == 7
    assert faults == ["128 × 130 pixels, expected 128 × 128"]


@needs(BEARINGS)
def test_every_sample_of_the_bearings_is_in_one_window() -> None:
    """The windows of all recordings, end to end, are the recordings."""
    settings = WaveformFileSettings.model_validate({"path": str(BEARINGS), "rate": "12 kHz"})
    sensor, found, faults = WaveformFile("bearing", settings), [], Counter[str]()
    buffer = bytearray(4 * sensor.open().samples)
    try:
        while grab := sensor.grab(memoryview(buffer), 1.0):
            found.append(np.frombuffer(buffer, np.float32, grab.samples).copy())
            faults[grab.fault.partition(":")[0]] += 1
    except EndOfData:
        pass
    stored = [np.load(path) for path in sorted(BEARINGS.glob("*.npy"), key=lambda path: path.name)]
    np.testing.assert_array_equal(np.concatenate(found), np.concatenate(stored))
    assert faults == {"": sum(len(it) // 12_000 for it in stored), "short": len(stored)}
