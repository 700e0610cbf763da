"""The web inspector in its harness: one inspection per frame, whatever the frame is like."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from cellctl.builtin import MODELS
from cellctl.builtin.web_inspector import WebInspector
from cellctl.config.resolved import GuardRules, Recipe, ResolvedCell, Web
from cellctl.errors import ConfigError, EvidenceError
from cellctl.model import Frame, Inspection, Judgement, Priority, Side, SlotRef, Stamp, WebSpan
from cellctl.testing import Harness
from cellsim.render import BLOCK_MM, COLUMN_MM, COLUMNS, ROW_MM, ROWS, WebObject, WebRenderer

BLOCK_NS = 25_600_000
SETTLED = 4
Pixels = npt.NDArray[np.uint8]


def cell(model: str = str(MODELS / "coating.onnx")) -> ResolvedCell:
    """A cell without plant: the inspector needs the recipe only."""
    return ResolvedCell(
        id="bench",
        path="X",
        mode="production",
        lot="L",
        seed=1,
        web=Web("plc.encoder", "plc.speed", "", {}),
        recipe=Recipe("P", 1.0, model, ""),
        devices=(),
        plugins=(),
        defects=(),
        loops=(),
        guard=GuardRules((), 0.5, 2.0, 0.5, {}),
    )


class Bench:
    """A camera and an inspector: renders a web and feeds it frame by frame."""

    def __init__(self, renderer: WebRenderer, **settings: Any) -> None:
        self.harness = Harness(WebInspector, settings, cell=cell())
        self.renderer = renderer
        self.objects: list[WebObject] = []
        self.next_id = 0

    def render(self) -> Pixels:
        """The block that the next frame shows."""
        pixels = self.renderer.render(self.next_id * ROWS, self.objects, t_s=self.next_id * 0.0256)
        return np.asarray(pixels)

    def frame(self, pixels: Pixels | None = None, camera: str = "cam") -> Inspection:
        """Feed the next frame and return its inspection."""
        number = self.next_id
        self.harness.frame_pixels = {number: self.render() if pixels is None else pixels}
        self.next_id += 1
        span = WebSpan(number * BLOCK_MM, (number + 1) * BLOCK_MM)
        message = Frame(
            stamp=Stamp((number + 1) * BLOCK_NS),
            camera=camera,
            frame_id=number,
            slot=SlotRef("pool", 0, 0, 0),
            rows=ROWS,
            columns=COLUMNS,
            first_line_ns=number * BLOCK_NS,
            span=span,
            row_mm=ROW_MM,
            column_mm=COLUMN_MM,
            received_ns=(number + 1) * BLOCK_NS + 1,
            trace=number,
        )
        before = len(self.inspections)
        self.harness.feed("frames", message)
        assert len(self.inspections) == before + 1
        return self.inspections[-1]

    def frames(self, count: int) -> list[Inspection]:
        """Feed several."""
        return [self.frame() for _ in range(count)]

    @property
    def inspections(self) -> list[Inspection]:
        """All that were sent."""
        return self.harness.sent("inspections")

    @property
    def images(self) -> list[Any]:
        """All images that were sent."""
        return self.harness.sent("images")

    @property
    def alarms(self) -> list[Any]:
        """All alarms that were sent."""
        return self.harness.sent("alarms")

    def put(
        self, defect: str, block: float, side: Side = Side.NONE, length_mm: float = 6.0, y_mm: float = 300.0
    ) -> None:
        """Place an object so that it begins `block` blocks along the web."""
        width_mm = {"coat_edge_spur": 3.0, "streak": 1.2, "dust": 0.5, "blotch": 20.0}.get(defect, 2.5)
        if defect == "coat_edge_spur":
            y_mm = 7.2 - width_mm / 2 if side is Side.LEFT else 607.2 + width_mm / 2
        self.objects.append(WebObject(defect, side, block * BLOCK_MM, length_mm, y_mm, width_mm, seed=17))


@pytest.fixture(scope="module")
def renderer() -> WebRenderer:
    """One web for all tests: making its texture takes a while."""
    return WebRenderer(77)


@pytest.fixture
def make_bench(renderer: WebRenderer) -> Iterator[Callable[..., Bench]]:
    """Makes benches with settings, and closes them."""
    with ExitStack() as stack:

        def make(**settings: Any) -> Bench:
            one = Bench(renderer, **settings)
            stack.callback(one.harness.close)
            return one

        yield make


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    """A bench whose reference has settled."""
    one = make_bench()
    one.frames(SETTLED)
    return one


def test_nothing_is_judged_before_the_reference_has_settled(make_bench):
    """The first frames are INDETERMINATE and say why; the next one is judged."""
    one = make_bench()
    first = one.frames(SETTLED)
    assert {frame.judgement for frame in first} == {Judgement.INDETERMINATE}
    assert first[0].reason == "reference not settled: block 1 of 4"
    assert one.frame().judgement is Judgement.OK


def test_a_clean_web_is_ok(bench):
    """Texture, noise, vignetting and wandering edges are normal."""
    assert {frame.judgement for frame in bench.frames(12)} == {Judgement.OK}


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_a_spur_is_reported_with_its_place(bench, side):
    """Class, side, position in material, and the exposure of the frame in which it closed."""
    bench.put("coat_edge_spur", 6.3, side)
    bench.frames(2)
    frame = bench.frame()
    assert frame.judgement is Judgement.NG
    (spur,) = frame.objects
    assert (spur.defect, spur.web.side) == ("coat_edge_spur", side)
    assert spur.confidence >= 0.85
    assert spur.web.s_mm == pytest.approx(6.3 * BLOCK_MM + 3, abs=1.5)
    assert spur.web.y_mm == pytest.approx(5.7 if side is Side.LEFT else 608.7, abs=1.0)
    assert spur.contrast < -0.3
    assert (spur.first_line_ns, spur.exposure_ns) == (6 * BLOCK_NS, 7 * BLOCK_NS)
    assert frame.span == WebSpan(6 * BLOCK_MM, 7 * BLOCK_MM)


@pytest.mark.parametrize("defect", ["streak", "agglomerate"])
def test_inner_objects_have_no_side(bench, defect):
    """What is not of an edge class belongs to no side, wherever it is."""
    bench.put(defect, 5.2, length_mm=40.0 if defect == "streak" else 2.5)
    found = [thing for frame in bench.frames(5) for thing in frame.objects]
    assert [(thing.defect, thing.web.side) for thing in found] == [(defect, Side.NONE)]


@pytest.mark.parametrize("defect", ["dust", "blotch"])
def test_harmless_things_are_passed_over(bench, defect):
    """Dust and faint clouds vanish: the frames are OK."""
    bench.put(defect, 5.4, length_mm=0.3 if defect == "dust" else 12.0)
    assert {frame.judgement for frame in bench.frames(4)} == {Judgement.OK}


def test_an_object_on_the_border_is_reported_in_the_next_frame(bench):
    """It is NG in both frames, reported once, with the exposure of the second."""
    bench.put("coat_edge_spur", 5.9, Side.LEFT)
    first, second, third = bench.frames(4)[1:]
    assert (first.judgement, first.objects) == (Judgement.NG, ())
    (spur,) = second.objects
    assert spur.exposure_ns == 7 * BLOCK_NS
    assert spur.length_mm == pytest.approx(6.0, abs=2.0)
    assert third.judgement is Judgement.OK


def test_a_long_streak_is_reported_once(make_bench):
    """One report at the report length while it is open, NG as long as it lasts, and no second report."""
    one = make_bench(report_length="100 mm")
    one.frames(SETTLED)
    one.put("streak", 5.0, length_mm=9 * BLOCK_MM)
    frames = one.frames(14)
    assert [len(frame.objects) for frame in frames].count(1) == 1
    assert sum(len(frame.objects) for frame in frames) == 1
    assert sum(frame.judgement is Judgement.NG for frame in frames) >= 8


def test_ids_are_unique(bench):
    """Two objects that close in one frame, and others in other frames, all have ids of their own."""
    for block in (5.3, 6.3, 7.3):
        bench.put("coat_edge_spur", block, Side.LEFT)
        bench.put("coat_edge_spur", block, Side.RIGHT)
    ids = [thing.id for frame in bench.frames(6) for thing in frame.objects]
    assert len(ids) == 6
    assert len(set(ids)) == 6
    assert all(name.startswith("cam-") for name in ids)


def test_an_image_has_the_hash_it_says(bench):
    """SHA-256 over rows, columns (little-endian) and pixels, and the object names it."""
    bench.put("agglomerate", 5.3, length_mm=2.5)
    found = [thing for frame in bench.frames(3) for thing in frame.objects]
    (image,) = bench.images
    head = image.rows.to_bytes(4, "little") + image.columns.to_bytes(4, "little")
    assert len(image.pixels) == image.rows * image.columns
    assert image.hash == hashlib.sha256(head + image.pixels).hexdigest() == found[0].roi


def test_images_are_limited_per_second(make_bench):
    """At one image per second the second object of the same second has none; its inspection is complete."""
    one = make_bench(image_rate="1 Hz")
    one.frames(SETTLED)
    for block in (5.3, 6.3):
        one.put("coat_edge_spur", block, Side.LEFT)
    found = [thing for frame in one.frames(4) for thing in frame.objects]
    assert [bool(thing.roi) for thing in found] == [True, False]
    assert len(one.images) == 1


def test_a_dark_frame_is_indeterminate(bench):
    """The lamp is off: no judgement, and the reason."""
    frame = bench.frame(bench.render() // 8)
    assert frame.judgement is Judgement.INDETERMINATE
    assert frame.reason.startswith("dark")


def test_a_black_frame_at_start_up_is_not_learnt(make_bench):
    """A camera that starts dark does not settle on darkness."""
    one = make_bench()
    for _ in range(6):
        assert one.frame(np.zeros((ROWS, COLUMNS), np.uint8)).reason.startswith("dark")
    assert one.frame().reason == "reference not settled: block 1 of 4"


def test_a_frozen_camera_is_indeterminate(bench):
    """The same pixels again are not a second look at the web; another block then is judged."""
    pixels = bench.render()
    assert bench.frame(pixels).judgement is Judgement.OK
    frozen = bench.frame(pixels.copy())
    assert (frozen.judgement, frozen.reason) == (
        Judgement.INDETERMINATE, "frozen: same content as the block before"
    )  # fmt: skip
    assert bench.frame().judgement is Judgement.OK


def dark(bench: Bench, count: int) -> None:
    """Feed frames without light."""
    for _ in range(count):
        assert bench.frame(np.zeros((ROWS, COLUMNS), np.uint8)).judgement is Judgement.INDETERMINATE


@pytest.mark.parametrize("reason", ["dark", "frozen"])
def test_a_blind_camera_holds_the_cell(bench, reason):
    """Half a second without a judged frame raises one alarm that holds the cell; the first judged frame ends it."""
    pixels = bench.render() if reason == "frozen" else np.zeros((ROWS, COLUMNS), np.uint8)
    for _ in range(20):
        bench.frame(pixels)
    assert bench.alarms == []
    for _ in range(10):
        assert bench.frame(pixels).reason.startswith(reason)
    (raised,) = bench.alarms
    assert (raised.id, raised.active, raised.holds) == ("camera.cam.blind", True, True)
    assert raised.priority is Priority.HIGH
    assert f"({reason}" in raised.text
    assert "Check its lamp" in raised.text
    bench.frame()
    assert [(alarm.id, alarm.active) for alarm in bench.alarms] == [
        ("camera.cam.blind", True), ("camera.cam.blind", False)
    ]  # fmt: skip


def test_how_long_blind_is_a_setting(make_bench):
    """With two seconds allowed, one second of darkness is no fault."""
    one = make_bench(blind_after="2 s")
    one.frames(SETTLED + 1)
    dark(one, 40)
    assert one.alarms == []
    dark(one, 45)
    assert [alarm.active for alarm in one.alarms] == [True]


def test_short_darkness_again_and_again_is_no_blindness(bench):
    """Negative control: stretches below the limit do not add up, because a judged frame lies between them."""
    for _ in range(4):
        dark(bench, 15)
        assert bench.frame().judgement is not Judgement.INDETERMINATE
    assert bench.alarms == []


def test_learning_the_reference_is_no_blindness(make_bench):
    """Sixty frames of start-up, longer than the limit, raise nothing."""
    one = make_bench(reference_frames=60)
    assert {frame.judgement for frame in one.frames(60)} == {Judgement.INDETERMINATE}
    assert one.frame().judgement is Judgement.OK
    assert one.alarms == []


def test_a_camera_that_starts_dark_is_blind(make_bench):
    """Start-up excuses the frames that the reference needs, not a camera that never shows the web."""
    one = make_bench()
    dark(one, 30)
    assert [alarm.active for alarm in one.alarms] == [True]


def test_a_web_that_stays_unlike_the_reference_is_never_ok(bench):
    """Half a metre of bare foil does not become the new normal; the coated web is OK again at once."""
    foil = np.random.default_rng(0).integers(140, 160, (40, ROWS, COLUMNS), dtype=np.uint8)
    assert {bench.frame(pixels).judgement for pixels in foil} == {Judgement.INDETERMINATE}
    assert bench.frame().judgement is Judgement.OK


def test_a_torn_frame_is_indeterminate(bench, monkeypatch):
    """The pool refuses the pixels: one inspection all the same, with the pool's reason; then life goes on."""

    @contextmanager
    def torn(frame: Frame) -> Iterator[Pixels]:
        raise EvidenceError("CELL-4001", f"frame {frame.frame_id} is torn")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(bench.harness, "pixels", torn)
        frame = bench.frame()
    assert frame.judgement is Judgement.INDETERMINATE
    assert "CELL-4001" in frame.reason
    assert bench.frame().judgement is Judgement.OK


def test_edges_that_wandered_during_a_long_gap_are_no_spurs(bench):
    """A metre, in which this web's edges move, was not seen: the next frame is judged by the edges as they are."""
    bench.next_id += 40
    assert {frame.judgement for frame in bench.frames(3)} == {Judgement.OK}


def test_a_frame_of_another_width_is_indeterminate(bench):
    """A camera that changed its geometry is not judged with the old reference."""
    frame = bench.frame(np.full((ROWS, COLUMNS // 2), 70, np.uint8))
    assert frame.judgement is Judgement.INDETERMINATE
    assert "columns" in frame.reason


def test_lost_frames_are_counted(bench):
    """A gap in the frame ids is told in the next inspection, and only there."""
    bench.next_id += 3
    assert [frame.lost_frames for frame in bench.frames(2)] == [3, 0]


def test_no_gap_no_lost_frames(bench):
    """Negative control: frames in a row lose none."""
    assert {frame.lost_frames for frame in bench.frames(3)} == {0}


def test_an_object_open_over_a_gap_is_dropped_and_said(bench):
    """Its end was not seen: no object is invented, and the frame after the gap is not OK."""
    bench.put("coat_edge_spur", 5.9, Side.LEFT)
    assert bench.frames(2)[1].judgement is Judgement.NG
    bench.next_id += 2
    frame = bench.frame()
    assert (frame.judgement, frame.objects) == (Judgement.INDETERMINATE, ())
    assert frame.reason.startswith("1 open object(s) dropped over a gap")
    assert bench.frame().judgement is Judgement.OK


def test_an_object_open_over_a_dark_frame_is_dropped_and_said(bench):
    """The same when the frame that should continue it cannot be judged."""
    bench.put("coat_edge_spur", 5.9, Side.LEFT)
    bench.frames(2)
    frame = bench.frame(bench.render() // 8)
    assert "1 open object(s) dropped over this block" in frame.reason


def test_a_gap_with_nothing_open_costs_no_judgement(bench):
    """Negative control: a lost frame alone does not make the next frame INDETERMINATE."""
    bench.next_id += 2
    assert bench.frame().judgement is Judgement.OK


def test_every_inspection_names_the_model(bench):
    """SHA-256 of the model file that judged it."""
    assert bench.frame().model == hashlib.sha256((MODELS / "coating.onnx").read_bytes()).hexdigest()


def test_an_unreadable_model_stops_the_start(bench):
    """No model, no inspector: one error that names the file."""
    bench.harness.cell = cell("gone.onnx")
    with pytest.raises(ConfigError, match=r"gone\.onnx: CELL-1040"):
        bench.harness.plugin.start()


def test_settings_survive_the_way_through_json():
    """What the resolved configuration stores gives the same settings again."""
    settings = WebInspector.Settings.model_validate({"smallest": "0.5 mm", "contrast": "25 %", "image_rate": "2 Hz"})
    assert WebInspector.Settings.model_validate(settings.model_dump(mode="json")) == settings


def test_two_cameras_each_have_their_own_reference(bench: Bench) -> None:
    """What the normal web looks like is learnt per camera: a brighter one beside it spoils nothing."""
    for _ in range(SETTLED):
        bench.frame()
    darker = bench.render() // 2
    found = [bench.frame(np.roll(darker, shift, axis=0), camera="other") for shift in range(SETTLED)]
    assert {it.reason.partition(":")[0] for it in found} == {"reference not settled"}
    assert bench.frame().judgement is Judgement.OK
    assert bench.frame(darker).reason.startswith("dark")
