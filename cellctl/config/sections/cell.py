"""The cell as an engineer writes it: one pydantic model per section of the YAML file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, model_validator
from pydantic import Tag as Choice

from cellctl.config.checking.validation import Section
from cellctl.config.sections.contract import ContractSection, WaiverSection
from cellctl.config.sections.limits import Count, DriftBudget, SafeValue, Tries, Trip
from cellctl.config.sections.names import Authority, Name, Tag
from cellctl.config.sections.regulator import RegulatorSection
from cellctl.config.sections.scada import ScadaSection
from cellctl.errors import text
from cellctl.units import AnyQuantity, Fraction, Metres, MetresPerSecond, PerMetre, Quantity, Seconds


class CellSection(Section):
    """Who this cell is."""

    id: Annotated[str, Field(min_length=1, description="name of the cell; stands in every record")]
    path: Annotated[str, Field(description="ISA-95 path: enterprise/site/area/line/cell")] = ""
    mode: Annotated[
        Literal["production", "maintenance", "manual"], Field(description="PackML unit mode that it starts in")
    ] = "production"
    lot: Annotated[str, Field(min_length=1, description="the lot that runs when the cell starts")] = "unassigned"
    recipe: Annotated[str | None, Field(description="the recipe that it starts with, of several")] = None
    seed: Annotated[int, Field(description="of everything random, so that a run can be repeated")] = 0
    stage_times: Annotated[
        str | None, Field(description="file of measured stage times, see `cellctl times`; held against the deadlines")
    ] = None


class WebSection(Section):
    """A continuous product: stations in metres from the blade."""

    encoder: Annotated[Tag | None, Field(description="tag of the encoder position; loops that act need it")] = None
    speed: Annotated[Tag | None, Field(description="tag of the web speed; loops that act need it")] = None
    splice: Annotated[Tag | None, Field(description="tag that is not zero while a splice passes")] = None
    stations: Annotated[
        dict[Name, Metres],
        Field(description="where things stand, in metres from the blade; one named as a camera is where it looks"),
    ] = {}


class EnvelopeSection(Section):
    """Where a set-point may be and how fast it may move; % is of the recipe value, or points of a tag in %."""

    min: Annotated[AnyQuantity, Field(description="lowest value that may be written")]
    max: Annotated[AnyQuantity, Field(description="highest value that may be written")]
    slew: Annotated[AnyQuantity, Field(description="fastest change of a ramp, for example 2 %/s")]
    per_event: Annotated[AnyQuantity, Field(description="largest distance of one move")]
    drift: Annotated[
        DriftBudget,
        Field(description="largest net distance from the recipe's value, or net change per lot or hours of running"),
    ]
    cool_down: Annotated[
        Seconds, Field(ge=0, description="running time from the end of a move to the next correction")
    ] = 0.0
    tries: Annotated[
        Tries | None, Field(description="so many corrections may begin within that running time; any number without it")
    ] = None
    safe: Annotated[SafeValue | None, Field(description="its safe state, where that is not guard.safe_state")] = None


class RecipeSection(Section):
    """One product: the values that count as normal, and the classifier that knows its defects."""

    web_speed: Annotated[MetresPerSecond | None, Field(gt=0, description="the speed at which it is made")] = None
    model: Annotated[
        str | None,
        Field(
            description="file of the classifier, or cellctl:NAME for one that ships; "
            "without it the one of the recipe that the cell starts with"
        ),
    ] = None
    setpoints: Annotated[dict[Tag, AnyQuantity], Field(description="set-point → its nominal value")] = {}
    envelope: Annotated[
        dict[Tag, EnvelopeSection], Field(description="set-point → its limits, where they differ from guard.envelope")
    ] = {}


class ChangeoverSection(Section):
    """When a change of recipe or lot is over: until then the loops stand still."""

    settle: Annotated[Metres, Field(gt=0, description="length of the new material that must have run")] = 100.0
    settle_without_web: Annotated[Seconds, Field(gt=0, description="the same, where no encoder tells how far")] = 60.0


class DeviceSection(Section):
    """One device: `driver` says how it is reached, the other keys belong to the driver."""

    model_config = ConfigDict(frozen=True, extra="allow")

    driver: Annotated[str, Field(description="how it is reached; `cellctl drivers` lists what is installed")]


class PluginSection(Section):
    """One plugin: `use` names it, `from` what it listens to, the other keys are its settings."""

    model_config = ConfigDict(frozen=True, extra="allow")

    use: Annotated[str, Field(description="which plugin it is; `cellctl plugins` lists what is installed")]
    sources: Annotated[
        tuple[str, ...], Field(alias="from", description="devices or plugins that it listens to; to all without it")
    ] = ()

    @model_validator(mode="before")
    @classmethod
    def _one_source_is_a_list(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("from"), str):
            return {**data, "from": [data["from"]]}
        return data


class NonconformitySection(Section):
    """File a nonconformity at the `count`-th object within `within`."""

    count: Annotated[int, Field(ge=1, description="so many objects are reported")] = 3
    within: Annotated[Metres, Field(description="within this length of web")] = 50.0


class CharacteristicSection(Section):
    """A measured quality: which tag reports it, where on the web it was measured, and what is right."""

    tag: Annotated[Tag, Field(description="tag of the measured value, DEVICE.NAME")]
    position: Annotated[Tag | None, Field(description="encoder position at which the value was measured")] = None
    station: Annotated[Name | None, Field(description="where along the web the gauge stands")] = None
    target: Annotated[AnyQuantity, Field(description="the right value")]
    tolerance: Annotated[AnyQuantity, Field(description="distance from it that is still right; a share of it with %")]


class InfluenceSection(Section):
    """One entry of the influence matrix that needs more than its gain."""

    per_step: Annotated[float, Field(description="change of ln(rate) per step up; negative helps")]
    settle: Annotated[Seconds, Field(ge=0, description="from the value in force to its full effect")] = 0.0
    acts_at: Annotated[Name | None, Field(description="station where it acts on the web; the blade without")] = None


class DefectSection(Section):
    """One row of the influence matrix: what causes a defect, and which set-point changes its rate."""

    cause: Annotated[str, Field(description="what causes it, in words for a person")]
    influence: Annotated[
        dict[Tag, float | InfluenceSection],
        Field(description="set-point → change of ln(rate) per step up; negative helps"),
    ] = {}
    nonconformity: Annotated[
        NonconformitySection | None, Field(description="when a report is filed; never without it")
    ] = None


class WatchSection(Section):
    """What a loop watches; `normal` and `alarm` are true rates, and the share `counted` of them is seen and sure."""

    defect: Annotated[str, Field(description="the class, as the classifier calls it")]
    normal: Annotated[PerMetre | None, Field(description="rate while all is well")] = None
    alarm: Annotated[PerMetre | None, Field(description="rate at which the loop is to act")] = None
    persists: Annotated[
        Metres | None, Field(gt=0, description="act on one object that is longer than this and goes on")
    ] = None
    evidence: Annotated[float, Field(gt=0, description="decision interval h of the CUSUM, in objects")] = 3.0
    counted: Annotated[
        float,
        Field(gt=0, le=1, description="share of the true objects that are found and confident enough to count"),
    ] = 1.0
    camera: Annotated[Name | None, Field(description="the one that sees this class; all cameras without")] = None

    @model_validator(mode="after")
    def _alarm_is_higher(self) -> WatchSection:
        if self.persists is not None and self.normal is None and self.alarm is None:
            return self
        if self.persists is not None or self.normal is None or self.alarm is None:
            raise ValueError(text("expected normal and alarm, or persists alone"))
        if not 0 < self.normal < self.alarm:
            raise ValueError(text("expected 0 < normal < alarm, got normal {normal:g} and alarm {alarm:g} per m",
                                  normal=self.normal, alarm=self.alarm))  # fmt: skip
        return self


class AdjustSection(Section):
    """How a loop moves its set-point."""

    tag: Annotated[Tag, Field(description="set-point, DEVICE.NAME; {side} stands for left and right")]
    law: Annotated[
        Literal["step", "pulse"], Field(description="step: stays until released; pulse: a request that ends by itself")
    ] = "step"
    by: Annotated[AnyQuantity, Field(description="size of one move; % is of the recipe's value")]
    up_to: Annotated[int, Field(ge=1, description="failed corrections per episode before it gives up")] = 1


class AdviseSection(AdjustSection):
    """What a loop says that moves nothing: words for a person, where no set-point helps."""

    tag: Tag = ""
    by: AnyQuantity = Quantity(0.0, "")
    advise: Annotated[str, Field(min_length=1, max_length=200, description="what a person should do, in words")]

    @model_validator(mode="after")
    def _nothing_is_moved(self) -> AdviseSection:
        if self.model_fields_set & {"tag", "law", "by"}:
            raise ValueError("expected advise alone, or tag and by: a loop that advises in words moves nothing")
        return self


def _kind_of_adjust(data: Any) -> str:
    says = "advise" in data if isinstance(data, dict) else isinstance(data, AdviseSection)
    return "advise" if says else "move"


class ProtectSection(Section):
    """What a correction must not make worse: classes, and characteristics with the change that is still allowed."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, AnyQuantity] = Field(init=False)  # not an argument; pydantic fills it

    classes: Annotated[tuple[str, ...], Field(description="classes of defects that must not become more")] = ()

    @property
    def characteristics(self) -> dict[str, Quantity]:
        """Characteristic → allowed change of its mean."""
        return dict(self.__pydantic_extra__ or {})


class VerifySection(Section):
    """The test that a correction must pass."""

    expect: Annotated[float, Field(gt=0, lt=1, description="rate after / rate before")] = 0.24
    risk: Annotated[Fraction, Field(gt=0, lt=0.5, description="how often the test may be wrong, either way")] = 0.05
    truncate: Annotated[float, Field(ge=1, description="UNDECIDED after this multiple of its expected length")] = 3.0
    settle: Annotated[Metres, Field(ge=0, description="web after the end of a ramp that does not count yet")] = 0.5
    speed_tolerance: Annotated[Fraction, Field(gt=0, description="change of the web speed that confounds")] = 0.02


class ReleaseSection(Section):
    """How a correction that helped is taken back, to see whether it is still needed."""

    after: Annotated[Metres, Field(gt=0, description="material in control before the set-point goes back")] = 300.0
    watch: Annotated[Metres, Field(gt=0, description="a fault that returns within it shows a need")] = 150.0
    longest: Annotated[Metres, Field(gt=0, description="`after` doubles at each return, up to this")] = 2400.0


class EscalateSection(Section):
    """When a person is called."""

    confidence: Annotated[float, Field(gt=0, lt=1, description="an object below it is unsure")] = 0.85
    consecutive: Annotated[int, Field(ge=1, description="so many objects, close together, call a person")] = 3
    unsure: Annotated[
        Fraction, Field(gt=0, lt=1, description="share of unsure objects in the last 20 above which it only advises")
    ] = 0.30
    within: Annotated[Metres, Field(description="over this length of web")] = 50.0


class LoopSection(Section):
    """One loop: watch, adjust, protect, verify, escalate."""

    authority: Authority = "off"
    priority: Annotated[int, Field(ge=1, description="1 goes first when two loops want the same set-point or web")] = 5
    watch: Annotated[WatchSection, Field(description="what it looks at")]
    adjust: Annotated[
        Annotated[AdjustSection, Choice("move")] | Annotated[AdviseSection, Choice("advise")],
        Discriminator(_kind_of_adjust),
        Field(description="how it moves its set-point, or what it advises a person to do"),
    ]
    protect: Annotated[ProtectSection, Field(description="what a move must not make worse")] = ProtectSection()
    verify: Annotated[
        VerifySection | Literal["off"], Field(description="the test of each move; off takes every move back")
    ] = VerifySection()
    release: Annotated[
        ReleaseSection | Literal["off"], Field(description="how a move that helped is given back; off leaves it")
    ] = ReleaseSection()
    escalate: Annotated[EscalateSection, Field(description="when a person is called")] = EscalateSection()
    deadline: Annotated[Seconds, Field(gt=0, description="from exposure to the first change in force")] = 0.8


class GuardSection(Section):
    """The limits that nothing passes."""

    safe_state: Annotated[
        Literal["recipe", "hold"],
        Field(description="set-points when the cell may not act: to the recipe, or as they are"),
    ] = "recipe"
    trip: Annotated[
        Trip, Field(description="a loop that breaks the envelope so often is stopped until a person resets it")
    ] = Count(3, 60.0, "within")
    proposal_age: Annotated[Seconds, Field(gt=0, description="an older proposal is refused")] = 0.2
    evidence_age: Annotated[Seconds, Field(gt=0, description="a proposal on an older exposure is refused")] = 2.0
    input_age: Annotated[Seconds, Field(gt=0, description="plant values older than this are not acted on")] = 0.5
    state_age: Annotated[Seconds, Field(ge=0.5, description="the cell's state is sent anew every 200 ms")] = 1.0
    envelope: Annotated[
        dict[Tag, EnvelopeSection], Field(description="set-point → where it may be; what is not here is never written")
    ] = {}


class WorldSection(Section):
    """What stands in for all devices in virtual time: `use` names the world, the other keys are its settings."""

    model_config = ConfigDict(frozen=True, extra="allow")

    use: Annotated[str, Field(description="which world it is")]
    durations: Annotated[
        dict[Name, Annotated[Seconds, Field(ge=0)]],
        Field(description="plugin → how long each of its handlers takes; its messages leave afterwards"),
    ] = {}


class CellConfig(Section):
    """A whole cell."""

    version: Annotated[Literal[2], Field(description="of this format; `cellctl migrate` brings older files up to it")]
    cell: Annotated[CellSection, Field(description="who this cell is")]
    web: Annotated[WebSection, Field(description="the product that runs by, and where things stand")] = WebSection()
    recipes: Annotated[
        dict[Annotated[str, Field(min_length=1)], RecipeSection], Field(description="product → what is normal for it")
    ] = {}
    changeover: Annotated[ChangeoverSection, Field(description="when a new product counts as running")] = (
        ChangeoverSection()
    )
    devices: Annotated[dict[Name, DeviceSection], Field(description="name → controller, camera or sensor")]
    plugins: Annotated[dict[Name, PluginSection], Field(description="name → what judges what the devices deliver")] = {}
    characteristics: Annotated[
        dict[Name, CharacteristicSection], Field(description="name → measured quality of the product")
    ] = {}
    defects: Annotated[dict[str, DefectSection], Field(description="class → its cause, and what changes its rate")] = {}
    loops: Annotated[dict[Name, LoopSection], Field(description="name → loop that mends a defect")] = {}
    regulators: Annotated[
        dict[Name, RegulatorSection], Field(description="name → loop that holds a characteristic")
    ] = {}
    guard: Annotated[GuardSection, Field(description="the limits that nothing passes")] = GuardSection()
    scada: Annotated[ScadaSection | None, Field(description="by which other systems read the cell")] = None
    contract: Annotated[ContractSection | None, Field(description="what the cell promises of its data")] = None
    waivers: Annotated[tuple[WaiverSection, ...], Field(description="findings that are let pass, by whom and why")] = ()
    simulate: Annotated[
        dict[Name, dict[str, Any]],
        Field(description="device → what stands in for it; world → what stands in for all of them in virtual time"),
    ] = {}

    @property
    def product(self) -> str:
        """The product that the cell starts with; empty for a cell without recipes."""
        return self.cell.recipe or next(iter(self.recipes), "")

    @property
    def recipe(self) -> RecipeSection:
        """The recipe that the cell starts with; an empty one for a cell without recipes."""
        return self.recipes.get(self.product, RecipeSection())
