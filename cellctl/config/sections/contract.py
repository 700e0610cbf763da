"""The sections `contract:` and `waivers:`: what the cell promises of its data, and what is let pass."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from cellctl.config.checking.validation import Section
from cellctl.config.sections.names import Name
from cellctl.errors import text
from cellctl.units import Hertz, PerMetre, Seconds


def _read_date(value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(text("expected a date such as 2027-01-31, got {got!r:.60}", got=value)) from None


Day = Annotated[
    date,
    BeforeValidator(_read_date),
    PlainSerializer(date.isoformat, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2027-01-31"]}),
]


class ImagesSection(Section):
    """How long images of objects are kept, and which whole frames are kept beside them."""

    keep: Annotated[Seconds, Field(gt=0, description="Images of objects are kept for so long, for example 90 d")]
    every: Annotated[int | None, Field(ge=1, description="Every n-th whole frame is kept too")] = None
    objects: Annotated[
        PerMetre | None,
        Field(gt=0, description="Objects per metre of web to reckon with; without it as many as an inspector may send"),
    ] = None


class SignatureSection(Section):
    """Who agreed to this contract, and when."""

    name: Annotated[str, Field(min_length=1, description="Who signed")]
    date: Annotated[Day, Field(description="When")]


class SignaturesSection(Section):
    """The four who must agree to a contract; one that is missing is a finding."""

    quality: Annotated[SignatureSection | None, Field(description="for the quality of the product")] = None
    it: Annotated[SignatureSection | None, Field(description="for network and storage")] = None
    process: Annotated[SignatureSection | None, Field(description="for the process")] = None
    purchasing: Annotated[SignatureSection | None, Field(description="for what was bought")] = None


class ContractSection(Section):
    """What the cell promises of its data: refused at the check, watched while it runs."""

    vibration: Annotated[Hertz | None, Field(gt=0, description="Least sampling rate of every waveform device")] = None
    envelope_band: Annotated[
        Hertz | None, Field(gt=0, description="Upper edge of the band whose envelope is analysed")
    ] = None
    frame_rate: Annotated[
        dict[Name, Annotated[Hertz, Field(gt=0)]],
        Field(description="Camera → frames per second at the recipe's web speed"),
    ] = {}
    gap: Annotated[Seconds, Field(gt=0, description="Longest time between two frames or windows of a device")]
    clock: Annotated[Seconds, Field(gt=0, description="Largest step of a device's clock against this machine's")]
    images: ImagesSection
    uplink: Annotated[str, Field(description="How data leave the cell; mqtt-tls1.3")]
    signatures: SignaturesSection


class WaiverSection(Section):
    """A finding that is let pass, by somebody, for a reason."""

    code: Annotated[str, Field(pattern=r"^CELL-\d{4}$", description="Of the finding, for example CELL-1102")]
    at: Annotated[str, Field(min_length=1, description="Place in this file, for example devices.bearing")]
    name: Annotated[str, Field(min_length=1, description="Who answers for it")]
    reason: Annotated[str, Field(min_length=1, description="Why the finding does no harm here")]
    until: Annotated[Day | None, Field(description="From the day after it counts no more")] = None
