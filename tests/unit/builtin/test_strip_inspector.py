"""The strip inspector in its harness: one inspection per frame, whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from cellctl.builtin import MODELS
from cellctl.builtin.strip_inspector import StripInspector
from cellctl.config.resolved import Recipe
from cellctl.errors import ConfigError, EvidenceError
from cellctl.model import Frame, Inspection, Judgement, Stamp, WebSpan
from cellctl.testing import Harness, bare_cell, check_plugin, example

PERIOD_NS = 100_000_000
SIZE = 128


def cell(model: str = "strip.onnx") -> Any:
    """A cell with nothing but a classifier."""
    return bare_cell(recipe=Recipe("steel", 1.0, str(MODELS / model), ""))


class Bench:
    """A camera that delivers images, and the inspector."""

    def __init__(self, **settings: Any) -> None:
        self.harness = Harness(StripInspector, {"least_confidence": 0.0} | settings, cell=cell())
        self.next_id = 0

    def frame(self, pixels: np.ndarray | None = None, **changes: Any) -> Inspection:
        """Feed the next frame and return its inspection."""
        number = changes.pop("frame_id", self.next_id)
        self.next_id = number + 1
        shown = surface(number) if pixels is None else pixels
        self.harness.frame_pixels = {number: shown}
        camera = changes.pop("camera", "cam")
        frame = example(
            Frame, stamp=Stamp((number + 1) * PERIOD_NS), camera=camera, frame_id=number, rows=SIZE, columns=SIZE,
            span=WebSpan(number * 64.0, (number + 1) * 64.0), row_mm=0.5, column_mm=0.5, trace=number, **changes,
        )  # fmt: skip
        before = len(self.harness.sent("inspections"))
        self.harness.feed("frames", frame)
        sent: list[Inspection] = self.harness.sent("inspections")
        assert len(sent) == before + 1
        return sent[-1]

    def alarms(self) -> list[tuple[str, bool]]:
        """What was raised and what ended."""
        return [(alarm.id, alarm.active) for alarm in self.harness.sent("alarms")]


def surface(seed: int) -> np.ndarray:
    """A grey surface with noise."""
    return np.random.default_rng(seed).normal(120, 12, (SIZE, SIZE)).clip(0, 255).astype(np.uint8)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.harness.close()


def test_an_image_is_one_object_over_all_of_it(bench: Bench):
    """NG, with one object of the likeliest class that covers the frame and carries its features."""
    seen = bench.frame(origin="a/1.png")
    (found,) = seen.objects
    assert seen.judgement is Judgement.NG
    assert (found.span, found.width_mm, found.area_mm2) == (seen.span, 64.0, 4096.0)
    assert (found.web.s_mm, found.web.y_mm) == (32.0, 32.0)
    assert found.confidence == max(found.probabilities)
    assert seen.origin == "a/1.png"


def test_the_image_is_the_evidence(bench: Bench):
    """The stored image is the frame's, and its hash is the object's."""
    pixels = surface(9)
    seen = bench.frame(pixels)
    (image,) = bench.harness.sent("images")
    assert image.pixels == pixels.tobytes()
    assert image.hash == seen.objects[0].roi


def test_images_are_sparing():
    """Not more images than `image_rate` in any second; the objects are reported all the same."""
    bench = Bench(image_rate="2 Hz")
    seen = [bench.frame() for _ in range(10)]
    assert [bool(it.objects[0].roi) for it in seen] == [True, True] + [False] * 8
    assert len(bench.harness.sent("images")) == 2
    bench.harness.close()


def test_a_file_that_could_not_be_read_is_indeterminate(bench: Bench):
    """The reason names the file; nothing is reported, and no zeros are taken for a picture."""
    seen = bench.frame(np.zeros((SIZE, SIZE), np.uint8), origin="b/2.jpg", fault="an empty file")
    assert (seen.judgement, seen.reason) == (Judgement.INDETERMINATE, "b/2.jpg: an empty file")
    assert seen.objects == ()


def test_what_is_unsure_is_indeterminate():
    """Below `least_confidence` nobody says NG or OK."""
    bench = Bench(least_confidence=0.999999)
    seen = bench.frame()
    assert seen.judgement is Judgement.INDETERMINATE
    assert seen.reason.startswith("unsure: ")
    assert bench.harness.sent("images") == []
    bench.harness.close()


def test_a_torn_slot_is_indeterminate(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    """Pixels that are not what the driver wrote are not judged."""

    @contextmanager
    def torn(_frame: Frame) -> Iterator[None]:
        raise EvidenceError("CELL-4001", "the slot was used again")
        yield

    monkeypatch.setattr(bench.harness, "pixels", torn)
    seen = bench.frame()
    assert seen.judgement is Judgement.INDETERMINATE
    assert "CELL-4001" in seen.reason


def test_lost_frames_are_counted(bench: Bench):
    """A gap in the numbers is on the inspection that follows it."""
    bench.frame()
    assert bench.frame(frame_id=4).lost_frames == 3


def test_two_cameras_do_not_count_each_others_frames(bench: Bench):
    """What one camera has delivered says nothing of what another one lost."""
    seen = [bench.frame(camera=name, frame_id=number) for name, number in (("a", 7), ("b", 0), ("a", 8), ("b", 2))]
    assert [it.lost_frames for it in seen] == [0, 0, 0, 1]


def test_a_camera_that_sees_does_not_hide_a_blind_one(bench: Bench):
    """The alarm names the one that cannot be judged, and stays while the other goes on."""
    for number in range(30):
        bench.frame(camera="good", frame_id=number)
        bench.frame(camera="dark", frame_id=number, fault="no light")
    assert bench.alarms() == [("camera.dark.blind", True)]


def test_a_blind_camera_holds_the_cell(bench: Bench):
    """Frames of which nothing can be made for more than 2 s raise a holding alarm; the next judged one ends it."""
    for _ in range(22):
        bench.frame(np.zeros((SIZE, SIZE), np.uint8))
    assert bench.alarms() == [("camera.cam.blind", True)]
    assert bench.harness.sent("alarms")[0].holds
    bench.frame()
    assert bench.alarms()[-1] == ("camera.cam.blind", False)


def test_a_classifier_that_is_unsure_is_not_blind():
    """Negative control: frames that were seen and not decided hold nothing."""
    bench = Bench(least_confidence=0.999999)
    for _ in range(40):
        bench.frame()
    assert bench.alarms() == []
    bench.harness.close()


def test_a_model_of_objects_is_refused_at_the_check():
    """`cellctl check` says which kind of model is needed."""
    with pytest.raises(ConfigError) as caught:
        StripInspector.check(StripInspector.Settings(), cell("coating.onnx"))
    assert caught.value.code == "CELL-1190"


def test_it_reports_the_classes_of_its_model():
    """What a loop may watch is what the card lists."""
    classes = StripInspector.reports(StripInspector.Settings(), cell())
    assert {"red_iron", "surface_scratch"} < classes
    assert len(classes) == 7


def test_it_keeps_the_rules_of_the_sdk():
    """Ports, settings, messages, determinism, and no handler that blocks."""
    check_plugin(StripInspector, cell=cell())
