"""Counts the events of a test again, from the objects on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cellctl.config.resolved import Loop
from cellctl.evidence.canonical import restore
from cellctl.evidence.kinds import RecordKind
from cellctl.evidence.record import Record
from cellctl.model import Correction, DefectObject, Side, TransactionState

MARGIN_MM = 1000.0
"""At the end of the tested material: an object counts when its last block is judged, some blocks after its place."""


class Recount:
    """Remembers the objects by class, and which cameras saw the web."""

    def __init__(self) -> None:
        self._objects: dict[str, list[tuple[str, DefectObject]]] = defaultdict(list)
        self._cameras: set[str] = set()

    def see(self, record: Record) -> None:
        """Take one object or coverage record; msgspec.ValidationError when it cannot be read."""
        if record.kind == RecordKind.OBJECT:
            found = restore(record.body, DefectObject)
            self._objects[found.defect].append((str(record.body.get("camera")), found))
        if record.kind in {RecordKind.OBJECT, RecordKind.COVERAGE}:
            self._cameras.add(str(record.body.get("camera")))

    def faults(self, correction: Correction, loop: Loop) -> Iterator[str]:
        """Events that no object on record supports, and objects on record that the test left out.

        Exact at neither end of the material: an object near the verdict may have closed just before or just after it,
        so between the two counts both are possible. Where a loop listens to several cameras their metres add up,
        therefore the second count is made for one camera only.
        """
        if not correction.curve:
            return
        end = correction.curve[-1]
        places = self._counting(correction, loop)
        if end.events > len(places):
            yield f"its test counts {end.events} events, {len(places)} objects on record support it"
        sure_mm = correction.verify_from_mm + end.metres * 1000.0 - MARGIN_MM
        sure = sum(found.span.to_mm <= sure_mm for found in places)
        one_camera = len(self._cameras) == 1 or bool(loop.watch.camera)
        if one_camera and correction.verify_from_mm > 0.0 and end.events < sure:
            yield f"its test counts {end.events} events, {sure} objects on record lie in its material"

    def _counting(self, correction: Correction, loop: Loop) -> list[DefectObject]:
        """The objects that can count: class, edge, place, confidence, and seen before the verdict."""
        until_ns = correction.times_ns.get(TransactionState.EFFECTIVE, correction.stamp.t_ns)
        return [
            found
            for camera, found in self._objects[correction.defect]
            if loop.watch.camera in {"", camera}
            and loop.side in {Side.NONE, found.web.side}
            and found.web.s_mm >= correction.verify_from_mm
            and found.confidence >= loop.escalate.confidence
            and found.exposure_ns <= until_ns
        ]
