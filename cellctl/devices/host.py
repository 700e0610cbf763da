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
    if _NAME.fullmatch(written):
        return True
    try:
        ipaddress.IPv6Address(written)
    except ValueError:
        return False
    return True


def _host(written: str) -> str:
    if _is_host(written):
        return written
    plain = _AROUND.sub("", _AROUND.sub("", written))
    raise Unreadable(
        text("expected a name or an address alone, got {got!r:.60}", got=written), plain if _is_host(plain) else "",
        text("write the port under `port`, and nothing before the name"),
    )  # fmt: skip


Host = Annotated[str, AfterValidator(_host), Field(description="Name or address")]
