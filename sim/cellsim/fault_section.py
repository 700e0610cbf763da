"""`faults:` of a scenario: what goes wrong with PLC and camera, and when."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cellctl.config.checking.validation import Section
from cellctl.errors import text
from cellctl.units import Seconds
from cellsim.plc import registers as reg
from cellsim.plc.faults import ONCE, PlcFault

SETPOINTS = {clamp.name: register for register, clamp in reg.CLAMPS.items()}
"""Tag name → holding register."""
PlcKind = Literal[
    "silent",
    "exception",
    "late",
    "dropped",
    "held",
    "manual",
    "frozen",
    "wrong-echo",
    "refuse",
    "wrong-value",
    "operator",
    "restart",
]
_KEYS = {
    "exception": ("code",),
    "late": ("delay",),
    "dropped": ("every",),
    "refuse": ("code",),
    "wrong-value": ("tag", "by"),
    "operator": ("tag", "value"),
}
"""Kind → the keys that it has beside `from` and `for`."""
_NEEDED = {"tag", "by", "value"}
"""Of these, what has no default."""


class FaultSection(Section):
    """A fault of the PLC or of the camera, by time since the line started; values as people read them."""

    plc: PlcKind | None = None
    camera: Literal["frozen", "dark", "silent"] | None = None
    start: Annotated[Seconds, Field(alias="from", ge=0)]
    duration: Annotated[Seconds, Field(gt=0)] | None = Field(default=None, alias="for")
    delay: Annotated[Seconds, Field(gt=0, le=10)] | None = None
    code: Annotated[int, Field(ge=1, le=255)] | None = None
    every: Annotated[int, Field(ge=1, le=1000)] | None = None
    tag: str | None = None
    by: float | None = None
    value: float | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.plc is None) == (self.camera is None):
            raise ValueError(text("expected either `plc` or `camera`, got both or none"))
        kind = self.plc or "camera"
        self._check_duration(kind)
        own = _KEYS.get(kind, ())
        for key in ("delay", "code", "every", "tag", "by", "value"):
            given = getattr(self, key) is not None
            if given and key not in own:
                raise ValueError(text("`{key}` means nothing for a fault `{kind}`", key=key, kind=kind))
            if not given and key in own and key in _NEEDED:
                raise ValueError(text("expected `{key}` for a fault `{kind}`", key=key, kind=kind))
        if self.tag is not None and self.tag not in SETPOINTS:
            known = ", ".join(SETPOINTS)
            raise ValueError(text("expected `tag` to be one of {known}, got {tag!r}", known=known, tag=self.tag))
        return self

    def _check_duration(self, kind: str) -> None:
        if kind in ONCE and self.duration is not None:
            raise ValueError(text("`{key}` means nothing for a fault `{kind}`", key="for", kind=kind))
        if kind not in ONCE and self.duration is None:
            raise ValueError(text("expected `{key}` for a fault `{kind}`", key="for", kind=kind))

    def plc_fault(self, kind: str) -> PlcFault:
        """The same for the PLC, in raw units."""
        register = SETPOINTS.get(self.tag or "", 0)
        scale = reg.CLAMPS[register].scale if self.tag else 1.0
        given = {"delay_s": self.delay, "code": self.code, "every": self.every}
        return PlcFault(
            kind,
            self.start,
            self.duration or 0.0,
            register=register,
            value=round((self.value or 0.0) / scale),
            by=round((self.by or 0.0) / scale),
            **{key: value for key, value in given.items() if value is not None},
        )
