"""What lies on the web between blade and camera, as the plant reports it."""

from __future__ import annotations

from cellsim.render.field import ROWS, row_of
from cellsim.render.shapes import painted_rows
from cellsim.render.web_object import WebObject

_MARGIN_MM = 40.0
"""No object leaves pixels further than this before the place where it was made (clouds and halos included)."""


class Scene:
    """Objects on their way to the camera.

    Attributes:
        coated_mm: the plant has reported every object made up to here.
    """

    def __init__(self) -> None:
        self.coated_mm = 0.0
        self._things: list[WebObject] = []

    def add(self, thing: WebObject) -> None:
        """The plant made an object."""
        self._things.append(thing)

    def shorten(self, thing: WebObject) -> None:
        """An object that is still being made ends earlier than was said; others are not touched."""
        self._things = [thing if other.seed == thing.seed else other for other in self._things]

    def knows(self, first_row: int) -> bool:
        """Whether everything that a block shows has been reported."""
        return row_of(self.coated_mm - _MARGIN_MM) >= first_row + ROWS

    def over(self, first_row: int) -> list[WebObject]:
        """Objects of a block that begins at a material line; what lies before it is forgotten."""
        self._things = [thing for thing in self._things if painted_rows(thing)[1] > first_row]
        return [thing for thing in self._things if painted_rows(thing)[0] < first_row + ROWS]
