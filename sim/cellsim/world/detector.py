"""A model of camera and inspector: inspections straight from the true objects.

What becomes of an object is decided by (seed, camera, object) alone, never by the order of calls: a line with a
loop and its twin without one are looked at by the same eyes.
"""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from cellctl.model import DefectObject, Inspection, Judgement, OpenObject, Side, Stamp, WebRef, WebSpan
from cellctl.sdk.world import Seen
from cellsim.plant.coater import Made
from cellsim.plant.defects import BOTH, CLASSES, DEFECT_NAMES
from cellsim.plant.objects import make_object
from cellsim.render.field import BLOCK_MM, FIELD_MM
from cellsim.render.web_object import HARMLESS, WebObject
from cellsim.world.eye import Exposure
from cellsim.world.settings import DetectorSettings

_HIT, _FALSE = 0xDE7, 0xFA15E
"""Keys of the two kinds of chance."""
_CHUNK_MM = 100_000.0
"""False objects are drawn for so much web at a time."""
_PER_FRAME = 1000
"""Object ids as the inspector forms them: frame id times this plus a count."""


@dataclass
class _Sight:
    """An object that will be reported, as what and how surely."""

    thing: WebObject
    defect: str
    confidence: float
    id: str = field(default="")


class DetectorEye:
    """Makes one inspection per block.

    Args:
        camera: device name.
        station_mm: where it stands, mm behind the blade; what arises behind it is not seen.
        settings: chances.
        seed: of the world.
        false_classes: what false objects are called when the settings do not say.
    """

    def __init__(
        self, camera: str, station_mm: float, settings: DetectorSettings, seed: int, false_classes: tuple[str, ...]
    ) -> None:
        self._camera = camera
        self._station_mm = station_mm
        self._settings = settings
        self._key = [seed, zlib.crc32(camera.encode())]
        self._names = settings.false_classes or false_classes or DEFECT_NAMES
        self._report_mm = settings.report_length * 1000.0
        self._ahead: list[_Sight] = []
        self._nearest_mm = math.inf
        self._false_from_mm = 0.0
        self.model = hashlib.sha256(settings.model_dump_json().encode()).hexdigest()

    def made(self, made: Made) -> None:
        """An object came to be: decide now whether and as what it will be reported."""
        thing = made.thing
        if thing.defect in HARMLESS or CLASSES[thing.defect].born_mm > self._station_mm:
            return
        settings = self._settings
        rng = np.random.default_rng([*self._key, _HIT, thing.seed])
        if rng.random() < settings.hit:
            called = self._called(thing.defect, rng.random())
            self._add(_Sight(thing, called, float(rng.beta(*settings.confidence))))

    def cleared(self, streak: WebObject) -> None:
        """A streak ended early."""
        for sight in self._ahead:
            if sight.thing.seed == streak.seed:
                sight.thing = streak

    def look(self, exposure: Exposure) -> Seen:
        """The inspection of the block that was just exposed."""
        to_mm = exposure.encoder_mm - self._station_mm
        from_mm = to_mm - BLOCK_MM
        while to_mm > self._false_from_mm:
            self._add_false()
        objects: tuple[DefectObject, ...] = ()
        still: tuple[OpenObject, ...] = ()
        judgement = Judgement.OK
        if self._nearest_mm < to_mm:
            objects, still, judgement = self._inspect(from_mm, to_mm, exposure)
        now_ns = exposure.last_line_ns
        return Seen(
            self._camera,
            Inspection(
                stamp=Stamp(now_ns), trace=exposure.block, camera=self._camera, frame_id=exposure.block, lost_frames=0,
                span=WebSpan(from_mm, to_mm), judgement=judgement, reason="", objects=objects, model=self.model,
                received_ns=now_ns, judged_ns=now_ns, open=still,
            ),
        )  # fmt: skip

    def _inspect(
        self, from_mm: float, to_mm: float, exposure: Exposure
    ) -> tuple[tuple[DefectObject, ...], tuple[OpenObject, ...], Judgement]:
        """What is reported in a block, which long objects go on behind it, and whether anything is there at all."""
        here = [sight for sight in self._ahead if sight.thing.from_mm < to_mm]
        is_open = any(sight.thing.to_mm > from_mm for sight in here)
        due = [sight for sight in here if not sight.id and self._is_due(sight.thing, to_mm)]
        due.sort(key=lambda sight: (sight.thing.from_mm, sight.thing.to_mm, sight.thing.seed))
        for number, sight in enumerate(due):
            sight.id = f"{self._camera}-{exposure.block * _PER_FRAME + number}"
        objects = tuple(self._object(sight, to_mm, exposure) for sight in due)
        still = tuple(self._open(sight, to_mm) for sight in here if sight.id and sight.thing.to_mm >= to_mm)
        self._ahead = [sight for sight in self._ahead if sight.thing.to_mm >= to_mm]
        self._nearest_mm = min((sight.thing.from_mm for sight in self._ahead), default=math.inf)
        return objects, still, Judgement.NG if objects or is_open else Judgement.OK

    def _is_due(self, thing: WebObject, to_mm: float) -> bool:
        """Closed within the block, or long enough to be reported while open."""
        return thing.to_mm < to_mm or to_mm - thing.from_mm >= self._report_mm

    def _object(self, sight: _Sight, to_mm: float, exposure: Exposure) -> DefectObject:
        thing = sight.thing
        end_mm = min(thing.to_mm, to_mm)
        return DefectObject(
            id=sight.id, defect=sight.defect, confidence=sight.confidence, probabilities=self._probabilities(sight),
            web=WebRef((thing.from_mm + end_mm) / 2.0, thing.y_mm, _side(sight), self._camera),
            span=WebSpan(thing.from_mm, end_mm), width_mm=thing.width_mm,
            area_mm2=thing.width_mm * (end_mm - thing.from_mm), contrast=0.0, features=(), roi="",
            exposure_ns=exposure.last_line_ns, first_line_ns=exposure.first_line_ns,
        )  # fmt: skip

    def _open(self, sight: _Sight, to_mm: float) -> OpenObject:
        web = WebRef(to_mm, sight.thing.y_mm, _side(sight), self._camera)
        return OpenObject(sight.id, sight.defect, sight.confidence, web, WebSpan(sight.thing.from_mm, to_mm))

    @staticmethod
    def _probabilities(sight: _Sight) -> tuple[float, ...]:
        """One per class of the line: the confidence, and the rest shared by all others."""
        rest = (1.0 - sight.confidence) / (len(DEFECT_NAMES) - 1)
        return tuple(sight.confidence if name == sight.defect else rest for name in DEFECT_NAMES)

    def _called(self, defect: str, chance: float) -> str:
        """The class that is reported for a true one."""
        for name, share in self._settings.confusion.get(defect, {}).items():
            chance -= share
            if chance < 0.0:
                return name
        return defect

    def _add(self, sight: _Sight) -> None:
        self._ahead.append(sight)
        self._nearest_mm = min(self._nearest_mm, sight.thing.from_mm)

    def _add_false(self) -> None:
        """Draw the false objects of the next chunk of web."""
        start_mm = self._false_from_mm
        self._false_from_mm += _CHUNK_MM
        for sight in self._false(start_mm):
            self._add(sight)

    def _false(self, start_mm: float) -> Iterator[_Sight]:
        rng = np.random.default_rng([*self._key, _FALSE, round(start_mm / _CHUNK_MM)])
        for _ in range(int(rng.poisson(self._settings.false * _CHUNK_MM / 1000.0))):
            defect = self._names[int(rng.integers(len(self._names)))]
            s_mm = start_mm + float(rng.random()) * _CHUNK_MM
            side = BOTH[int(rng.integers(2))] if CLASSES[defect].sides == BOTH else Side.NONE
            thing = make_object(defect, s_mm, rng, side=side)
            length_mm = min(thing.length_mm, BLOCK_MM / 2.0)  # no artefact spans a block
            yield _Sight(replace(thing, length_mm=length_mm), defect, float(rng.beta(*self._settings.false_confidence)))


def _side(sight: _Sight) -> Side:
    """The coated edge that an object is reported at: its own, or the nearer one of what is taken for an edge's."""
    if CLASSES[sight.defect].sides != BOTH:
        return Side.NONE
    if sight.thing.side is not Side.NONE:
        return sight.thing.side
    return Side.LEFT if sight.thing.y_mm < FIELD_MM / 2.0 else Side.RIGHT
