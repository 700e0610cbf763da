"""Objects over block borders: parts that continue are one object, reported once.

An object closes in the first block in which it no longer touches the lower border. One that touches it closes in
the next block, even if nothing continues there. One that gets longer than the report length is reported while
still open, and not again.
"""

from __future__ import annotations

from collections.abc import Sequence

from cellctl.inspect.track import Extent, Part, Track

MOST_OPEN = 64
"""Open objects kept at a time, far more than a web that is being made can hold; the smallest are given up."""


class Tracker:
    """Follows the objects of one camera.

    Args:
        report_length_mm: an open object of this length is reported.
        reach_mm: parts whose columns are this close at the border are one object.
    """

    def __init__(self, report_length_mm: float, reach_mm: float) -> None:
        self._report_length_mm = report_length_mm
        self._reach_mm = reach_mm
        self._open: list[Track] = []

    @property
    def open(self) -> tuple[Track, ...]:
        """Objects that touch the lower border of the last block."""
        return tuple(self._open)

    def update(self, parts: Sequence[Part]) -> list[Track]:
        """Take the parts of the next block; returns the objects to report, in order of their first line."""
        reaching = [(track, track.bottoms) for track in self._open]
        for track in self._open:
            track.bottoms = []
        tracks = list(self._open)
        for part in parts:
            self._place(part, reaching, tracks)
        closed = [track for track in tracks if not track.bottoms and not track.is_reported]
        still = sorted((track for track in tracks if track.bottoms), key=lambda track: -track.area_mm2)
        self._open = still[:MOST_OPEN]
        long = [track for track in self._open if self._is_due(track)]
        for track in long:
            track.is_reported = True
        return sorted(closed + long, key=lambda track: track.along)

    def interrupt(self) -> None:
        """Forget the open objects: their continuation was not seen."""
        self._open = []

    def _place(self, part: Part, reaching: list[tuple[Track, list[Extent]]], tracks: list[Track]) -> None:
        """Add a part to the object that it continues, joining several if it continues several."""
        touched = [index for index, (_, bottoms) in enumerate(reaching) if self._continues(part, bottoms)]
        if not touched:
            tracks.append(Track(part))
            return
        track = reaching[touched[0]][0]
        track.add(part)
        for index in touched[1:]:
            other = reaching[index][0]
            if other is not track:
                track.join(other)
                tracks.remove(other)
                # Later parts that continue what was the other object belong to this one now.
                reaching[:] = [(track if one is other else one, ends) for one, ends in reaching]

    def _continues(self, part: Part, bottoms: list[Extent]) -> bool:
        top = part.top
        return top is not None and any(
            top[0] < right + self._reach_mm and left < top[1] + self._reach_mm for left, right in bottoms
        )

    def _is_due(self, track: Track) -> bool:
        return not track.is_reported and track.length_mm >= self._report_length_mm
