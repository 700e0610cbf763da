"""Finds and classifies objects on a moving web: one inspection per frame, images of the objects it reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from cellctl.builtin.recipe_models import RecipeModels
from cellctl.builtin.seeing import ImageBudget, lost_between, roi_image, whole_image
from cellctl.builtin.watched_cameras import WatchedCamera, WatchedCameras
from cellctl.clock import NS_PER_S
from cellctl.config.resolved import ResolvedCell
from cellctl.errors import EvidenceError
from cellctl.inspect import Eye, Pitch, Rules, Sight, Track
from cellctl.inspect.model_card import card_path, read_card
from cellctl.model.events import Alarm
from cellctl.model.frame import Frame
from cellctl.model.inspection import DefectObject, Inspection, Judgement, OpenObject, RoiImage
from cellctl.model.packml import CellState
from cellctl.model.web import Side, WebRef, WebSpan
from cellctl.sdk import Context, Input, Output, Plugin, PluginSettings, on
from cellctl.units import Fraction, Hertz, Metres, Millimetres, Seconds

_NUMBERS_PER_FRAME = 1000
"""Object numbers are frame id times this plus a count, so they stay unique when the inspector restarts."""


class WebInspector(Plugin):
    """Judges every frame of its cameras and reports the objects in it."""

    class Settings(PluginSettings):
        """What counts as a candidate, and how objects are reported."""

        contrast: Annotated[Fraction, Field(gt=0, lt=1, description="Deviation from the normal grey value")] = 0.2
        least_grey: Annotated[float, Field(ge=1, le=255, description="The same in grey values, at least")] = 12.0
        edge_tolerance: Annotated[
            Millimetres, Field(ge=0, le=5, description="A coated edge may move this far between two frames")
        ] = 0.3
        smallest: Annotated[Millimetres, Field(gt=0, description="Smallest diameter that is classified")] = 0.3
        reach: Annotated[Millimetres, Field(gt=0, description="Candidates this close are one object")] = 0.5
        report_length: Annotated[
            Metres, Field(gt=0, description="An object of this length is reported while still open")
        ] = 1.0
        reference_frames: Annotated[
            int, Field(ge=1, le=64, description="Frames looked at before the first is judged")
        ] = 4
        image_rate: Annotated[Hertz, Field(ge=0, description="Images of objects per second, at most")] = 5.0
        keep_every: Annotated[int, Field(ge=0, description="Every n-th whole frame is kept too; 0 for none")] = 0
        blind_after: Annotated[
            Seconds, Field(gt=0, description="Frames that cannot be judged for longer than this hold the cell")
        ] = 0.5

    frames = Input(Frame)
    state = Input(CellState)
    inspections = Output(Inspection)
    images = Output(RoiImage)
    alarms = Output(Alarm)

    def __init__(self, settings: Settings, context: Context) -> None:
        super().__init__(settings, context)
        self._rules = Rules(
            contrast=settings.contrast,
            least_grey=settings.least_grey,
            edge_tolerance_mm=settings.edge_tolerance,
            smallest_mm=settings.smallest,
            reach_mm=settings.reach,
            reference_blocks=settings.reference_frames,
        )
        self._budget = ImageBudget(settings.image_rate)

    @classmethod
    def check(cls, settings: Settings, cell: ResolvedCell) -> None:  # noqa: ARG003  # the signature is the base's
        """Load every recipe's classifier once; raises ConfigError CELL-1040 to CELL-1045 when one cannot be used."""
        RecipeModels(cell)

    @classmethod
    def reports(cls, settings: Settings, cell: ResolvedCell) -> frozenset[str] | None:  # noqa: ARG003  # as above
        """The classes of the classifiers of all recipes, by their cards; None without a model."""
        models = {recipe.model for recipe in (cell.recipe, *(it.recipe for it in cell.products)) if recipe.model}
        if not models:
            return None
        cards = [read_card(card_path(Path(model))) for model in models]
        return frozenset().union(*(frozenset(card.classes) - {card.background} for card in cards))

    def start(self) -> None:
        """Load the recipes' classifiers."""
        blind_after_ns = round(self.settings.blind_after * NS_PER_S)
        self._cameras = WatchedCameras(RecipeModels(self.cell), blind_after_ns, self.settings.reference_frames)

    @on(state)
    def change_state(self, state: CellState) -> None:
        """Learn which recipe's material comes next."""
        self._cameras.announce(state)

    @on(frames)
    def inspect(self, frame: Frame) -> None:
        """Judge one frame: exactly one inspection, whatever is wrong with it."""
        camera = self._cameras.of(frame.camera)
        lost, camera.before = lost_between(camera.before, frame), frame
        if camera.models.reached(frame.span.to_mm):
            camera.eye = None  # another product looks different: its normal grey is learnt anew
            camera.blindness.learn_again(self.settings.reference_frames)
        sight = self._look(frame, camera, follows=lost == 0)
        images: list[RoiImage] = []
        objects = tuple(self._report(track, frame, number, images) for number, track in enumerate(sight.objects))
        still = tuple(self._open(track, frame) for track in sight.long)
        self.inspections.send(
            Inspection(
                stamp=frame.stamp,
                trace=frame.trace,
                camera=frame.camera,
                frame_id=frame.frame_id,
                lost_frames=max(0, lost),
                span=frame.span,
                judgement=_judge(sight),
                reason=sight.reason,
                objects=objects,
                model=camera.models.current.hash,
                received_ns=frame.received_ns,
                judged_ns=self.clock.now_ns(),
                open=still,
                origin=frame.origin,
            )
        )
        for image in images:
            self.images.send(image)
        self._keep(frame)
        alarm = camera.blindness.see(frame, sight.reason)
        if alarm is not None:
            self.alarms.send(alarm)

    def _keep(self, frame: Frame) -> None:
        """Send every n-th frame whole; one whose pixels are not the camera's is no evidence."""
        every = self.settings.keep_every
        if not every or frame.frame_id % every or frame.fault:
            return
        try:
            with self.pixels(frame) as pixels:
                image = whole_image(pixels.tobytes(), frame)
        except EvidenceError:
            return  # its inspection says so already: it is INDETERMINATE
        self.images.send(image)

    def _look(self, frame: Frame, camera: WatchedCamera, *, follows: bool) -> Sight:
        if camera.eye is None:
            pitch = Pitch(frame.row_mm, frame.column_mm)
            report_length_m = self.settings.report_length
            camera.eye = Eye(frame.columns, pitch, self._rules, camera.models.current, report_length_m)
        if frame.fault:
            return camera.eye.miss(f"{frame.origin}: {frame.fault}" if frame.origin else frame.fault)
        try:
            with self.pixels(frame) as pixels:
                return camera.eye.look(pixels, frame.span.from_mm, follows=follows)
        except EvidenceError as error:
            return camera.eye.miss(str(error))

    def _report(self, track: Track, frame: Frame, number: int, images: list[RoiImage]) -> DefectObject:
        defect, side, probabilities = self._classify(track, frame.camera)
        s_mm, y_mm = track.centre_mm
        track.id = f"{frame.camera}-{frame.frame_id * _NUMBERS_PER_FRAME + number}"
        return DefectObject(
            id=track.id,
            defect=defect,
            confidence=max(probabilities),
            probabilities=probabilities,
            web=WebRef(s_mm, y_mm, side, frame.camera),
            span=WebSpan(*track.along),
            width_mm=track.across[1] - track.across[0],
            area_mm2=track.area_mm2,
            contrast=track.contrast,
            features=track.main.features,
            roi=self._image(track, frame, images),
            exposure_ns=frame.stamp.t_ns,
            first_line_ns=frame.first_line_ns,
        )

    def _classify(self, track: Track, camera: str) -> tuple[str, Side, tuple[float, ...]]:
        """Class, coated edge and probabilities of a classified object."""
        card = self._cameras.of(camera).models.current.card
        probabilities = tuple(track.probabilities.tolist()) if track.probabilities is not None else ()
        best = max(range(len(probabilities)), key=probabilities.__getitem__)
        is_edge = card.classes[best] in card.edge_classes
        side = (Side.LEFT if track.main.is_left else Side.RIGHT) if is_edge else Side.NONE
        return card.classes[best], side, probabilities

    def _open(self, track: Track, frame: Frame) -> OpenObject:
        """A long object as it stands at the end of this frame."""
        defect, side, probabilities = self._classify(track, frame.camera)
        web = WebRef(track.along[1], sum(track.across) / 2.0, side, frame.camera)
        return OpenObject(track.id, defect, max(probabilities), web, WebSpan(*track.along))

    def _image(self, track: Track, frame: Frame, images: list[RoiImage]) -> str:
        """Queue the image of an object's largest part and return its hash; nothing when the rate is used up."""
        image = track.main.image
        if image is None or not self._budget.take(frame.stamp.t_ns):
            return ""
        roi = roi_image(image.tobytes(), image.shape[0], image.shape[1], frame.stamp)
        images.append(roi)
        return roi.hash


def _judge(sight: Sight) -> Judgement:
    if sight.reason:
        return Judgement.INDETERMINATE
    return Judgement.NG if sight.objects or sight.is_defect_open else Judgement.OK
