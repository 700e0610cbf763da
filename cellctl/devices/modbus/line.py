"""One wire to one or several units: one request at a time, in turn, and each answered by its own answer or by none.

A request that was not answered in time, or not by what it asked for, closes the wire: a late answer has nowhere to
arrive. Nothing is retried here: whether a write may be repeated is not for a transport to decide.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from cellctl.devices.modbus.faults import LinkLostError, exception_answer, lost
from cellctl.devices.modbus.turns import Turns, Urgency
from cellctl.devices.modbus.wire import Wire

Request = Callable[[Any], Awaitable[ModbusPDU]]
"""Asks a client of pymodbus."""

# pymodbus logs every failed request as an error; here each of them is an exception with a code instead.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class Line:
    """The wire that the units share.

    Args:
        wire: which one, and how its frames look.

    Attributes:
        era: goes up with every opening; a request of an earlier one is not sent.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._turns = Turns()
        self._opening = asyncio.Lock()
        self._client: Any = None
        self._request = b""
        self._on_sent: Callable[[bytes], None] | None = None
        self._users: set[object] = set()
        self.era = 0

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self._client is not None and bool(self._client.connected)

    async def open(self, user: object) -> None:
        """Connect anew, unless another unit has done so already; LinkLostError (CELL-2010)."""
        async with self._opening:
            if not self.is_open:
                await self._open()
            self._users.add(user)

    def leave(self, user: object) -> None:
        """One unit is given up; the last one closes the wire."""
        self._users.discard(user)
        if not self._users:
            self.close()

    async def _open(self) -> None:
        self.close()
        client = self._wire.client(self._trace, self._notice)
        if not await client.connect():
            client.close()
            raise LinkLostError(
                "CELL-2010", "cannot connect to {peer}", do="check address, cable and PLC", peer=self._wire.peer
            )
        self._client = client
        self.era += 1

    def close(self) -> None:
        """Disconnect; the request under way fails at once."""
        self._close(self._client)

    def _close(self, client: Any) -> None:
        """Disconnect if this is still the connection in use."""
        if client is None or client is not self._client:
            return
        self._fail(_ended(self._wire.peer))
        self._users.clear()
        self._client = None
        client.close()

    async def ask(
        self, era: int, urgency: Urgency, request: Request, on_sent: Callable[[bytes], None] | None = None
    ) -> Any:
        """One request and its answer. LinkLostError or ExceptionAnswerError.

        `on_sent` is called with the request's protocol data unit when it goes out.
        """
        async with self._turns.turn(urgency):
            if self._client is None or era != self.era:
                raise LinkLostError(
                    "CELL-2010", "not connected to {peer}", do="wait for the link", peer=self._wire.peer
                )
            self._on_sent = on_sent
            return await self._answer(self._client, request)

    async def _answer(self, client: Any, request: Request) -> Any:
        """A second time-out stands behind the library's own."""
        wire = self._wire
        try:
            async with asyncio.timeout(2 * wire.timeout_s):
                answer = await request(client)
        except LinkLostError:
            self._close(client)
            raise
        except (ModbusException, TimeoutError, OSError) as error:
            self._close(client)
            raise lost("CELL-2011", wire.peer, "no answer within {timeout:g} s", timeout=wire.timeout_s) from error
        finally:
            self._request, self._on_sent = b"", None
        if answer.isError():
            raise exception_answer(wire.peer, answer.exception_code)
        return answer

    def _trace(self, sending: bool, data: bytes) -> bytes:
        """Look at every byte before pymodbus does; what is no answer to the request is not handed on."""
        if sending:
            self._request = data
            if self._on_sent is not None:
                self._on_sent(self._wire.framing.pdu(data))
            return data
        if not self._request:
            return b""
        problem = self._wire.framing.problem(self._request, data)
        if problem is None:
            return data
        self._fail(lost("CELL-2012", self._wire.peer, problem))
        return b""

    def _notice(self, connected: bool) -> None:
        """The other side closed the connection: nobody needs to wait for the time-out."""
        if not connected:
            self._fail(_ended(self._wire.peer))

    def _fail(self, error: LinkLostError) -> None:
        """End the wait for an answer."""
        waiting = self._client.ctx.response_future if self._client is not None and self._request else None
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)


def _ended(peer: str) -> LinkLostError:
    return lost("CELL-2015", peer, "the connection was closed before the answer came")
