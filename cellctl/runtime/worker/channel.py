"""A worker's end of the control channel."""

from __future__ import annotations

import os
from pathlib import Path

import zmq

from cellctl.runtime import control


class Channel:
    """Says hello, beats, reports a fault, and hears when to stop."""

    def __init__(self, path: Path, name: str, gaps: tuple[str, ...] = ()) -> None:
        self._gaps = gaps
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.socket = self._context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.IDENTITY, name.encode())
        self.socket.connect(f"ipc://{path}")

    def hello(self) -> None:
        """Tell the supervisor that this worker is ready."""
        self.socket.send(control.encode(control.Hello(os.getpid(), self._gaps)))

    def beat(self, beat: control.Beat) -> None:
        """Tell the supervisor that this worker is alive; dropped when it does not read."""
        try:
            self.socket.send(control.encode(beat), zmq.NOBLOCK)
        except zmq.Again:
            return

    def fault(self, code: str, text: str, told: str = "") -> None:
        """Tell the supervisor why this worker ends."""
        self.socket.send(control.encode(control.Fault(code, text, told)))

    def done(self, beat: control.Beat, *, drained: bool) -> None:
        """Tell the supervisor that everything was handled."""
        self.socket.send(control.encode(control.Done(beat, drained)))

    def stop_asked(self) -> control.Stop | None:
        """The supervisor's request to stop, if it has come."""
        try:
            return control.decode_stop(self.socket.recv(zmq.NOBLOCK))
        except zmq.Again:
            return None

    def close(self) -> None:
        """Close; what was said still reaches the supervisor."""
        self.socket.close(linger=1000)
        self._context.term()
