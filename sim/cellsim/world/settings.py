"""What `simulate: {world: {use: coater, …}}` may say."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cellctl.config.checking.validation import Section
from cellctl.errors import text
from cellctl.units import Fraction, Metres, PerMetre
from cellsim.plant.defects import DEFECT_NAMES

Eyes = Literal["detector", "rendered"]
Shape = Annotated[float, Field(gt=0)]


class DetectorSettings(Section):
    """A model of camera and inspector: it sees true objects with stated chances, and some that are not there."""

    hit: Annotated[Fraction, Field(ge=0, le=1, description="chance that a true object is reported")] = 0.95
    false: Annotated[PerMetre, Field(ge=0, description="objects reported that are not there, all classes")] = 0.002
    false_classes: Annotated[
        tuple[str, ...], Field(description="what false objects are called, each as often; the cell's defects if empty")
    ] = ()
    confusion: Annotated[
        dict[str, dict[str, Annotated[Fraction, Field(ge=0, le=1)]]],
        Field(description="true class → reported class → chance; the rest is reported as what it is"),
    ] = {}
    confidence: Annotated[tuple[Shape, Shape], Field(description="Beta distribution for true objects")] = (9.0, 1.0)
    false_confidence: Annotated[tuple[Shape, Shape], Field(description="the same for false ones")] = (3.0, 3.0)
    report_length: Annotated[Metres, Field(gt=0, description="longer objects are reported while still open")] = 1.0

    @model_validator(mode="after")
    def _chances_add_up(self) -> Self:
        for name, row in self.confusion.items():
            for known in (name, *row):
                if known not in DEFECT_NAMES:
                    raise ValueError(text("expected one of {choices}, got {got!r}", choices=", ".join(DEFECT_NAMES),
                                          got=known))  # fmt: skip
            if sum(row.values()) > 1.0 + 1e-9:
                raise ValueError(text("expected chances of {name} that add up to at most 1, got {total:g}", name=name,
                                      total=sum(row.values())))  # fmt: skip
        return self


class CoaterWorldSettings(Section):
    """The coating line, what goes wrong on it, and who looks at its web."""

    scenario: Annotated[str, Field(description="name of one that ships, or path of a YAML file")] = "quiet"
    seed: Annotated[
        int | None, Field(ge=0, lt=1 << 63, description="of everything random; the scenario's own without it")
    ] = None
    eyes: Annotated[
        Eyes | dict[str, Eyes],
        Field(description="detector: a model makes the inspections; rendered: blocks for the cell's own inspector"),
    ] = "detector"
    detector: DetectorSettings = DetectorSettings()
    sham: Annotated[bool, Field(description="set-points show in force, and the plant secretly stays at its recipe")] = (
        False
    )
    truth: Annotated[bool, Field(description="write every true object and episode to truth.jsonl")] = True

    def eyes_of(self, camera: str) -> Eyes:
        """Who looks through a camera."""
        return self.eyes if isinstance(self.eyes, str) else self.eyes.get(camera, "detector")
