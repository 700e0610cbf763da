"""The cell on real files: every image and every window is judged or has its reason, whatever lies between them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cellctl.evidence import verify_run
from tests.system.conftest import ROOT

CONFIG = ROOT / "configs" / "steel_strip.yaml"
DATA = Path(os.environ.get("CELLCTL_DATA", ""))
IMAGES, RECORDINGS = Path("x_sdd/X-SDD/datas"), Path("cwru_0hp_de12_f32")

pytestmark = pytest.mark.skipif(
    "CELLCTL_DATA" not in os.environ or not (DATA / IMAGES).is_dir() or not (DATA / RECORDINGS).is_dir(),
    reason="CELLCTL_DATA does not name a folder with x_sdd and cwru_0hp_de12_f32",
)


def run_cell(data: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """Run the cell to its end, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "cellctl", "run", str(CONFIG), "--data", str(data), "--out", str(out)],
        capture_output=True, text=True, check=False, timeout=110, cwd=out.parent,
    )  # fmt: skip


def ledger(out: Path) -> list[dict]:
    """All records of a run."""
    return [json.loads(line) for line in (out / "ledger.jsonl").read_text().splitlines()]


def of(records: list[dict], kind: str) -> list[dict]:
    """The bodies of one kind of records."""
    return [record["body"] for record in records if record["kind"] == kind]


def unjudged(records: list[dict], kind: str) -> dict[str, str]:
    """File → reason of what is INDETERMINATE."""
    found = {}
    for part in of(records, kind):
        for doubt in part["indeterminate"]:
            name, _, reason = doubt["reason"].partition(": ")
            found[name] = reason
    return found


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A few real images of each class, and one real recording."""
    root = tmp_path_factory.mktemp("few")
    for folder in sorted((DATA / IMAGES).iterdir()):
        (root / IMAGES / folder.name).mkdir(parents=True)
        for path in sorted(folder.iterdir())[:6]:
            shutil.copy(path, root / IMAGES / folder.name)
    (root / RECORDINGS).mkdir()
    shutil.copy(DATA / RECORDINGS / "1797_Normal.npy", root / RECORDINGS / "a_normal.npy")
    return root


def break_some(root: Path) -> tuple[set[str], set[str]]:
    """Put broken files among the sound ones; returns their names as messages have them."""
    folder = root / IMAGES / "red iron"
    whole = next(path for path in sorted(folder.iterdir()) if path.suffix == ".jpg").read_bytes()
    (folder / "0000_truncated.jpg").write_bytes(whole[: len(whole) // 3])
    (folder / "0001_text.jpg").write_text("this is no image\n")
    (folder / "0002_empty.jpg").write_bytes(b"")
    (folder / "0003_dir.jpg").mkdir()
    Image.fromarray(np.zeros((128, 128), np.uint16)).save(folder / "0004_16bit.png")
    Image.new("L", (128, 131)).save(folder / "0005_size.png")
    (folder / "0006_loop.jpg").symlink_to("0006_loop.jpg")
    images = {f"red iron/{path.name}" for path in folder.glob("000*")}
    samples = np.load(root / RECORDINGS / "a_normal.npy")[:24_000].copy()
    samples[3] = np.nan
    np.save(root / RECORDINGS / "b_nan.npy", samples)
    (root / RECORDINGS / "c_empty.npy").write_bytes(b"")
    (root / RECORDINGS / "d_text.npy").write_text("no numbers\n")
    np.save(root / RECORDINGS / "e_objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.save(root / RECORDINGS / "f_short.npy", np.zeros(5, np.float32))
    return images, {f"{name}.npy" for name in ("b_nan", "c_empty", "d_text", "e_objects", "f_short")}


def test_every_real_file_is_judged(tmp_path):
    """All images and recordings: counts add up to the files, the evidence holds, two loops gave their advice."""
    done = run_cell(DATA, tmp_path / "run")
    assert done.returncode == 0, done.stdout + done.stderr
    records = ledger(tmp_path / "run")
    files = [path for path in (DATA / IMAGES).rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"}]
    closed = of(records, "run_closed")[0]
    assert closed["frames"]["strip_camera"]["judged"] == [[0, len(files) - 1]]
    assert closed["frames"]["strip_camera"]["lost"] == closed["windows"]["bearing"]["lost"] == []
    windows = sum(-(-np.load(path, mmap_mode="r").size // 12_000) for path in (DATA / RECORDINGS).glob("*.npy"))
    assert sum(closed["windows"]["bearing"]["counts"].values()) == windows
    assert {body["loop"] for body in of(records, "advice")} == {"descaling", "guides"}
    named = {(body["origin"][5:].partition("_")[0][:2], body["bearing"]) for body in of(records, "features")}
    assert {it for it in named if it[1]} == {("OR", "BPFO"), ("IR", "BPFI"), ("B", "2xBSF")}
    assert verify_run(tmp_path / "run").ok
    assert (tmp_path / "run" / "report.html").is_file()
    for word in ("684 judged", f"{windows} judged", "lines of the bearing: ", "evidence holds", "written: "):
        assert word in " ".join(done.stdout.split())


def test_broken_files_are_counted_and_stop_nothing(few, tmp_path):
    """A truncated image, text named .jpg, NaN in a recording and worse: each INDETERMINATE under its own name."""
    root = tmp_path / "data"
    shutil.copytree(few, root)
    images, recordings = break_some(root)
    done = run_cell(root, tmp_path / "run")
    assert done.returncode == 0, done.stdout + done.stderr
    records = ledger(tmp_path / "run")
    doubts = unjudged(records, "coverage")
    assert images <= set(doubts)
    assert all(doubts.values())
    frames = of(records, "run_closed")[0]["frames"]["strip_camera"]
    sound = [path for path in (few / IMAGES).rglob("*") if path.is_file()]
    assert sum(frames["counts"].values()) == len(sound) + len(images)
    assert frames["judged"] == [[0, len(sound) + len(images) - 1]]
    assert len(of(records, "object")) == frames["counts"]["NG"]
    assert recordings <= set(unjudged(records, "windows"))
    judged = Counter(body["judgement"] for body in of(records, "features") if body["origin"] == "b_nan.npy")
    assert judged == {"INDETERMINATE": 1, "OK": 1}
    assert verify_run(tmp_path / "run").ok


def test_sound_files_have_no_fault(few, tmp_path):
    """Negative control: without broken files only what is unsure or short is INDETERMINATE."""
    done = run_cell(few, tmp_path / "run")
    assert done.returncode == 0, done.stdout + done.stderr
    records = ledger(tmp_path / "run")
    assert [reason for reason in unjudged(records, "coverage").values() if not reason.startswith("unsure")] == []
    assert [reason for reason in unjudged(records, "windows").values() if not reason.startswith("short")] == []
    assert verify_run(tmp_path / "run").ok


def test_held_out_images_are_recognised():
    """The model that ships is right about the images that it has not seen, as its card says, and not by chance."""
    pytest.importorskip("sklearn", reason="the extra `train` is not installed")
    from cellctl.builtin import MODELS
    from cellctl.inspect import load_classifier
    from cellctl.training.train import assess

    classifier = load_classifier(MODELS / "strip.onnx", images=True)
    found = assess(classifier, DATA / IMAGES)["held_out"]
    stated = classifier.card.metrics["held_out"]
    assert found["images"] == stated["images"]
    assert found["accuracy"] == pytest.approx(stated["accuracy"], abs=0.02)
