"""Judges windows of a vibration signal by their features and a bearing's lines: one message per window."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from cellctl.builtin.bearing_settings import BearingSettings, check_windows
from cellctl.builtin.window_checks import check_length, check_limit, plain_unit
from cellctl.config.resolved import Device, ResolvedCell
from cellctl.config.source.nearest import nearest
from cellctl.errors import EvidenceError, text
from cellctl.model.events import Alarm
from cellctl.model.inspection import Judgement
from cellctl.model.waveform import Features, Waveform
from cellctl.sdk import Context, Input, Output, Plugin, PluginSettings, on
from cellctl.units import Unreadable, parse
from cellctl.vibration import FEATURES, Finding, Heard, Machine, reaches


def _known(name: str) -> str:
    if name not in FEATURES:
        raise Unreadable(
            text("expected a feature ({known}), got {name!r}", known=", ".join(FEATURES), name=name),
            nearest(name, FEATURES),
        )
    return name


def _limit(value: object) -> str:
    quantity = parse(value)
    if not quantity.magnitude > 0.0:
        raise ValueError(text("expected a limit above zero, got {got!r:.60}", got=value))
    return str(quantity)


Feature = Annotated[str, AfterValidator(_known)]
Limit = Annotated[
    str,
    BeforeValidator(_limit),
    WithJsonSchema({"type": ["string", "number"], "examples": ["0.3 g"], "description": "a quantity"}),
]


class VibrationFeatures(Plugin):
    """Judges every window: OK, NG with what is above its limit, or INDETERMINATE with the reason."""

    class Settings(PluginSettings):
        """What is too much, and when a person is told."""

        limits: Annotated[
            dict[Feature, Limit],
            Field(description="Feature → largest right value: {rms: 0.3 g, kurtosis: 5, velocity_rms: 4.5 mm/s}"),
        ] = {}
        learn: Annotated[
            int,
            Field(ge=0, le=10_000, description="Windows of a sound machine to learn rms and kurtosis from; 0: none"),
        ] = 0
        bearing: Annotated[
            BearingSettings | None,
            Field(description="The bearing that is listened to: a line of it that stands out makes a window NG"),
        ] = None
        persists: Annotated[int, Field(ge=1, description="Windows in a row that are NG before a person is told")] = 3

        @model_validator(mode="after")
        def _something_is_judged(self) -> VibrationFeatures.Settings:
            if 0 < self.learn < 5:
                raise ValueError(text("learn: expected 0 or at least 5 windows, got {got}", got=self.learn))
            if not self.limits and not self.learn and self.bearing is None:
                raise ValueError("expected limits, learn or bearing: without them nothing can be judged")
            return self

    waveforms = Input(Waveform)
    features = Output(Features)
    alarms = Output(Alarm)

    def __init__(self, settings: Settings, context: Context) -> None:
        super().__init__(settings, context)
        self._stated = {name: parse(written) for name, written in settings.limits.items()}
        self._lines = settings.bearing.lines() if settings.bearing else ()
        self._machines: dict[str, Machine] = {}

    @classmethod
    def check(cls, settings: Settings, cell: ResolvedCell) -> None:
        """Compare settings and sensors; ConfigError CELL-1195 (unit of a limit) or CELL-1199 (windows too poor)."""
        for device in _heard(settings, cell):
            unit = device.settings.get("unit")
            if not isinstance(unit, str) or "rate" not in device.settings:
                continue  # no sampled signal
            check_length(device)
            if settings.bearing is not None:
                check_windows(settings.bearing, device)
            for name, written in settings.limits.items():
                check_limit(name, written, unit, device)

    @on(waveforms)
    def judge(self, window: Waveform) -> None:
        """Judge one window: exactly one message, whatever is wrong with it."""
        machine = self._machine(window.device)
        lost = machine.lost_before(window)
        heard = self._hear(machine, window)
        values, fault = heard.values, heard.fault
        finding = self._find(machine, heard, window)
        above: dict[str, float] = {}
        if not fault:
            fault = machine.learn(values)
            above = {} if fault else machine.exceeded(values)
            fault = fault if fault or above or finding else self._unknown(machine, values, window)
        limits = _said(above, values, window.unit)
        reason = fault or ", ".join(part for part in (str(finding or ""), limits) if part)
        judgement = Judgement.INDETERMINATE if fault else Judgement.NG if reason else Judgement.OK
        place = f"{window.origin}: {reason}" if fault and window.origin else reason
        self.features.send(
            Features(
                stamp=window.stamp,
                trace=window.trace,
                device=window.device,
                window_id=window.window_id,
                lost_windows=lost,
                judgement=judgement,
                reason=place,
                values=values,
                bearing=finding.line.name if finding else "",
                unit=window.unit,
                rate_hz=window.rate_hz,
                samples=window.samples,
                start_s=window.start_s,
                origin=window.origin,
                received_ns=window.received_ns,
                judged_ns=self.clock.now_ns(),
            )
        )
        for alarm in machine.alarms(window, judgement, fault or limits, is_blind=not values):
            self.alarms.send(alarm)
        for alarm in machine.bearing_alarms(window, finding, is_judged=not fault):
            self.alarms.send(alarm)

    def _machine(self, device: str) -> Machine:
        if device not in self._machines:
            stated = {name: limit.magnitude for name, limit in self._stated.items()}
            self._machines[device] = Machine(stated, self.settings.learn, self.settings.persists, self._lines)
        return self._machines[device]

    def _hear(self, machine: Machine, window: Waveform) -> Heard:
        """The features of a window and its envelope, or why there are none."""
        wrong = window.fault or self._other_unit(window)
        if wrong:
            return Heard({}, None, wrong)
        try:
            with self.samples(window) as samples:
                return machine.hear(samples, window)
        except EvidenceError as error:
            return Heard({}, None, str(error))

    def _find(self, machine: Machine, heard: Heard, window: Waveform) -> Finding | None:
        bearing = self.settings.bearing
        if bearing is None:
            return None
        return machine.find(heard._replace(envelope=None) if self._too_poor(window) else heard, window, bearing.speed)

    def _unknown(self, machine: Machine, values: dict[str, float], window: Waveform) -> str:
        """What is not known although a limit or the bearing asks for it: unknown is not sound."""
        missing = machine.missing(values)
        if missing:
            what = f"{window.duration_s:.3g} s at {window.rate_hz:g} Hz in {window.unit}"
            return f"no {missing[0]}: {what} do not carry it"
        return self._too_poor(window)

    def _too_poor(self, window: Waveform) -> str:
        """The last window of a recording may be too short to show a bearing's lines: unknown is not sound."""
        bearing = self.settings.bearing
        if not bearing or reaches(window.samples, window.rate_hz, self._lines, bearing.speed):
            return ""
        return f"short: {window.duration_s:.3g} s at {window.rate_hz:g} Hz do not show the lines of the bearing"

    def _other_unit(self, window: Waveform) -> str:
        for name, limit in self._stated.items():
            if limit.unit != plain_unit(name, window.unit):
                return f"unit: the samples are in {window.unit!r}, the limit of {name} is {limit}"
        return ""


def _heard(settings: PluginSettings, cell: ResolvedCell) -> list[Device]:
    """The devices that plugins with these settings listen to; all of them where none says which."""
    written = settings.model_dump(mode="json")
    named = {source for it in cell.plugins if it.settings == written for source in it.sources}
    return [device for device in cell.devices if device.name in named or not named]


def _said(above: dict[str, float], values: dict[str, float], unit: str) -> str:
    """What is above its limit, in words; empty when nothing is."""
    return ", ".join(
        f"{name} {values[name]:.4g} {plain_unit(name, unit)}".rstrip() + f", limit {most:.4g}"
        for name, most in above.items()
    )
