"""A cell on files: everything is judged once or has a reason, nothing stops it, and it ends by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.system.conftest import ROOT, leftovers

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
GOOD_IMAGES, GOOD_WINDOWS = 40, 24


def fill(folder: Path) -> Path:
    """A cell's file with images and recordings, some of which are broken."""
    rng = np.random.default_rng(3)
    images, recordings = folder / "images", folder / "recordings"
    images.mkdir()
    recordings.mkdir()
    for number in range(GOOD_IMAGES):
        grey = np.clip(rng.normal(120, 25, (128, 128)), 0, 255).astype(np.uint8)
        Image.fromarray(grey).save(images / f"{number:03}.jpg")
    whole = (images / "000.jpg").read_bytes()
    (images / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (images / "text.jpg").write_text("this is no image")
    (images / "empty.jpg").write_bytes(b"")
    (images / "folder.jpg").mkdir()
    Image.new("L", (130, 128)).save(images / "wide.jpg")
    for number in range(3):
        np.save(recordings / f"{number}.npy", rng.normal(0, 0.1, 4000).astype(np.float32))
    broken = rng.normal(0, 0.1, 1100).astype(np.float32)
    broken[700] = np.nan
    np.save(recordings / "nan.npy", broken)
    (recordings / "text.npy").write_text("this is no array")
    (folder / "cell.yaml").write_text(CELL)
    return folder


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`cellctl run` on the cell, to its end."""
    command = [sys.executable, "-m", "cellctl", "run", str(folder / "cell.yaml"), "--out", str(folder / "run")]
    return subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False, timeout=90)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A run over all files, to its end."""
    folder = fill(tmp_path_factory.mktemp("files"))
    return folder, run(folder)


def records(folder: Path, kind: str) -> list[dict]:
    """Bodies of the records of one kind."""
    lines = (folder / "run" / "ledger.jsonl").read_text().splitlines()
    return [found["body"] for line in lines if (found := json.loads(line))["kind"] == kind]


def test_everything_is_judged_or_has_a_reason_and_the_cell_ends_by_itself(
    ended: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """Broken files do not stop it; counts add up, the summary names them, and the evidence holds."""
    folder, result = ended
    assert result.returncode == 0, result.stdout + result.stderr
    closed = records(folder, "run_closed")[0]
    frames, windows = closed["frames"]["camera"], closed["windows"]["bearing"]
    assert (frames["judged"], frames["lost"]) == ([[0, GOOD_IMAGES + 4]], [])
    assert (windows["judged"], windows["lost"]) == ([[0, GOOD_WINDOWS + 3]], [])
    assert sum(frames["counts"].values()) == GOOD_IMAGES + 5
    assert sum(windows["counts"].values()) == GOOD_WINDOWS + 4
    for said in ("text.jpg", "evidence holds", "camera: 45 judged", "bearing: 28 judged"):
        assert said in result.stdout
    assert leftovers(os.getpid()) == []


def test_each_broken_file_is_on_record_with_its_reason(
    ended: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """A person can find out later which file was not judged, and why."""
    folder, _ = ended
    doubts = [it for part in records(folder, "coverage") for it in part["indeterminate"]]
    said = {it.get("origin", ""): it["reason"] for it in doubts}
    for name, reason in (("truncated.jpg", "truncated"), ("text.jpg", "not an image"), ("empty.jpg", "empty file"),
                         ("folder.jpg", "a folder"), ("wide.jpg", "128 × 130 pixels")):  # fmt: skip
        assert reason in said[name]
    features = records(folder, "features")
    assert Counter(it["origin"] for it in features if it["judgement"] == "INDETERMINATE") == {
        "nan.npy": 2,
        "text.npy": 1,
    }
    reasons = " | ".join(it["reason"] for it in features)
    assert all(it in reasons for it in ("not finite: 1 of 500", "short: 100 of 500", "text.npy: cannot be read"))


def test_cell_with_a_device_that_goes_on_does_not_end_by_itself(tmp_path: Path) -> None:
    """The negative control: while one source still has something to give, the cell runs until its time is up."""
    folder = fill(tmp_path)
    text = (folder / "cell.yaml").read_text()
    (folder / "cell.yaml").write_text(text.replace("size: [128, 128]", "size: [128, 128], pace: 4 Hz"))
    result = run(folder, "--for", "6 s")
    assert result.returncode == 0, result.stdout + result.stderr
    closed = records(folder, "run_closed")[0]
    assert sum(closed["windows"]["bearing"]["counts"].values()) == GOOD_WINDOWS + 4
    assert 5 < sum(closed["frames"]["camera"]["counts"].values()) < GOOD_IMAGES
