"""The server by which other systems read the cell."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field

from cellctl.config.checking.validation import Section
from cellctl.errors import text
from cellctl.units import Hertz, Seconds, Unreadable

_LISTEN = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<v4>[0-9.]+)):(?P<port>[0-9]{1,5})")
LAST_PORT = 65535


class Endpoint(NamedTuple):
    """Where a server listens."""

    host: str
    port: int


def endpoint(listen: str) -> Endpoint | None:
    """`127.0.0.1:1502` or `[::1]:1502` taken apart; None when it is neither."""
    match = _LISTEN.fullmatch(listen)
    if match is None or not 1 <= int(match["port"]) <= LAST_PORT:
        return None
    try:
        address = ipaddress.ip_address(match["v6"] or match["v4"])
    except ValueError:
        return None
    return Endpoint(str(address), int(match["port"]))


def _listen(written: str) -> str:
    if endpoint(written) is None:
        raise Unreadable(text("expected an address of this machine and a port, got {got!r:.60}", got=written),
                         "127.0.0.1:1502", text("write it as 127.0.0.1:1502 or [::1]:1502"))  # fmt: skip
    return written


class ScadaSection(Section):
    """Other systems read the cell by Modbus TCP; nobody writes to it by this door."""

    listen: Annotated[
        str, AfterValidator(_listen), Field(description="address of this machine and port, 127.0.0.1 for itself alone")
    ] = "127.0.0.1:1502"
    tags: Annotated[str, Field(description="table (CSV) that says where each value lies, relative to this file")]
    allow: Annotated[
        tuple[int, ...], Field(min_length=1, description="function codes that are answered, of 1, 2, 3 and 4")
    ] = (3, 4)
    connections: Annotated[int, Field(ge=1, le=64, description="clients at the same time")] = 4
    idle: Annotated[Seconds, Field(ge=1, le=3600, description="without a whole request a client is cut")] = 60.0
    rate: Annotated[Hertz, Field(gt=0, le=10_000, description="requests of one client; more wait")] = 50.0
    stale: Annotated[
        Seconds, Field(ge=0.5, le=3600, description="what the cell has not said again for so long is served as Bad")
    ] = 2.0
