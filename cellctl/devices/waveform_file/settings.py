"""What the YAML says of recordings that stand in for a sensor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from cellctl.config.source.input_path import InputPath
from cellctl.devices.files import FileChoice
from cellctl.units import Fraction, Hertz, Seconds

SUFFIXES = (".npy", ".csv", ".wav")
MOST_SAMPLES = 1 << 24
"""Largest window, 64 MiB."""


class WaveformFileSettings(BaseModel):
    """Recordings of one sensor, cut into windows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Annotated[InputPath, Field(description="Recording, or folder with recordings (.npy, .csv, .wav)")]
    pattern: Annotated[str, Field(description="Names that count, for example *_DE.npy; all recordings without")] = ""
    recursive: Annotated[bool, Field(description="Look into the folders below too")] = True
    rate: Annotated[Hertz, Field(gt=0, description="Samples per second of every recording")]
    unit: Annotated[str, Field(description="Unit of the samples")] = "g"
    scale: Annotated[
        float, Field(description="Factor from stored numbers to the unit; of a .wav, from its full scale")
    ] = 1.0
    channel: Annotated[int, Field(ge=0, description="Column of a recording with several, from 0")] = 0
    window: Annotated[Seconds, Field(gt=0, description="Length of one window")] = 1.0
    overlap: Annotated[Fraction, Field(ge=0, lt=1, description="Share of a window that the next one repeats")] = 0.0
    pace: Annotated[Hertz | None, Field(gt=0, description="Windows per second; as fast as they are taken without")] = (
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

    @property
    def samples(self) -> int:
        """Samples of a whole window."""
        samples: int = round(self.window * self.rate)
        return max(1, samples)

    @property
    def step(self) -> int:
        """Samples from the begin of one window to that of the next."""
        step: int = round(self.samples * (1.0 - self.overlap))
        return max(1, step)
