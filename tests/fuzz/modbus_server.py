"""The codec by which SCADA reads the cell, with its answers, under broken requests."""

from __future__ import annotations

import time
import traceback
from random import Random
from typing import Any

from cellctl.devices.modbus_server.requests import LARGEST_FRAME, Broken, Fault, Function, RequestReader
from cellctl.devices.modbus_server.tables import answer
from tests.fuzz.frames import in_pieces, spoilt, tcp_frame
from tests.fuzz.tally import Tally


def server_batch(random: Random, units: list[bytes], inputs: int, tally: Tally) -> None:
    """Streams of requests into the codec, and what it takes for a request through the answers."""
    tables, allowed = Numbered(), frozenset(Function)
    for _ in range(inputs):
        chosen = random.choices(units, k=random.choice((1, 1, 3)))
        frames = [tcp_frame(random.randrange(65536), 1, unit) for unit in chosen]
        data = b"".join(spoilt(random, it, random.choice(units)) for it in frames)
        start_s = time.perf_counter()
        try:
            _serve(RequestReader(allowed), tables, in_pieces(random, data), tally)
        except Exception:  # noqa: BLE001  # that is what is looked for
            tally.fail("uncaught", data, traceback.format_exc())
        tally.close(start_s)


def _serve(reader: RequestReader, tables: Any, pieces: list[bytes], tally: Tally) -> None:
    taken = False
    for piece in pieces:
        for event in reader.feed(piece):
            if isinstance(event, Broken):
                continue
            said = answer(event, tables)
            taken = True
            if len(said) != 6 + int.from_bytes(said[4:6], "big") or len(said) > LARGEST_FRAME:
                tally.fail("wrong", b"".join(pieces), f"answered {said.hex()}")
        if reader.kept >= LARGEST_FRAME:
            tally.fail("wrong", b"".join(pieces), f"kept {reader.kept} bytes")
    tally.accepted += taken


class Numbered:
    """Register and bit n hold n, half of them at least."""

    def registers(self, _function: Function, start: int, size: int) -> list[int] | Fault:
        return list(range(start, start + size)) if start < 0x8000 else Fault.ILLEGAL_ADDRESS

    def bits(self, _function: Function, start: int, size: int) -> list[bool] | Fault:
        return [bool(it % 2) for it in range(start, start + size)] if start < 0x8000 else Fault.DEVICE_FAILURE
