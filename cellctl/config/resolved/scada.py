"""The server that other systems read the cell by, resolved."""

from __future__ import annotations

import msgspec


class ScadaServer(msgspec.Struct, frozen=True):
    """A Modbus TCP server that answers reads.

    Attributes:
        host: address of this machine.
        port: on which it listens.
        allow: function codes that it answers.
        connections: clients at the same time.
        idle_s: without a whole request a client is cut.
        rate_hz: requests per second of one client.
        stale_s: values of which the cell has said nothing for so long are Bad.
        tags: absolute path of the table that says where each value lies.
        table: SHA-256 of that file, hex.
    """

    host: str
    port: int
    allow: tuple[int, ...]
    connections: int
    idle_s: float
    rate_hz: float
    stale_s: float
    tags: str
    table: str
