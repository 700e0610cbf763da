"""One wire to one or several units: one request at a time, in turn, and each answered by its own answer or by none.

After a request that was not answered in time, or not by what it asked for, a late answer must find nobody: a
connection is closed, a serial line left quiet (`RtuWire` states for how long). Nothing is retried here: whether a
write may be repeated is not for a transport to decide.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import termios
import traceback
from collections.abc import Callable
from typing import Any

from pymodbus.pdu import ModbusPDU

from cellctl.devices.modbus.faults import LinkLostError, exception_answer, lost
from cellctl.devices.modbus.tls import refused
from cellctl.devices.modbus.turns import Turns, Urgency
from cellctl.devices.modbus.wire import Wire
from cellctl.errors import PlantError, text

# pymodbus logs every failed request as an error; here each of them is an exception with a code instead.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class Line:
    """The wire that the units share.

    Args:
        wire: which one, and how its frames look.

    Attributes:
        most_at_once: see `Wire`.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.most_at_once = wire.most_at_once
        self._turns = Turns()
        self._opening = asyncio.Lock()
        self._client: Any = None
        self._users: set[object] = set()
        self._request = b""
        self._on_sent: Callable[[bytes], None] | None = None
        self._quiet_until_s = 0.0

    def has(self, user: object) -> bool:
        """Whether requests of that user can be sent."""
        return user in self._users and self._is_open

    @property
    def _is_open(self) -> bool:
        return self._client is not None and bool(self._client.connected)

    async def open(self, user: object) -> None:
        """Let a user in; connects unless another one has done so already. PlantError CELL-2010 or CELL-2017."""
        async with self._opening:
            if not self._is_open:
                await self._open()
            self._users.add(user)

    def leave(self, user: object) -> None:
        """What this user asked for and was not sent yet is not sent any more; the last one closes a connection."""
        self._users.discard(user)
        if not self._users and self._wire.is_closed_by_failure:
            self.close()

    def close(self) -> None:
        """Disconnect; the request under way fails at once."""
        client, self._client = self._client, None
        self._users.clear()
        if client is not None:
            self._fail(client, _ended(self._wire.peer))
            client.close()

    async def ask(
        self, user: object, urgency: Urgency, request: ModbusPDU, on_sent: Callable[[bytes], None] | None = None
    ) -> Any:
        """One request and its answer. LinkLostError or ExceptionAnswerError.

        `on_sent` is called with the request's protocol data unit when it goes out.
        """
        async with self._turns.turn(urgency):
            if self._quiet_until_s:
                await self._silence()
            if not self.has(user):
                raise LinkLostError(
                    "CELL-2010", "not connected to {peer}", do="wait for the link", peer=self._wire.peer
                )
            self._on_sent = on_sent
            return await self._answer(self._client, request)

    async def _open(self) -> None:
        """The library's own `connect` would swallow why it failed."""
        self.close()
        client = self._wire.client(self._trace)
        client.ctx.callback_disconnected = self._gone
        try:
            client.ctx.transport, _ = await asyncio.wait_for(client.ctx.call_create(), self._wire.connect_s)
        except ssl.SSLError as error:
            raise refused(self._wire.peer, error) from error
        except OSError as error:  # also when the time is up
            raise _unreachable(self._wire.peer, error) from error
        except termios.error as error:  # of a serial port that does not take its settings
            traceback.clear_frames(error.__traceback__)  # they hold the port, open and locked
            raise _unreachable(self._wire.peer, OSError(*error.args)) from error
        self._client = client

    async def _silence(self) -> None:
        """Wait until the wire has been quiet for as long as its rules say; LinkLostError when it does not fall quiet.

        Without that end a line on which somebody always talks would hold every user, and nobody would be told.
        """
        now_s = asyncio.get_running_loop().time
        until_s = now_s() + 2 * self._wire.quiet_s
        while (left_s := self._quiet_until_s - now_s()) > 0:
            if now_s() >= until_s:
                raise lost("CELL-2012", self._wire.peer, "the line does not fall quiet")
            await asyncio.sleep(min(left_s, max(until_s - now_s(), 0.0)))

    def _hush(self, silence_s: float) -> None:
        if silence_s:
            self._quiet_until_s = max(self._quiet_until_s, asyncio.get_running_loop().time() + silence_s)

    async def _answer(self, client: Any, request: ModbusPDU) -> Any:
        """Send and wait, with one timer.

        The library's own `execute` costs twice the time, may lose a cancellation, and connects anew by itself.
        """
        context, loop = client.ctx, asyncio.get_running_loop()
        request.transaction_id = context.getNextTID()
        context.response_future = waiting = loop.create_future()
        timer = loop.call_later(self._wire.timeout_s, self._time_is_up, waiting)
        try:
            context.pdu_send(request)
            answer = await waiting
        except (PlantError, asyncio.CancelledError):
            self._give_up(client)
            raise
        finally:
            timer.cancel()
            self._request, self._on_sent = b"", None
        self._hush(self._wire.gap_s)
        if answer.isError():
            raise exception_answer(self._wire.peer, answer.exception_code)
        return answer

    def _time_is_up(self, waiting: asyncio.Future[Any]) -> None:
        peer, timeout_s = self._wire.peer, self._wire.timeout_s
        if not waiting.done():
            waiting.set_exception(lost("CELL-2011", peer, "no answer within {timeout:g} s", timeout=timeout_s))

    def _give_up(self, client: Any) -> None:
        """Nobody may take a late answer for that of another request."""
        self._hush(self._wire.quiet_s)
        if self._wire.is_closed_by_failure and client is self._client:
            self.close()

    def _trace(self, sending: bool, data: bytes) -> bytes:
        """Look at every byte before pymodbus does; what is no answer to the request is not handed on."""
        if sending:
            self._request = data
            if self._on_sent is not None:
                self._on_sent(self._wire.framing.pdu(data))
            return data
        if not self._request:
            self._hush(self._wire.quiet_s)
            return b""
        problem = self._wire.framing.problem(self._request, data)
        if problem is None:
            return data
        self._fail(self._client, lost("CELL-2012", self._wire.peer, problem))
        return b""

    def _gone(self, error: Exception | None) -> None:
        """The other side closed the connection: nobody needs to wait for the time-out."""
        ended = refused(self._wire.peer, error) if isinstance(error, ssl.SSLError) else _ended(self._wire.peer)
        self._fail(self._client, ended)

    def _fail(self, client: Any, error: PlantError) -> None:
        """End the wait for an answer."""
        waiting = client.ctx.response_future if client is not None and self._request else None
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)


def _ended(peer: str) -> LinkLostError:
    return lost("CELL-2015", peer, "the connection was closed before the answer came")


def _unreachable(peer: str, error: OSError) -> LinkLostError:
    reason = error.strerror or (text("no answer in time") if isinstance(error, TimeoutError) else str(error))
    what, do = "cannot connect to {peer}: {reason}", "check address, cable and PLC"
    return LinkLostError("CELL-2010", what, do=do, peer=peer, reason=reason)
