"""The Modbus decoders under inputs that are led by what code they reach; needs the package atheris.

    python -m tests.fuzz.guided server|client-tcp|client-rtu [-runs=N] [-max_total_time=S] [CORPUS]

What follows the name of the target is atheris's own. An exception ends the run, and atheris leaves its bytes in a file.
`python -m tests.fuzz.modbus` needs no package, and sees more: log records, memory, answers that are none.
"""

from __future__ import annotations

import struct
import sys

import atheris

with atheris.instrument_imports():
    from pymodbus.framer import FramerRTU, FramerSocket
    from pymodbus.pdu import DecodePDU

    from cellctl.devices.modbus.answers import Framing, RtuFraming, TcpFraming
    from cellctl.devices.modbus_server.requests import LARGEST_FRAME, Broken, Function, RequestReader
    from cellctl.devices.modbus_server.tables import answer

from tests.fuzz.frames import rtu_frame, tcp_frame
from tests.fuzz.modbus_server import Numbered

UNIT, TRANSACTION = 1, 7
READS = tuple(struct.pack(">BHH", code, 100, size) for code in (3, 4) for size in (1, 3, 125))
WRITES = (bytes.fromhex("10006400020400000001"), bytes.fromhex("0600070201"))
TABLES, ALLOWED = Numbered(), frozenset(Function)


def server(data: bytes) -> None:
    """Requests, cut in two at a place that the first byte says."""
    reader, cut = RequestReader(ALLOWED), data[0] if data else 0
    for piece in (data[1 : 1 + cut], data[1 + cut :]):
        for event in reader.feed(piece):
            if not isinstance(event, Broken):
                assert len(answer(event, TABLES)) <= LARGEST_FRAME
        assert reader.kept < LARGEST_FRAME


def client_tcp(data: bytes) -> None:
    """An answer to one of the requests of the cell, which the first byte says."""
    request = tcp_frame(TRANSACTION, UNIT, _asked(data))
    _judge(TcpFraming(), FramerSocket(DecodePDU(False)), request, data[1:], TRANSACTION)


def client_rtu(data: bytes) -> None:
    """The same on a serial line."""
    _judge(RtuFraming(), FramerRTU(DecodePDU(False)), rtu_frame(UNIT, _asked(data)), data[1:], 0)


def _asked(data: bytes) -> bytes:
    return (READS + WRITES)[data[0] % len(READS + WRITES)] if data else READS[0]


def _judge(framing: Framing, framer: FramerSocket | FramerRTU, request: bytes, data: bytes, transaction: int) -> None:
    """What passes the checks must not upset the library."""
    if framing.problem(request, data) is None:
        framer.handleFrame(data, UNIT, transaction)


TARGETS = {"server": server, "client-tcp": client_tcp, "client-rtu": client_rtu}


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"name one of: {', '.join(TARGETS)}")
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
    atheris.Fuzz()
