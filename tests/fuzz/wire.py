"""An event loop whose connections lead to a hostile device in the same process: no socket, no waiting.

Whatever opens a TCP connection in this loop gets a wire whose other end answers each request with bytes of the
caller's choice and then hangs up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

Answer = Callable[[bytes], list[bytes]]
"""What the device says to a request, piece by piece."""


class HostileWire(asyncio.Transport):
    """One connection."""

    def __init__(self, loop: WireLoop, protocol: Any) -> None:
        super().__init__()
        self._loop = loop
        self._protocol = protocol
        self._open = True
        self._answered = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Answer soon, as a device does."""
        self._loop.call_soon(self._deliver, self._loop.answer(bytes(data)))

    def _deliver(self, pieces: list[bytes]) -> None:
        """Hand over what the device says; a real transport ends the connection when its protocol raises, too."""
        try:
            for piece in pieces:
                if self._open and piece:
                    self._protocol.data_received(piece)
        finally:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._open:
            self._open = False
            self._protocol.connection_lost(None)

    def close(self) -> None:
        """Nothing more is handed over."""
        self._open = False

    abort = close

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return not self._open

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Nothing is known of the other end."""
        del name
        return default


class WireLoop(asyncio.SelectorEventLoop):
    """Opens hostile wires; `answer` says what comes back."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: Answer = lambda _request: []

    async def create_connection(self, protocol_factory: Callable[[], Any], *_: Any, **__: Any) -> Any:
        """Connect to the hostile device, wherever the caller wanted to go."""
        protocol = protocol_factory()
        wire = HostileWire(self, protocol)
        protocol.connection_made(wire)
        return wire, protocol
