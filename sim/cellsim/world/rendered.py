"""Eyes for the cell's own inspector: blocks as the camera would deliver them."""

from __future__ import annotations

from cellctl.sdk.camera import Geometry, Grab
from cellctl.sdk.world import Block, Seen
from cellsim.camera.scene import Scene
from cellsim.plant.coater import Made
from cellsim.plant.objects import DRAWN
from cellsim.render.field import COLUMN_MM, COLUMNS, ROW_MM, ROWS, row_of
from cellsim.render.renderer import WebRenderer
from cellsim.render.web_object import WebObject
from cellsim.world.eye import Exposure

GEOMETRY = Geometry(ROWS, COLUMNS, ROW_MM, COLUMN_MM)


class RenderedEye:
    """Renders one block per exposure; classes that the renderer cannot draw leave no trace.

    Args:
        camera: device name.
        station_mm: where it stands, mm behind the blade.
        seed: of the web's looks.
    """

    def __init__(self, camera: str, station_mm: float, seed: int) -> None:
        self._camera = camera
        self._lead_rows = row_of(station_mm)
        self._scene = Scene()
        self._renderer = WebRenderer(seed)

    def made(self, made: Made) -> None:
        """An object came to be somewhere before the camera."""
        if made.thing.defect in DRAWN:
            self._scene.add(made.thing)

    def cleared(self, streak: WebObject) -> None:
        """A streak ended early."""
        self._scene.shorten(streak)

    def look(self, exposure: Exposure) -> Seen:
        """Render the block that was just exposed."""
        first_row = exposure.block * ROWS - self._lead_rows
        pixels = self._renderer.render(first_row, self._scene.over(first_row), t_s=exposure.since_start_s)
        grab = Grab(exposure.block, exposure.first_line_ns, exposure.last_line_ns, exposure.encoder_mm)
        return Seen(self._camera, Block(grab, pixels))
