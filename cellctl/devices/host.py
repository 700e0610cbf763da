"""The address of a device, without what belongs elsewhere."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from cellctl.errors import text
from cellctl.units import Unreadable

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9])?")
_AROUND = re.compile(r"^[a-z+]+://|:[0-9]+/?$|/$")
"""Scheme and port, as they stand in the address of a web page."""


def _is_host(written: str) -> bool:
    if _is_number(written):
        return _is_address(written, ipaddress.IPv4Address)
    return bool(_NAME.fullmatch(written)) or _is_address(written, ipaddress.IPv6Address)


def _is_number(written: str) -> bool:
    """Whether it ends in a number, as no name does: then it is an address with dots, or a slip in one."""
    return ":" not in written and written.rpartition(".")[2].isdecimal()


def _is_address(written: str, kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address]) -> bool:
    try:
        kind(written)
    except ValueError:
        return False
    return True


def _host(written: str) -> str:
    if _is_host(written):
        return written
    if _is_number(written):
        raise Unreadable(text("expected four numbers from 0 to 255, got {got!r:.60}", got=written), "10.0.0.5",
                         text("correct the address"))  # fmt: skip
    plain = _AROUND.sub("", _AROUND.sub("", written))
    raise Unreadable(
        text("expected a name or an address alone, got {got!r:.60}", got=written), plain if _is_host(plain) else "",
        text("write the port under `port`, and nothing before the name"),
    )  # fmt: skip


Host = Annotated[str, AfterValidator(_host), Field(description="Name or address")]
