"""What the YAML says of a Modbus TCP device."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from cellctl.devices.host import Host
from cellctl.units import Seconds


class Handshake(BaseModel):
    """Tags by which cell and PLC make sure of each other.

    The cell writes the sequence and its values in one request; the PLC judges the block at its next scan, echoes
    the sequence and shows an accept code and the values in force.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    heartbeat: Annotated[str, Field(description="Counter that the cell writes every 100 ms")]
    sequence: Annotated[str, Field(description="Sequence of the command block, its first register")]
    echo: Annotated[str, Field(description="Last sequence that the PLC judged")]
    accept: Annotated[str, Field(description="0 when the block was taken, else the reason")]
    plc_heartbeat: Annotated[str, Field(description="Counter of the PLC's scans, empty if it has none")] = ""
    state: Annotated[str, Field(description="PackML state of the PLC; out of Execute it holds the cell")] = ""
    mode: Annotated[str, Field(description="PackML mode of the PLC; out of Production it takes no moves")] = ""


PollClass = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,31}$")]
Period = Annotated[Seconds, Field(ge=0.01, le=86400)]
USUAL_PERIODS_S: dict[str, float] = {"fast": 0.05, "slow": 1.0}


class ModbusTcpSettings(BaseModel):
    """One Modbus TCP connection."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Host
    port: Annotated[int, Field(ge=1, le=65535, description="TCP port")] = 502
    unit: Annotated[int, Field(ge=0, le=255, description="Unit identifier")] = 1
    tags: Annotated[Path, Field(description="Tag table (CSV or YAML), relative to the YAML file")]
    handshake: Annotated[Handshake | None, Field(description="None for a device that is only read")] = None
    timeout: Annotated[Seconds, Field(gt=0, le=10, description="Answer to one request, and to connecting")] = 0.2
    confirm: Annotated[Seconds, Field(gt=0, le=10, description="From the write to the value in force")] = 0.5
    poll: Annotated[dict[PollClass, Period], Field(description="Poll classes of the tag table and their periods; "
                                                               "fast (50 ms) and slow (1 s) are there already")] = (
        USUAL_PERIODS_S
    )  # fmt: skip
    uncertain_after: Annotated[Seconds, Field(gt=0, description="Beyond its period, a value becomes Uncertain")] = 0.2
    bad_after: Annotated[Seconds, Field(gt=0, description="Beyond its period, a value becomes Bad")] = 1.0

    @field_validator("poll")
    @classmethod
    def _with_usual(cls, said: dict[str, float]) -> dict[str, float]:
        return USUAL_PERIODS_S | said
