"""Reads the tags of one device at steady periods, and says which of them the device will not give."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from itertools import chain

from cellctl.clock import NS_PER_S, Clock
from cellctl.devices.modbus.blocks import Block, split
from cellctl.devices.modbus.connection import Connection
from cellctl.devices.modbus.faults import ExceptionAnswerError, LinkLostError
from cellctl.devices.modbus.turns import Urgency
from cellctl.devices.tags import Address
from cellctl.errors import PlantError
from cellctl.model.quality import Quality
from cellctl.runtime.bus.plant import PlantImage
from cellctl.runtime.bus.rhythm import Rhythm

ILLEGAL_ADDRESS = 2
QUALITY = {
    1: Quality.BAD_CONFIGURATION_ERROR,
    ILLEGAL_ADDRESS: Quality.BAD_CONFIGURATION_ERROR,
    3: Quality.BAD_CONFIGURATION_ERROR,
    4: Quality.BAD_DEVICE_FAILURE,
    10: Quality.BAD_NO_COMMUNICATION,
    11: Quality.BAD_NO_COMMUNICATION,
}
"""What an exception says of the values asked for; any other is plainly Bad."""
LATER = frozenset({5, 6})
"""Acknowledge and busy: the value is not worse for it, it only grows older until the next poll."""
CALM_NS = 10 * NS_PER_S
"""So long without a missed poll, and the device counts as fast enough again."""
MOST_NAMED = 5
"""Tags that an alarm names; the table is the place for the rest."""


class Polling:
    """The rounds of one device; several blocks make a round, and a write may go between any two of them.

    Args:
        connection: to the device.
        image: where values go.
        clock: monotonic time.
        lose: called when the link is lost.

    Attributes:
        done: rounds that were finished.
        missed: due times that passed without a round while the link was up.
    """

    def __init__(
        self,
        connection: Connection,
        image: PlantImage,
        clock: Clock,
        lose: Callable[[PlantError], None],
    ) -> None:
        self._connection = connection
        self._image = image
        self._clock = clock
        self._lose = lose
        self._parts: dict[tuple[Address, int], tuple[Block, ...]] = {}
        self._refused: dict[Address, tuple[Block, ExceptionAnswerError]] = {}
        self._missed_ns = 0
        self.done = self.missed = 0

    @property
    def refusal(self) -> str:
        """Which tags the device will not give, and why; empty while it gives all."""
        lines = [f"{_named(block)}: {error.what}; {error.do}" for block, error in self._refused.values()]
        return "; ".join(lines)

    @property
    def overload(self) -> str:
        """Whether the device is too slow for its periods, in words; empty when it keeps up."""
        if not self.missed or self._clock.now_ns() - self._missed_ns > CALM_NS:
            return ""
        return "polls are missed: the device does not answer for all its tags within their period"

    async def all(self) -> None:
        """Read everything once, also what is only read back. LinkLostError."""
        await self.read(chain.from_iterable(self._image.polls.parts))
        await self.read(self._image.readback)
        self._image.polls.begin(self._clock.now_ns())

    async def keep(self, after: Callable[[], None]) -> None:
        """Read what is due while the link is up; `after` is called at the same period in any case."""
        now_s = asyncio.get_running_loop().time
        rhythm = Rhythm(self._image.polls.period_ns / NS_PER_S, now_s())
        while True:
            alive = self._image.values.alive
            if alive:
                await self._round()
            after()
            wait_s, missed = rhythm.after(now_s())
            if alive and missed:
                self.missed += missed
                self._missed_ns = self._clock.now_ns()
            await asyncio.sleep(wait_s)

    async def read(self, blocks: Iterable[Block]) -> None:
        """Read some blocks now; what the device refuses is Bad from then on. LinkLostError."""
        for block in blocks:
            await self._read(block)

    async def _round(self) -> None:
        try:
            await self.read(chain.from_iterable(self._image.polls.due(self._clock.now_ns())))
        except LinkLostError as error:
            self._lose(error)
        else:
            self.done += 1

    async def _read(self, block: Block) -> None:
        place = block.start, block.size
        if place in self._parts:
            await self.read(self._parts[place])
            return
        try:
            registers = await self._connection.read(block, Urgency.POLL)
        except ExceptionAnswerError as error:
            parts = split(block)
            if error.number == ILLEGAL_ADDRESS and len(parts) > 1:  # between them may lie what the device does not have
                self._parts[place] = parts
                await self.read(parts)
            else:
                self._refuse(block, error)
            return
        self._image.take(block, registers, self._clock.now_ns())
        if self._refused:
            self._refused.pop(block.start, None)

    def _refuse(self, block: Block, error: ExceptionAnswerError) -> None:
        if error.number in LATER:
            return
        self._refused[block.start] = block, error
        quality = QUALITY.get(error.number, Quality.BAD)
        self._image.values.put_bad((tag.name for tag in block.tags), quality, self._clock.now_ns())


def _named(block: Block) -> str:
    names = ", ".join(f"{tag.name} ({tag.source})" for tag in block.tags[:MOST_NAMED])
    more = len(block.tags) - MOST_NAMED
    return f"{names} and {more} more" if more > 0 else names
