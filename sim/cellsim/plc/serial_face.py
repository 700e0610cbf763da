"""The PLC's serial port: a pseudo-terminal that speaks Modbus RTU, in front of the same registers and faults."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from pathlib import Path

from cellctl.errors import PlantError
from cellsim.plc.rtu import RequestFramer, wrapped
from cellsim.plc.server import UNIT
from cellsim.proxy.frame import Frame, Framer

_SILENCE_S = 0.05
"""A request in pieces further apart than this is none; far more than 3.5 characters, for a pty has no line."""
_CHUNK = 1024


class SerialFace:
    """Carries requests from the pty to the Modbus TCP face and its answers back, as a serial gateway does.

    Args:
        host: of the Modbus TCP face.
        port: of the Modbus TCP face.
    """

    def __init__(self, host: str, port: int) -> None:
        self._peer = (host, port)
        self._master = self._slave = -1
        self._link: Path | None = None
        self._framer = RequestFramer()
        self._answers = Framer()
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._silence: asyncio.TimerHandle | None = None
        self._transaction = 0

    async def start(self, link: Path) -> None:
        """Open the pty and make `link` its name. PlantError CELL-2214 when something else is there."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        try:
            _name(link, os.ttyname(self._slave))
        except OSError as error:
            self._close()
            raise PlantError("CELL-2214", "cannot make the serial port {path}: {reason}",
                             do="name a path that is free", path=link, reason=error.strerror) from error  # fmt: skip
        self._link = link
        reader, self._writer = await asyncio.open_connection(*self._peer)
        self._reading = asyncio.create_task(self._answer(reader))
        asyncio.get_running_loop().add_reader(self._master, self._hear)

    async def stop(self) -> None:
        """Take the name away and close everything; may be called without `start`."""
        if self._link is not None:
            self._link.unlink(missing_ok=True)
            self._link = None
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()
        if self._silence is not None:
            self._silence.cancel()
        if self._master >= 0:
            asyncio.get_running_loop().remove_reader(self._master)
            self._close()

    def _close(self) -> None:
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1

    def _hear(self) -> None:
        """Bytes from the cell."""
        if self._silence is not None:
            self._silence.cancel()
        for unit, pdu in self._framer.feed(os.read(self._master, _CHUNK)):
            self._transaction = (self._transaction + 1) & 0xFFFF
            if self._writer is not None and unit == UNIT:
                self._writer.write(Frame(self._transaction, unit, pdu).data)
        self._silence = asyncio.get_running_loop().call_later(_SILENCE_S, self._framer.reset)

    async def _answer(self, reader: asyncio.StreamReader) -> None:
        """Answers back to the cell; one that nobody reads is lost, as on a wire."""
        while data := await reader.read(_CHUNK):
            for frame in self._answers.feed(data)[0]:
                with contextlib.suppress(BlockingIOError):
                    os.write(self._master, wrapped(frame.unit, frame.pdu))


def _name(link: Path, terminal: str) -> None:
    """Give a terminal a name of ours; a link that an earlier line left is replaced, and nothing else."""
    if link.is_symlink():
        link.unlink()
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(terminal)
