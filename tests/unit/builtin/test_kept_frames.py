"""Every n-th whole frame is kept as evidence, and the ledger says which one an image shows."""

from __future__ import annotations

import msgspec
import numpy as np

from cellctl.evidence import LEDGER_FILE, FileStore, MemoryStore, RecordKind, verify_run
from cellctl.evidence.chain import read_chain
from cellctl.model import WebSpan
from cellctl.model.inspection import WholeFrame
from cellsim.render import COLUMNS, ROWS, WebRenderer
from tests.unit.builtin.test_web_inspector import Bench
from tests.unit.evidence.builders import make_image, record_a_run, start_recorder, write_journal


def test_every_third_frame_is_sent_whole():
    """Frames 0, 3, 6 of eight; each image has every pixel of its frame and names it."""
    bench = Bench(WebRenderer(seed=3), keep_every=3)
    shown = {}
    for number in range(8):
        pixels = bench.render()
        shown[number] = pixels.copy()
        bench.frame(pixels)
    whole = [it for it in bench.images if it.whole is not None]
    assert [it.whole.frame_id for it in whole] == [0, 3, 6]
    for image in whole:
        pixels = np.frombuffer(image.pixels, np.uint8).reshape(ROWS, COLUMNS)
        assert np.array_equal(pixels, shown[image.whole.frame_id])
    bench.harness.close()


def test_without_the_setting_no_frame_is_kept():
    """The negative control: by default a clean web leaves no image."""
    bench = Bench(WebRenderer(seed=3))
    bench.frames(8)
    assert bench.images == []
    bench.harness.close()


def test_a_kept_frame_is_on_record_and_must_stay(tmp_path):
    """The record names camera, frame, material and image; without the image the run's evidence does not hold."""
    harness = start_recorder(FileStore(tmp_path))
    record_a_run(harness)
    image = msgspec.structs.replace(make_image(3), whole=WholeFrame("wet_camera", 40, WebSpan(100.0, 125.6)))
    harness.feed("images", image)
    write_journal(tmp_path)
    harness.close()
    kept = [it.body for it in read_chain(tmp_path / LEDGER_FILE) if it.kind == RecordKind.FRAME_KEPT]
    span = {"from_mm": 100.0, "to_mm": 125.6}
    assert kept == [{"camera": "wet_camera", "frame_id": 40, "span": span, "roi": image.hash}]
    assert verify_run(tmp_path).ok
    (tmp_path / "images" / f"{image.hash}.png").unlink()
    assert not verify_run(tmp_path).ok


def test_whole_frames_that_wait_are_bounded():
    """While storage fails no more than sixteen whole frames wait in memory; what is dropped is on record later."""
    store = MemoryStore()
    harness = start_recorder(store)
    for number in range(20):
        whole = WholeFrame("wet_camera", number, WebSpan(0.0, 1.0))
        harness.feed("images", msgspec.structs.replace(make_image(number), whole=whole))
    harness.close()
    gaps = [it.body for it in store.records if it.kind == RecordKind.GAP]
    assert len(store.images) == 16
    assert gaps == [{"records": 0, "images": 4}]
