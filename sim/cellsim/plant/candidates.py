"""The candidates of all fields, asked for in the order in which the web passes the place where each comes to be."""

from __future__ import annotations

from collections.abc import Iterator

from cellctl.model.web import Side
from cellsim.plant.defects import CLASSES
from cellsim.plant.field import CHUNK_MM, Candidate, DefectField

Key = tuple[str, Side]


class Station:
    """All fields whose defects come to be at one place behind the blade.

    Args:
        born_mm: that place.
        fields: by class and side.

    Attributes:
        next_mm: encoder position at which something may have to be decided next.
    """

    def __init__(self, born_mm: float, fields: dict[Key, DefectField]) -> None:
        self._born_mm = born_mm
        self._fields = fields
        self._chunk = -1
        self._queue: list[tuple[float, int, Key, Candidate]] = []
        self._place = 0
        self.next_mm = born_mm
        if not fields:
            self.next_mm = float("inf")

    def passed(self, encoder_mm: float) -> Iterator[tuple[Key, Candidate]]:
        """The candidates that have passed the place since the last call."""
        while self.next_mm <= encoder_mm:
            if self._place < len(self._queue):
                _, _, key, candidate = self._queue[self._place]
                self._place += 1
                self._look_ahead()
                yield key, candidate
            else:
                self._draw()

    def _draw(self) -> None:
        self._chunk += 1
        found = [
            (candidate.s_mm, number, key, candidate)
            for number, (key, field) in enumerate(self._fields.items())
            for candidate in field.chunk(self._chunk)
        ]
        found.sort(key=lambda entry: entry[:2])
        self._queue, self._place = found, 0
        self._look_ahead()

    def _look_ahead(self) -> None:
        if self._place < len(self._queue):
            self.next_mm = self._queue[self._place][0] + self._born_mm
        else:
            self.next_mm = (self._chunk + 1) * CHUNK_MM + self._born_mm


def stations(seed: int, ceilings: dict[Key, float]) -> list[Station]:
    """One station per place where a class of `ceilings` (highest rate per class and side, 1/m) comes to be."""
    places: dict[float, dict[Key, DefectField]] = {}
    for key, ceiling in ceilings.items():
        defect, side = key
        kind = CLASSES[defect]
        stream = kind.stream + (kind.sides.index(side))
        places.setdefault(kind.born_mm, {})[key] = DefectField(seed, stream, ceiling)
    return [Station(born_mm, fields) for born_mm, fields in sorted(places.items())]
