"""The driver that the cell uses for the simulated camera."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from cellctl.devices.host import Host
from cellctl.errors import PlantError
from cellctl.sdk.camera import Geometry, Grab
from cellctl.sdk.needs import Need
from cellsim.camera import protocol
from cellsim.render.field import COLUMN_MM, COLUMNS, ROW_MM, ROWS

_CONNECT_S = 3.0
_STALL_S = 2.0
"""Once a frame has begun, its rest must follow within this time."""


class SimCameraSettings(BaseModel):
    """Where the simulated camera listens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Host = Field(default="127.0.0.1", description="Host of the simulated line")
    port: int = Field(default=5021, ge=1, le=65535, description="TCP port of its camera")


class SimCamera:
    """Receives frames of the simulated line-scan camera; implements `cellctl.sdk.Camera`."""

    Settings: ClassVar[type[BaseModel]] = SimCameraSettings
    needs: ClassVar[frozenset[Need]] = frozenset({Need.NETWORK})

    def __init__(self, name: str, settings: SimCameraSettings) -> None:
        self._name = name
        self._settings = settings
        self._socket: socket.socket | None = None
        self._last = -1
        self._head = bytearray(protocol.FRAME_BYTES)

    @staticmethod
    def geometry(settings: SimCameraSettings) -> Geometry:  # noqa: ARG004  # every simulated camera is the same
        """The shape of its frames, known before it is opened."""
        return Geometry(ROWS, COLUMNS, ROW_MM, COLUMN_MM)

    def open(self) -> Geometry:
        """Connect: the acquisition begins with it. PlantError CELL-2201 when nothing listens."""
        address = (self._settings.host, self._settings.port)
        try:
            connection = socket.create_connection(address, timeout=_CONNECT_S)
        except OSError as error:
            raise PlantError(
                "CELL-2201",
                "{name}: cannot reach the camera at {host}:{port}: {reason}",
                do="start the line (`cellctl sim demo`) or correct host and port",
                name=self._name,
                host=address[0],
                port=address[1],
                reason=error.strerror or error,
            ) from error
        self._socket, self._last = connection, -1
        data = bytearray(protocol.GREETING_BYTES)
        self._receive(connection, memoryview(data))
        greeting = protocol.parse_greeting(data)
        return Geometry(greeting.rows, greeting.columns, greeting.row_um / 1000, greeting.column_um / 1000)

    def grab(self, buffer: memoryview, timeout_s: float) -> Grab | None:
        """Wait for the next frame; None on time-out. PlantError CELL-2202 … 2205 when the stream breaks."""
        connection = self._connection()
        connection.settimeout(timeout_s)
        try:
            got = connection.recv_into(self._head)
        except TimeoutError:
            return None
        except OSError as error:
            raise self._lost(str(error)) from error
        if got == 0:
            raise self._lost("the camera closed the connection")
        self._receive(connection, memoryview(self._head)[got:])
        header = protocol.parse_frame(self._head)
        if header.payload != buffer.nbytes:
            raise PlantError(
                "CELL-2205",
                "{name}: expected a buffer of {payload} bytes, got {nbytes}",
                do="size the buffer by the geometry that open() returned",
                name=self._name,
                payload=header.payload,
                nbytes=buffer.nbytes,
            )
        self._receive(connection, buffer.cast("B"))
        self._last = header.frame_id
        return Grab(header.frame_id, header.first_line_ns, header.last_line_ns, header.encoder_um / 1000)

    def close(self) -> None:
        """Tell the camera the last frame received and disconnect; may be called twice."""
        connection, self._socket = self._socket, None
        if connection is None:
            return
        with contextlib.suppress(OSError):
            connection.settimeout(_STALL_S)
            connection.sendall(protocol.pack_stop(self._last))
        self._drain(connection)
        connection.close()

    def _drain(self, connection: socket.socket) -> None:
        """Read until the camera has closed: a reset would throw away the stop request."""
        scrap = bytearray(1 << 16)
        deadline = time.monotonic() + _STALL_S
        with contextlib.suppress(OSError):
            while connection.recv_into(scrap) and time.monotonic() < deadline:
                pass

    def _receive(self, connection: socket.socket, part: memoryview) -> None:
        """Fill `part`; PlantError when the stream ends or stalls in the middle."""
        connection.settimeout(_STALL_S)
        while part.nbytes:
            try:
                got = connection.recv_into(part)
            except TimeoutError as error:
                raise PlantError(
                    "CELL-2203",
                    "{name}: the camera stopped in the middle of a frame for {STALL_S:g} s",
                    do="check the line's log; the camera process may be stuck",
                    name=self._name,
                    STALL_S=_STALL_S,
                ) from error
            except OSError as error:
                raise self._lost(str(error)) from error
            if got == 0:
                raise self._lost("the camera closed the connection in the middle of a frame")
            part = part[got:]

    def _connection(self) -> socket.socket:
        if self._socket is None:
            raise self._lost("the camera is not open")
        return self._socket

    def _lost(self, why: str) -> PlantError:
        return PlantError(
            "CELL-2202",
            "{name}: connection lost: {why}",
            do="check that the line still runs, then restart",
            name=self._name,
            why=why,
        )
