"""What the YAML says of a folder of images that stands in for a camera."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cellctl.config.source.input_path import InputPath
from cellctl.devices.files import FileChoice
from cellctl.units import Hertz, Millimetres

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff")
MOST_PIXELS = 1 << 26
"""Largest frame, 64 megapixels: what a pool of a few frames can hold on a small PC."""

Side = Annotated[int, Field(ge=1, le=1 << 16)]


class FolderCameraSettings(BaseModel):
    """Images of a folder, handed out by name as one long web: laid end to end, each one frame."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Annotated[InputPath, Field(description="Image file, or folder with images")]
    pattern: Annotated[str, Field(description="Names that count, for example *_top.png; all images without")] = ""
    recursive: Annotated[bool, Field(description="Look into the folders below too")] = True
    size: Annotated[tuple[Side, Side], Field(description="Rows and columns of every frame")]
    other_size: Annotated[
        Literal["refuse", "pad", "crop"],
        Field(
            description="An image of another size: refuse says that it cannot be judged, pad sets a smaller one into "
            "the middle of black, crop takes the middle of a larger one"
        ),
    ] = "refuse"
    pixel: Annotated[Millimetres, Field(gt=0, description="Pitch of the pixels, along and across the web")] = 0.1
    pace: Annotated[Hertz | None, Field(gt=0, description="Frames per second; as fast as they are taken without")] = (
        None
    )

    @property
    def root(self) -> Path:
        """The file or folder."""
        return Path(self.path)

    @property
    def choice(self) -> FileChoice:
        """Which files count."""
        return FileChoice(SUFFIXES, self.pattern, self.recursive)
