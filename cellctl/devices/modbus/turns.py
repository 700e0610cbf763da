"""One request at a time on the wire; who waits is served by urgency, then by order of asking."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum


class Urgency(IntEnum):
    """Writes before polls."""

    WRITE = 0
    HEARTBEAT = 1
    CONFIRM = 2
    POLL = 3


class Turns:
    """A lock that serves the most urgent waiter first."""

    def __init__(self) -> None:
        self._busy = False
        self._waiting: list[tuple[Urgency, int, asyncio.Future[None]]] = []
        self._asked = 0

    @asynccontextmanager
    async def turn(self, urgency: Urgency) -> AsyncIterator[None]:
        """Wait for the wire, hold it, and hand it on."""
        if self._busy:
            await self._wait(urgency)
        self._busy = True
        try:
            yield
        finally:
            self._hand_on()

    async def _wait(self, urgency: Urgency) -> None:
        self._asked += 1
        mine = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, self._asked, mine))
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        """Wake the next waiter; the wire stays taken on its behalf."""
        while self._waiting:
            *_, waiter = heapq.heappop(self._waiting)
            if not waiter.done():
                waiter.set_result(None)
                return
        self._busy = False
