"""What a scenario plans along the web: episodes of a fault, single objects, regular patterns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from cellctl.model.web import Side
from cellsim.plant.constants import STRIP_MM, WET_CAMERA_MM
from cellsim.plant.defects import SPUR
from cellsim.render.field import BLOCK_MM


@dataclass(frozen=True)
class Episode:
    """A stretch of web with a hidden cause of one class: from `from_mm` up to `to_mm`.

    Attributes:
        side: of an edge spur; none for the other classes.
        deficit: how far off the hidden cause is: of the edge dam in steps of 5 % load, of craters and cracks in
            steps of 10 % of the dry rate of their zones; 0 where `factor` says it.
        defect: the class that it raises.
        factor: multiplies the rate whatever the actuators do (a burst of agglomerates).
    """

    side: Side
    from_mm: float
    to_mm: float
    deficit: float
    defect: str = "coat_edge_spur"
    factor: float = 1.0

    def covers(self, s_mm: float) -> bool:
        """Whether the cause stands at a material position."""
        return self.from_mm <= s_mm < self.to_mm


@dataclass(frozen=True)
class Planned:
    """One object at a known place."""

    defect: str
    s_mm: float
    side: Side = Side.NONE
    y_mm: float | None = None
    cause: str = "scripted"


@dataclass(frozen=True)
class Pattern:
    """One object every `every_mm`, each in the middle of a camera block, from `from_mm` up to `to_mm`.

    Attributes:
        sides: taken in turn.
    """

    defect: str
    every_mm: float
    from_mm: float
    to_mm: float
    sides: tuple[Side, ...]

    def between(self, start_mm: float, end_mm: float) -> Iterator[Planned]:
        """The objects whose centres lie in `[start_mm, end_mm)`."""
        first = max(0, math.floor((start_mm - self.from_mm - BLOCK_MM) / self.every_mm))
        last = math.ceil((min(end_mm, self.to_mm) - self.from_mm + BLOCK_MM) / self.every_mm)
        for number in range(first, last + 1):
            nominal_mm = self.from_mm + number * self.every_mm
            s_mm = block_centre_mm(nominal_mm)
            if start_mm <= s_mm < end_mm and nominal_mm < self.to_mm:
                yield Planned(self.defect, s_mm, self.sides[number % len(self.sides)], cause="pattern")


def block_centre_mm(s_mm: float) -> float:
    """Material position of the middle of the camera block that sees `s_mm`.

    Blocks lie on a fixed grid of the encoder: block n holds the lines from encoder position `n·BLOCK_MM` on.
    """
    block = math.floor((s_mm + WET_CAMERA_MM) / BLOCK_MM)
    return (block + 0.5) * BLOCK_MM - WET_CAMERA_MM


class Schedule:
    """All plans of a scenario, asked strip by strip."""

    def __init__(
        self, episodes: tuple[Episode, ...] = (), objects: tuple[Planned, ...] = (), patterns: tuple[Pattern, ...] = ()
    ) -> None:
        self.episodes = episodes
        self._patterns = patterns
        self.is_empty = not objects and not patterns
        self._objects: dict[int, list[Planned]] = {}
        for planned in objects:
            self._objects.setdefault(math.floor(planned.s_mm / STRIP_MM), []).append(planned)

    def deficit(self, side: Side, s_mm: float) -> float:
        """Deficit of a side's edge dam where the web is coated at `s_mm`: the worst of all episodes."""
        running = (e.deficit for e in self.episodes if e.side is side and e.defect == SPUR and e.covers(s_mm))
        return max(running, default=0.0)

    def planned(self, strip: int) -> list[Planned]:
        """The planned objects centred (a streak: beginning) in a strip."""
        start_mm, end_mm = strip * STRIP_MM, (strip + 1) * STRIP_MM
        found = list(self._objects.get(strip, ()))
        for pattern in self._patterns:
            found.extend(pattern.between(start_mm, end_mm))
        return found
