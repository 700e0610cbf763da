"""A cell of files in virtual time: it needs no world, is the same at every repetition, and ends with its last file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cellctl.clock import NS_PER_S
from cellctl.errors import ConfigError
from cellctl.model import Features, Inspection
from cellctl.runtime.loading import load_cell
from cellctl.runtime.lockstep import LockstepCell
from cellctl.runtime.lockstep.files import FileWorld

CELL = """\
version: 2
cell: {id: files}
recipes: {steel: {model: "cellctl:strip.onnx"}}
devices:
  camera: {driver: folder-camera, path: images, size: [128, 128]}
  bearing: {driver: waveform-file, path: recordings, rate: 1 kHz, window: 500 ms}
plugins:
  inspect: {use: strip-inspector, from: camera}
  listen: {use: vibration-features, from: bearing, limits: {kurtosis: 4}}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Six images, one of them broken, and two recordings of 2.5 windows."""
    rng = np.random.default_rng(5)
    (tmp_path / "images").mkdir()
    (tmp_path / "recordings").mkdir()
    for number in range(5):
        Image.fromarray(rng.integers(60, 200, (128, 128), np.uint8)).save(tmp_path / "images" / f"{number}.png")
    (tmp_path / "images" / "5.png").write_text("this is no image")
    for number in range(2):
        np.save(tmp_path / "recordings" / f"{number}.npy", rng.normal(0, 0.1, 1250))
    (tmp_path / "cell.yaml").write_text(CELL)
    return tmp_path / "cell.yaml"


def lockstep(config: Path) -> tuple[LockstepCell, list[Any]]:
    """The cell, run until it has nothing left to see, and what it said."""
    heard: list[Any] = []
    live = LockstepCell(load_cell(config, lockstep=True), listen=heard.append, in_memory=True)
    live.start()
    for _ in range(60):
        if live.exhausted:
            break
        live.run(0.5)
    live.stop()
    return live, heard


def of(heard: list[Any], kind: type[Any]) -> list[Any]:
    """Messages of one type."""
    return [message for message in heard if isinstance(message, kind)]


def test_every_file_is_judged_once_and_the_cell_ends(config: Path) -> None:
    """Frames and windows are those of the files, with their faults, and nothing is lost."""
    live, heard = lockstep(config)
    assert live.exhausted
    assert live.dropped == {}
    assert [it.origin for it in of(heard, Inspection)] == [f"{n}.png" for n in range(6)]
    assert [bool(it.reason) for it in of(heard, Inspection)][-1]
    windows = of(heard, Features)
    assert [(it.origin, it.samples) for it in windows] == [
        (f"{n}.npy", samples) for n in range(2) for samples in (500, 500, 250)
    ]
    assert [it.reason.partition(": ")[2][:5] for it in windows if it.samples == 250] == ["short", "short"]


def test_two_runs_are_the_same_to_the_last_bit(config: Path) -> None:
    """The head of the ledger does not depend on when or how fast the files were read."""
    first, second = lockstep(config)[0], lockstep(config)[0]
    assert first.head == second.head != ""


def test_a_changed_sample_is_another_run(config: Path) -> None:
    """The negative control: the head depends on what is in the files."""
    before = lockstep(config)[0].head
    samples = np.load(config.parent / "recordings" / "0.npy")
    samples[100] += 0.5
    np.save(config.parent / "recordings" / "0.npy", samples)
    assert lockstep(config)[0].head != before


def test_time_goes_by_the_pace_of_the_files(config: Path) -> None:
    """Windows are as far apart as they were recorded, and images as their pace says, without one 25 a second."""
    _, heard = lockstep(config)
    for messages, period_s in ((of(heard, Features), 0.5), (of(heard, Inspection), 0.04)):
        gaps = np.diff([it.stamp.t_ns for it in messages])
        assert set(gaps.tolist()) == {round(period_s * NS_PER_S)}
    config.write_text(CELL.replace("size: [128, 128]", "size: [128, 128], pace: 10 Hz"))
    gaps = np.diff([it.stamp.t_ns for it in of(lockstep(config)[1], Inspection)])
    assert set(gaps.tolist()) == {NS_PER_S // 10}


def test_a_camera_that_is_no_file_still_needs_a_world(config: Path) -> None:
    """What cannot be read again is not read in virtual time."""
    config.write_text(CELL.replace("driver: folder-camera, path: images, size: [128, 128]", "driver: sim-camera"))
    with pytest.raises(ConfigError, match="CELL-1080"):
        load_cell(config, lockstep=True)


class DeafWorld(FileWorld):
    """A world that has the cameras, and no sensor."""

    sensors: Any = property(lambda _self: dict)


def test_a_world_without_the_sensor_is_refused(config: Path) -> None:
    """A sensor that nobody measures for is named before time begins."""
    cell = load_cell(config, lockstep=True)
    with pytest.raises(ConfigError, match="CELL-1081: the world has no sensor 'bearing'"):
        LockstepCell(cell, world=DeafWorld(cell), in_memory=True)
