"""Scenarios: what the line makes, what goes wrong on it and where it listens; strict YAML."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from cellctl.config.checking.validation import Section, validate
from cellctl.config.source.document import Document, parse_yaml, read_yaml
from cellctl.errors import ConfigError, Where, text
from cellctl.model.web import Side
from cellctl.units import Metres, MetresPerSecond, Millimetres, PerMetre, Seconds
from cellsim.camera.faults import CameraFault, CameraFaults
from cellsim.fault_section import FaultSection
from cellsim.plant.coater_settings import CoaterSettings
from cellsim.plant.edge_dam import EdgeDam, deficit_for_rate
from cellsim.plant.schedule import Episode, Pattern, Planned, Schedule
from cellsim.plc.faults import PlcFaults
from cellsim.render.field import FIELD_MM
from cellsim.upsets import DisturbancesSection

_SIDES = {
    "left": (Side.LEFT,),
    "right": (Side.RIGHT,),
    "alternate": (Side.LEFT, Side.RIGHT),
    "none": (Side.NONE,),
}


def _end_is_infinite(value: object) -> object:
    return "1e9 m" if value == "end" else value


MetresOrEnd = Annotated[Metres, BeforeValidator(_end_is_infinite)]
"""A position along the web, or the word `end`."""
DefectName = Literal[
    "coat_edge_spur",
    "heavy_edge",
    "streak",
    "pinhole",
    "crater",
    "crack",
    "delamination",
    "agglomerate",
    "bare_foil",
    "metal_particle",
]
Port = Annotated[int, Field(ge=0, le=65535)]


class Listen(Section):
    """Where a server of the line listens; port 0 lets the system choose."""

    host: str = "127.0.0.1"
    port: Port = 0


class PlcFaces(Listen):
    """Where the PLC listens, and the name of its serial port (Modbus RTU on a pseudo-terminal), if it has one."""

    serial: Path | None = None


class Edge(Section):
    """Model of the edge dams: rate in control per side, and the highest rate as a multiple of it."""

    normal: Annotated[PerMetre, Field(gt=0)] = 0.01
    cap: Annotated[float, Field(ge=1, le=1000)] = 25.0


Rate = Annotated[PerMetre, Field(ge=0)]


class Background(Section):
    """Normal rates of all but the edge spurs, over all sides of a class; the camera draws the first four only."""

    streak: Rate = 0.002
    agglomerate: Rate = 0.002
    dust: Rate = 0.2
    blotch: Rate = 0.05
    heavy_edge: Rate = 0.0
    pinhole: Rate = 0.0
    crater: Rate = 0.0
    crack: Rate = 0.0
    delamination: Rate = 0.0
    bare_foil: Rate = 0.0
    metal_particle: Rate = 0.0


class EpisodeSection(Section):
    """A stretch of web with a hidden cause: give the `rate` at the recipe, or the hidden `deficit`."""

    defect: Literal["coat_edge_spur", "crater", "crack"]
    side: Literal["left", "right", "none"] = "none"
    start: Annotated[Metres, Field(alias="from", ge=0)]
    end: MetresOrEnd = Field(alias="to")
    rate: Annotated[PerMetre, Field(gt=0)] | None = None
    deficit: Annotated[float, Field(ge=0, le=3)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.rate is None) == (self.deficit is None):
            raise ValueError(text("expected either `rate` or `deficit`, got both or none"))
        if self.end <= self.start:
            raise ValueError(text("expected `to` to lie behind `from`"))
        if (self.side == "none") == (self.defect == "coat_edge_spur"):
            raise ValueError(
                text("expected `side: left` or `side: right` for an edge spur, and no side for other classes")
            )
        return self


class ScriptedSection(Section):
    """Single objects at given places."""

    defect: DefectName
    at: Annotated[list[Metres], Field(min_length=1)]
    side: Literal["left", "right", "alternate", "none"] = "none"
    y: Annotated[Millimetres, Field(ge=0, le=FIELD_MM)] | None = None


class PatternSection(Section):
    """One object in the middle of a camera block, again and again."""

    defect: Literal["coat_edge_spur", "agglomerate"]
    every: Annotated[Metres, Field(ge=0.06)]
    start: Annotated[Metres, Field(alias="from", ge=0)]
    end: MetresOrEnd = Field(alias="to")
    side: Literal["left", "right", "alternate", "none"] = "none"


class Scenario(Section):
    """One run of the simulated line."""

    seed: Annotated[int, Field(ge=0, lt=1 << 63)] = 1
    web_speed: Annotated[MetresPerSecond, Field(ge=0.1, le=1.67)] = 1.0
    duration: Annotated[Seconds, Field(gt=0)] | None = None
    plc: PlcFaces = PlcFaces(port=5020)
    camera: Listen = Listen(port=5021)
    edge: Edge = Edge()
    background: Background = Background()
    cap: Annotated[float, Field(ge=1, le=1000)] = 25.0
    drying: bool = True
    disturbances: DisturbancesSection = DisturbancesSection()
    episodes: list[EpisodeSection] = []
    scripted: list[ScriptedSection] = []
    patterns: list[PatternSection] = []
    faults: list[FaultSection] = []

    @model_validator(mode="after")
    def _rates_within_cap(self) -> Self:
        for episode in self.episodes:
            normal, cap, words = self._normal(episode.defect)
            if normal <= 0:
                raise ValueError(
                    text(
                        "expected a normal rate under `background.{defect}` for its episode, got none",
                        defect=episode.defect,
                    )
                )
            if episode.rate is not None and episode.rate > cap * normal * (1 + 1e-9):
                raise ValueError(text("expected at most {words} = {limit:g} /m, got {rate:g} /m", words=words,
                                      limit=cap * normal, rate=episode.rate))  # fmt: skip
        return self

    def coater(self) -> CoaterSettings:
        """What the physics needs to know."""
        edge = EdgeDam(normal_per_m=self.edge.normal, cap=self.edge.cap)
        return CoaterSettings(
            seed=self.seed,
            speed_m_s=self.web_speed,
            edge=edge,
            background_per_m=self.background.model_dump(),
            schedule=Schedule(self._episodes(), self._objects(), self._patterns()),
            disturbances=self.disturbances.plan(),
            cap=self.cap,
            drying=self.drying,
        )

    def plc_faults(self) -> PlcFaults:
        """Faults of the PLC."""
        return PlcFaults(tuple(fault.plc_fault(fault.plc) for fault in self.faults if fault.plc))

    def camera_faults(self) -> CameraFaults:
        """Faults of the camera."""
        return CameraFaults(tuple(CameraFault(f.camera, f.start, f.duration or 0.0) for f in self.faults if f.camera))

    def _normal(self, defect: str) -> tuple[float, float, str]:
        """Normal rate of a class, its cap, and how the two are called."""
        if defect == "coat_edge_spur":
            return self.edge.normal, self.edge.cap, "edge.cap × edge.normal"
        normal: float = getattr(self.background, defect)
        return normal, self.cap, f"cap × background.{defect}"

    def _episodes(self) -> tuple[Episode, ...]:
        return tuple(
            Episode(Side(e.side), e.start * 1000, e.end * 1000, self._deficit(e), e.defect) for e in self.episodes
        )

    def _deficit(self, episode: EpisodeSection) -> float:
        if episode.rate is None:
            return episode.deficit or 0.0
        return deficit_for_rate(episode.rate, self._normal(episode.defect)[0])

    def _objects(self) -> tuple[Planned, ...]:
        return tuple(
            Planned(section.defect, at * 1000, _SIDES[section.side][number % len(_SIDES[section.side])], section.y)
            for section in self.scripted
            for number, at in enumerate(section.at)
        )

    def _patterns(self) -> tuple[Pattern, ...]:
        return tuple(
            Pattern(p.defect, p.every * 1000, p.start * 1000, p.end * 1000, _SIDES[p.side]) for p in self.patterns
        )


def scenario_text(name: str) -> tuple[str, str]:
    """Text and file name of a scenario: a path to a YAML file, or the name of one that ships.

    Raises ConfigError CELL-1070 when there is neither.
    """
    path = Path(name)
    if path.suffix in {".yaml", ".yml"}:
        read_yaml(path)
        return path.read_text(encoding="utf-8-sig"), str(path)
    shipped = resources.files("cellsim") / "scenarios" / f"{name}.yaml"
    if not shipped.is_file():
        raise ConfigError(
            "CELL-1070",
            "no scenario {name!r}",
            where=Where(name),
            do="use one of {known}, or a path that ends in .yaml",
            name=name,
            known=", ".join(shipped_scenarios()),
        )
    return shipped.read_text(encoding="utf-8"), str(shipped)


def shipped_scenarios() -> list[str]:
    """Names of the scenarios that ship."""
    folder = resources.files("cellsim") / "scenarios"
    return sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml"))


def parse_scenario(text: str, file: str) -> Scenario:
    """Check a scenario; ConfigError names file, line and column of every mistake."""
    document: Document = parse_yaml(text, file)
    return validate(document, Scenario)


def load_scenario(name: str) -> Scenario:
    """Read and check a scenario by name or path."""
    return parse_scenario(*scenario_text(name))
