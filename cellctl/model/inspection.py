"""What an inspection found in one frame: every frame has exactly one, also when nothing was there."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import msgspec

from cellctl.model.message import Egress, Message
from cellctl.model.web import WebRef, WebSpan


class Judgement(StrEnum):
    """The verdict on one frame; INDETERMINATE is never OK."""

    OK = "OK"
    NG = "NG"
    INDETERMINATE = "INDETERMINATE"


class DefectObject(msgspec.Struct, frozen=True):
    """One object on the web, reported once, in the frame in which it closed.

    Attributes:
        id: unique within the run, `<camera>-<number>`.
        defect: class name, for example `coat_edge_spur`.
        confidence: calibrated probability of `defect`.
        probabilities: one calibrated probability per class of the model, in the model card's order.
        web: centroid of the object.
        span: its first to last line on the material.
        width_mm: extent across the web.
        area_mm2: area of its pixels.
        contrast: mean deviation from the reference, as a fraction of it (dark is negative).
        features: the classifier's scalar features.
        roi: SHA-256 of its stored image, hex; empty when none was stored.
        exposure_ns: exposure of the last line of the block in which the object closed.
        first_line_ns: exposure of the first line of that block.
    """

    id: str
    defect: str
    confidence: float
    probabilities: tuple[float, ...]
    web: WebRef
    span: WebSpan
    width_mm: float
    area_mm2: float
    contrast: float
    features: tuple[float, ...]
    roi: str
    exposure_ns: int
    first_line_ns: int

    @property
    def length_mm(self) -> float:
        """Extent along the web, mm."""
        return self.span.to_mm - self.span.from_mm


class OpenObject(msgspec.Struct, frozen=True):
    """A long object that was reported and still goes on: it touches the last line of the frame.

    Attributes:
        id: as it was reported.
        defect: its most probable class, all parts considered.
        confidence: calibrated probability of `defect`.
        web: its last line on the material and its middle across the web.
        span: its first line, and the last line seen so far.
    """

    id: str
    defect: str
    confidence: float
    web: WebRef
    span: WebSpan

    @property
    def length_mm(self) -> float:
        """Extent along the web so far, mm."""
        return self.span.to_mm - self.span.from_mm


class Inspection(Message, frozen=True, kw_only=True):
    """The judgement of one frame and the objects that closed in it; `stamp` is the frame's.

    Attributes:
        camera: device name.
        frame_id: the judged frame.
        lost_frames: frames of this camera missing directly before this one.
        span: inspected material; it counts as exposure unless the judgement is INDETERMINATE.
        judgement: NG when at least one object closed here or is still open.
        reason: why the judgement is INDETERMINATE, else empty.
        objects: the objects that closed in this frame.
        model: SHA-256 of the classifier file, hex.
        received_ns: when the camera driver had the frame.
        judged_ns: when the judgement was made.
        open: long objects that were reported and go on beyond this frame.
        origin: where the frame was read from, a file's name; empty for a camera.
    """

    egress: ClassVar[Egress] = Egress.FEATURES

    camera: str
    frame_id: int
    lost_frames: int
    span: WebSpan
    judgement: Judgement
    reason: str
    objects: tuple[DefectObject, ...]
    model: str
    received_ns: int
    judged_ns: int
    open: tuple[OpenObject, ...] = ()
    origin: str = ""


class WholeFrame(msgspec.Struct, frozen=True):
    """Which frame an image shows whole: its camera, its number, and the material in it."""

    camera: str
    frame_id: int
    span: WebSpan


class RoiImage(Message, frozen=True, kw_only=True):
    """The pixels around one object, or a whole frame; they never leave the cell (`Egress.CELL_ONLY` by type).

    Attributes:
        hash: SHA-256 over `rows`, `columns` (each 4 bytes, little-endian) and the pixel bytes, hex.
        rows: lines along the web.
        columns: pixels across the web.
        pixels: uint8, row-major.
        whole: the frame that is kept whole; None for the image of an object.
    """

    hash: str
    rows: int
    columns: int
    pixels: bytes
    whole: WholeFrame | None = None
