"""What the YAML says of a Modbus device."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

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


class Parity(StrEnum):
    """Of a serial character."""

    EVEN = "even"
    ODD = "odd"
    NONE = "none"


PollClass = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,31}$")]
Period = Annotated[Seconds, Field(ge=0.01, le=86400)]
LOCAL = {"localhost": "127.0.0.1", "::1": "127.0.0.1"}
USUAL_PERIODS_S: dict[str, float] = {"fast": 0.05, "slow": 1.0}


class ModbusSettings(BaseModel):
    """One unit that speaks Modbus, on whatever transport."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: Annotated[int, Field(ge=0, le=255, description="Unit identifier")] = 1
    tags: Annotated[Path, Field(description="Tag table (CSV or YAML), relative to the YAML file")]
    handshake: Annotated[Handshake | None, Field(description="None for a device that is only read")] = None
    timeout: Annotated[Seconds, Field(gt=0, le=10, description="Answer to one request, and to connecting")] = 0.2
    confirm: Annotated[Seconds, Field(gt=0, le=10, description="From the write to the value in force")] = 0.5
    poll: Annotated[
        dict[PollClass, Period],
        Field(validate_default=True, description="Poll classes of the tag table and their periods; beside them there "
                                                 "are fast (50 ms) and slow (1 s)"),
    ] = {}  # fmt: skip
    uncertain_after: Annotated[Seconds, Field(gt=0, description="Beyond its period, a value becomes Uncertain")] = 0.2
    bad_after: Annotated[Seconds, Field(gt=0, description="Beyond its period, a value becomes Bad")] = 1.0

    @field_validator("poll")
    @classmethod
    def _with_usual(cls, said: dict[str, float]) -> dict[str, float]:
        return USUAL_PERIODS_S | said


class ModbusTcpSettings(ModbusSettings):
    """One unit on a Modbus TCP connection."""

    host: Host
    port: Annotated[int, Field(ge=1, le=65535, description="TCP port")] = 502


class ModbusTlsSettings(ModbusTcpSettings):
    """One unit on a Modbus/TCP Security connection: both sides show a certificate (protocol specification 3.6)."""

    port: Annotated[int, Field(ge=1, le=65535, description="TCP port")] = 802
    ca: Annotated[Path, Field(description="Certificates of who signed the device's (PEM), relative to the YAML file")]
    certificate: Annotated[Path, Field(description="The cell's own certificate (PEM), relative to the YAML file")]
    key: Annotated[Path, Field(description="The key of that certificate (PEM, no password)")]


class ModbusRtuSettings(ModbusSettings):
    """One unit on a serial line."""

    unit: Annotated[int, Field(ge=1, le=247, description="Address on the line")] = 1
    device: Annotated[str, Field(min_length=1, description="Serial port, such as /dev/ttyUSB0")]
    baud: Annotated[int, Field(ge=300, le=4_000_000, description="Bits per second")] = 19200
    parity: Annotated[Parity, Field(description="Parity bit of each character")] = Parity.EVEN
    stop_bits: Annotated[int, Field(ge=1, le=2, description="Stop bits of each character")] = 1
    timeout: Annotated[Seconds, Field(gt=0, le=10, description="Answer to one request")] = 0.5


MODBUS: dict[str, type[ModbusTcpSettings | ModbusRtuSettings]] = {
    "modbus-tcp": ModbusTcpSettings,
    "modbus-tls": ModbusTlsSettings,
    "modbus-rtu": ModbusRtuSettings,
}
"""Driver → its settings."""


def line_of(said: Mapping[str, Any]) -> str:
    """What a device is connected to, by its settings: devices of one serial port, or one host and port, share it."""
    if "device" in said:
        return str(Path(said["device"]).resolve())
    host = str(said.get("host")).lower()
    return f"{LOCAL.get(host, host)}:{said.get('port')}"


def settings_of(driver: str, said: Mapping[str, Any]) -> ModbusTcpSettings | ModbusRtuSettings:
    """The settings of a device of the resolved cell."""
    return MODBUS[driver].model_validate(said)
