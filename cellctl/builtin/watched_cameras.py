"""What an inspector remembers of each camera that it hears: one camera's frames say nothing about another's."""

from __future__ import annotations

from cellctl.builtin.recipe_models import RecipeModels
from cellctl.builtin.seeing import Blindness
from cellctl.inspect import Eye
from cellctl.model.frame import Frame
from cellctl.model.packml import CellState


class WatchedCamera:
    """One camera.

    Attributes:
        models: which recipe's material it sees.
        blindness: whether anything can be made of its frames.
        before: its last frame; None before the first.
        eye: what the normal web looks like to it, for an inspector that learns that.
    """

    def __init__(self, models: RecipeModels, blindness: Blindness) -> None:
        self.models = models
        self.blindness = blindness
        self.before: Frame | None = None
        self.eye: Eye | None = None


class WatchedCameras:
    """All cameras that an inspector hears, by name, from their first frame on.

    Args:
        models: classifiers of the cell's recipes.
        blind_after_ns: frames that cannot be judged for longer than this are a fault.
        grace: frames that the reference needs.
    """

    def __init__(self, models: RecipeModels, blind_after_ns: int, grace: int) -> None:
        self._models = models
        self._blind_after_ns = blind_after_ns
        self._grace = grace
        self._cameras: dict[str, WatchedCamera] = {}

    def of(self, name: str) -> WatchedCamera:
        """That camera."""
        if name not in self._cameras:
            blindness = Blindness(self._blind_after_ns, self._grace)
            self._cameras[name] = WatchedCamera(self._models.for_camera(), blindness)
        return self._cameras[name]

    def announce(self, state: CellState) -> None:
        """Take the cell's state: it may name another product, and where its material begins."""
        self._models.announce(state)
        for camera in self._cameras.values():
            camera.models.announce(state)
