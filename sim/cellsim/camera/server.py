"""The camera's loop: one client at a time, blocks handed over at their last line."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Callable
from typing import Any

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellctl.errors import PlantError
from cellsim.camera.protocol import STOP_BYTES, Greeting, parse_stop
from cellsim.camera.stream import Stream, View
from cellsim.render.field import COLUMN_MM, COLUMNS, ROW_UM, ROWS

_IDLE_S = 0.25
_OVERDUE_S = 0.001
"""A block is overdue because the plant has not reported its objects yet: look again this soon."""
_GREETING = Greeting(ROWS, COLUMNS, ROW_UM, round(COLUMN_MM * 1000))

Reader = tuple[int, Callable[[], None]]
"""A file descriptor to watch and what to call when it can be read."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; PlantError CELL-2211 when the port is taken."""
    try:
        return socket.create_server((host, port), backlog=1)
    except OSError as error:
        raise PlantError(
            "CELL-2211",
            "cannot listen on {host}:{port} for the camera: {reason}",
            do="choose a free port (--camera-port)",
            host=host,
            port=port,
            reason=error.strerror or error,
        ) from error


class CameraServer:
    """Serves one client after the other until `stopped` is set.

    Args:
        listener: bound socket.
        view: what the camera sees; its scene is kept up to date by one of the readers.
        readers: further descriptors to watch.
        on_closed: called with the figures of each finished acquisition.
    """

    def __init__(
        self,
        listener: socket.socket,
        view: View,
        readers: tuple[Reader, ...],
        on_closed: Callable[[dict[str, Any]], None],
    ) -> None:
        self.stopped = False
        self._listener, self._view, self._on_closed = listener, view, on_closed
        self._readers = dict(readers)
        self._stream: Stream | None = None
        self._request = bytearray()

    def run(self) -> None:
        """Serve until `stopped`."""
        while not self.stopped:
            self._wait()
            if self._stream is not None:
                self._serve(self._stream)
        self._close()

    def _wait(self) -> None:
        """Sleep until something can be read or written, or the next block is due."""
        stream = self._stream
        readable: list[Any] = [*self._readers, self._listener if stream is None else stream.connection]
        writable = [stream.connection] if stream is not None and stream.wants_to_send else []
        ready, _, _ = select.select(readable, writable, [], self._patience_s())
        for descriptor in ready:
            if isinstance(descriptor, int):
                self._readers[descriptor]()
            elif descriptor is self._listener:
                self._accept()
            else:
                self._listen_to_client()

    def _patience_s(self) -> float:
        if self._stream is None:
            return _IDLE_S
        left_s = (self._stream.due_ns() - time.monotonic_ns()) / NS_PER_S
        return min(_IDLE_S, left_s) if left_s > 0 else _OVERDUE_S

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(_GREETING.pack())
        connection.setblocking(False)
        self._request.clear()
        self._stream = Stream(connection, self._view, time.monotonic_ns())

    def _serve(self, stream: Stream) -> None:
        try:
            stream.release(time.monotonic_ns())
            stream.pump()
            while stream.due_ns() - time.monotonic_ns() > NS_PER_MS and stream.prepare():
                pass
            if stream.due_ns() <= time.monotonic_ns():  # nothing was ready: render what is overdue
                stream.prepare()
        except OSError:
            self._close()

    def _listen_to_client(self) -> None:
        assert self._stream is not None  # only a stream's connection is watched
        data = b""
        with contextlib.suppress(ConnectionError):
            data = self._stream.connection.recv(STOP_BYTES)
        self._request += data
        if not data:
            self._close()
        elif len(self._request) >= STOP_BYTES:
            self._stream.stats.last_received = parse_stop(self._request)
            self._close()

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.connection.close()
            self._on_closed(self._stream.stats.to_json())
            self._stream = None
