"""A fault of the proxy as a tester writes it: one YAML mapping."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from cellctl.config.checking.validation import Section, validate
from cellctl.config.source.document import parse_yaml
from cellctl.errors import text
from cellctl.units import Seconds
from cellsim.proxy.fault import ANSWERS_ONLY, Fault, Kind, Way

_OWN = {
    "delay": {Kind.DELAY},
    "byte": {Kind.CUT, Kind.LENGTH},
    "code": {Kind.EXCEPTION},
    "reset": {Kind.CUT},
    "duration": {Kind.CUT, Kind.BLACK_HOLE},
}
"""Key → the kinds that it means something for."""
_WRITTEN = {"duration": "for"}
"""How a key is written, where that differs."""


class ProxyFaultSection(Section):
    """See `Fault`; `delay` and `for` with their units."""

    kind: Kind
    way: Way = Way.ANSWER
    function: Annotated[int, Field(ge=1, le=127)] | None = None
    register_: Annotated[int, Field(ge=0, le=65535)] | None = Field(default=None, alias="register")
    nth: Annotated[int, Field(ge=1)] = 1
    times: Annotated[int, Field(ge=0)] = 1
    delay: Annotated[Seconds, Field(ge=0, le=60)] = 0.3
    byte: Annotated[int, Field(ge=0, le=65535)] = 0
    code: Annotated[int, Field(ge=1, le=255)] = 4
    reset: bool = False
    duration: Annotated[Seconds, Field(ge=0)] = Field(default=0.0, alias="for")

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        for key in sorted(self.model_fields_set & _OWN.keys()):
            if self.kind not in _OWN[key]:
                written = _WRITTEN.get(key, key)
                raise ValueError(text("`{key}` means nothing for a fault `{kind}`", key=written, kind=self.kind.value))
        if self.kind in ANSWERS_ONLY and self.way is Way.REQUEST:
            raise ValueError(text("a fault `{kind}` meets answers only", kind=self.kind.value))
        return self

    def fault(self) -> Fault:
        """The same for the plan."""
        return Fault(
            self.kind,
            self.way,
            self.function,
            self.register_,
            self.nth,
            self.times,
            self.delay,
            self.byte,
            self.code,
            self.reset,
            self.duration,
        )


def parse_fault(words: str, where: str) -> Fault:
    """One fault from YAML; ConfigError names `where`, line and column of every mistake."""
    return validate(parse_yaml(words, where), ProxyFaultSection).fault()
