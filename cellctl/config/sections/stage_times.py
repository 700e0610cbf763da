"""The file of measured stage times: how long a cell took, on one PC, from light to the value in force.

It is written by `cellctl times` from a finished run and read by the check, which holds it against the deadlines.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from pydantic import Field

from cellctl.config.checking.validation import Section
from cellctl.config.sections.contract import Day
from cellctl.units import Seconds

Stage = Literal["transfer", "inspect", "decide", "write"]
STAGES: tuple[Stage, ...] = ("transfer", "inspect", "decide", "write")
"""In order: exposure → frame received → judged → decided → first increment in force."""
ENOUGH = 100
"""Below so many values the 99th percentile is no more than the largest of them."""


class StageSection(Section):
    """One stage: its 99th percentile, and how many values that rests on."""

    p99: Annotated[Seconds, Field(ge=0, description="99 of 100 took no longer")]
    n: Annotated[int, Field(ge=1, description="Values measured")]


class StageTimesSection(Section):
    """What `cellctl times` writes."""

    pc: Annotated[str, Field(min_length=1, description="Name of the machine")]
    measured: Annotated[Day, Field(description="Day of the run")]
    run: Annotated[str, Field(description="Folder of the run")] = ""
    plugins: Annotated[dict[str, str], Field(description="Plugin → what it was, when the run was made")] = {}
    versions: Annotated[dict[str, str], Field(description="Distribution → version of the run")] = {}
    stages: dict[Stage, StageSection]


class StageTime(msgspec.Struct, frozen=True):
    """99th percentile of a stage in seconds, of `n` values."""

    p99_s: float
    n: int


class StageTimes(msgspec.Struct, frozen=True):
    """A file of measured times.

    Attributes:
        file: its path.
        pc: name of the machine.
        measured: day of the run, ISO 8601.
        plugins: plugin → what it was.
        versions: distribution → version.
        stages: stage → time.
    """

    file: str
    pc: str
    measured: str
    plugins: dict[str, str]
    versions: dict[str, str]
    stages: dict[str, StageTime]

    @property
    def total_s(self) -> float:
        """Sum of the percentiles: a cautious figure, as the stages are seldom slow together."""
        return sum(it.p99_s for it in self.stages.values())

    @property
    def largest(self) -> str:
        """The stage that takes longest."""
        return max(self.stages, key=lambda name: self.stages[name].p99_s)


def resolve_times(section: StageTimesSection, file: str) -> StageTimes:
    """The times in seconds."""
    return StageTimes(
        file=file, pc=section.pc, measured=section.measured.isoformat(), plugins=dict(section.plugins),
        versions=dict(section.versions),
        stages={name: StageTime(it.p99, it.n) for name, it in section.stages.items()},
    )  # fmt: skip
