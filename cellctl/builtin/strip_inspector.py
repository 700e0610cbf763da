"""Classifies whole images, such as of steel strip: one inspection per frame, and at most one object in it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from pydantic import Field

from cellctl.builtin.recipe_models import RecipeModels
from cellctl.builtin.seeing import ImageBudget, lost_between, roi_image
from cellctl.builtin.watched_cameras import WatchedCameras
from cellctl.clock import NS_PER_S
from cellctl.config.resolved import ResolvedCell
from cellctl.errors import EvidenceError
from cellctl.inspect import Classifier
from cellctl.inspect.strip.judge import Look, look
from cellctl.model.events import Alarm
from cellctl.model.frame import Frame
from cellctl.model.inspection import DefectObject, Inspection, Judgement, RoiImage
from cellctl.model.packml import CellState
from cellctl.model.web import Side, WebRef
from cellctl.sdk import Context, Input, Output, Pixels, Plugin, PluginSettings, on
from cellctl.units import Fraction, Hertz, Seconds


class StripInspector(Plugin):
    """Judges every frame as one image: NG with its class, OK, or INDETERMINATE with the reason.

    OK is said only by a model that has a class for good surface (`background` on its card). A model that was trained on
    defects alone calls every image a defect or is unsure of it; what is unsure is INDETERMINATE, never OK.
    """

    class Settings(PluginSettings):
        """When an image is judged, and which images are kept."""

        least_confidence: Annotated[
            Fraction,
            Field(ge=0, lt=1, description="Below it an image is INDETERMINATE, with the two likeliest classes"),
        ] = 0.5
        image_rate: Annotated[Hertz, Field(ge=0, description="Images that are kept per second, at most")] = 5.0
        blind_after: Annotated[
            Seconds, Field(gt=0, description="Images of which nothing can be made for longer than this hold the cell")
        ] = 2.0

    frames = Input(Frame)
    state = Input(CellState)
    inspections = Output(Inspection)
    images = Output(RoiImage)
    alarms = Output(Alarm)

    def __init__(self, settings: Settings, context: Context) -> None:
        super().__init__(settings, context)
        self._budget = ImageBudget(settings.image_rate)

    @classmethod
    def check(cls, settings: Settings, cell: ResolvedCell) -> None:  # noqa: ARG003  # the signature is the base's
        """Load every recipe's classifier once; raises ConfigError CELL-1040 to CELL-1045, CELL-1190."""
        RecipeModels(cell, images=True)

    @classmethod
    def reports(cls, settings: Settings, cell: ResolvedCell) -> frozenset[str]:  # noqa: ARG003  # the base's signature
        """The classes of the recipes' classifiers, without that of good surface."""
        return RecipeModels(cell, images=True).classes

    def start(self) -> None:
        """Load the recipes' classifiers."""
        blind_after_ns = round(self.settings.blind_after * NS_PER_S)
        self._cameras = WatchedCameras(RecipeModels(self.cell, images=True), blind_after_ns, grace=0)

    @on(state)
    def change_state(self, state: CellState) -> None:
        """Learn which recipe's material comes next."""
        self._cameras.announce(state)

    @on(frames)
    def inspect(self, frame: Frame) -> None:
        """Judge one frame: exactly one inspection, whatever is wrong with it."""
        camera = self._cameras.of(frame.camera)
        lost, camera.before = lost_between(camera.before, frame), frame
        camera.models.reached(frame.span.to_mm)
        seen, image = self._look(frame, camera.models.current)
        kept = image if image is not None and seen.defect and self._budget.take(frame.stamp.t_ns) else None
        self.inspections.send(
            Inspection(
                stamp=frame.stamp,
                trace=frame.trace,
                camera=frame.camera,
                frame_id=frame.frame_id,
                lost_frames=max(0, lost),
                span=frame.span,
                judgement=_judge(seen),
                reason=_reason(seen, frame),
                objects=(self._object(seen, frame, kept),) if seen.defect else (),
                model=camera.models.current.hash,
                received_ns=frame.received_ns,
                judged_ns=self.clock.now_ns(),
                origin=frame.origin,
            )
        )
        if kept is not None:
            self.images.send(kept)
        alarm = camera.blindness.see(frame, seen.reason if seen.is_blind else "")
        if alarm is not None:
            self.alarms.send(alarm)

    def _look(self, frame: Frame, classifier: Classifier) -> tuple[Look, RoiImage | None]:
        """What a frame shows, and its image where there is one to keep."""
        if frame.fault:
            return Look(frame.fault), None
        try:
            with self.pixels(frame) as pixels:
                seen = look(pixels, classifier, self.settings.least_confidence)
                return seen, _copy(pixels, frame) if seen.defect else None
        except EvidenceError as error:
            return Look(str(error)), None

    def _object(self, seen: Look, frame: Frame, kept: RoiImage | None) -> DefectObject:
        """The whole image as one object; it has no normal to differ from, so its contrast is 0."""
        width_mm = frame.columns * frame.column_mm
        length_mm = frame.span.to_mm - frame.span.from_mm
        middle_mm = (frame.span.from_mm + frame.span.to_mm) / 2.0
        return DefectObject(
            id=f"{frame.camera}-{frame.frame_id}",
            defect=seen.defect,
            confidence=max(seen.probabilities),
            probabilities=seen.probabilities,
            web=WebRef(middle_mm, width_mm / 2.0, Side.NONE, frame.camera),
            span=frame.span,
            width_mm=width_mm,
            area_mm2=width_mm * length_mm,
            contrast=0.0,
            features=seen.features,
            roi=kept.hash if kept is not None else "",
            exposure_ns=frame.stamp.t_ns,
            first_line_ns=frame.first_line_ns,
        )


def _judge(seen: Look) -> Judgement:
    if seen.reason:
        return Judgement.INDETERMINATE
    return Judgement.NG if seen.defect else Judgement.OK


def _reason(seen: Look, frame: Frame) -> str:
    """The reason with the file that it is about."""
    return f"{frame.origin}: {seen.reason}" if seen.reason and frame.origin else seen.reason


def _copy(pixels: Pixels, frame: Frame) -> RoiImage:
    image = roi_image(pixels.tobytes(), frame.rows, frame.columns, frame.stamp)
    return msgspec.structs.replace(image, trace=frame.trace)
