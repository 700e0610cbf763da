"""Writes set-points and finds out what the plant made of them: in force, refused, or unknown; never assumed.

A holding register read back is only an echo. Confirmation is: the PLC echoed the sequence, accepted the block, and
shows every value in force within half a count of the wire.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from cellctl.clock import NS_PER_MS, NS_PER_S, Clock
from cellctl.devices.modbus.blocks import Block, merge, spanning
from cellctl.devices.modbus.connection import Connection
from cellctl.devices.modbus.faults import ExceptionAnswerError, LinkLostError
from cellctl.devices.modbus.turns import Urgency
from cellctl.errors import PlantError
from cellctl.model.correction import Outcome
from cellctl.runtime.bus.command import CommandBlock
from cellctl.runtime.bus.plant import HandshakeTags, PlantImage

ASK_AGAIN_S = 0.001
"""Between two looks at the echo: a tenth of a fast PLC's scan."""

FRESH_NS = 20 * NS_PER_MS
"""A block writes back the values in force of its neighbours; older than this they are read anew before it goes out."""


class Written(NamedTuple):
    """What became of one block, or is known of it so far.

    Attributes:
        outcome: UNKNOWN until the PLC has judged it.
        reason: why it is not CONFIRMED.
        registers: the request's protocol data unit in hex as it went out, answered or not; empty if none did.
        written_ns: when the PLC answered that it has the block, 0 if it did not.
    """

    outcome: Outcome
    reason: str
    registers: str
    written_ns: int


class Handshake:
    """Keeps the sequence and performs one write at a time.

    Args:
        connection: the field connection.
        image: tags and values.
        tags: of the handshake.
        confirm_s: longest wait for the value in force.
        clock: for all times.

    Attributes:
        progress: called with the increments of a block and what is known of it so far.
    """

    def __init__(
        self, connection: Connection, image: PlantImage, tags: HandshakeTags, confirm_s: float, clock: Clock
    ) -> None:
        self._connection = connection
        self._image = image
        self._confirm_s = confirm_s
        self._clock = clock
        self._command = CommandBlock(image, tags)
        self._tags = tags
        self._echo = merge([tags.echo])[0]
        self._looks = (self._echo, *image.readback)
        self._sequence = merge([tags.sequence])[0]
        self.progress: Callable[[dict[str, float], Written], None] = lambda _increments, _written: None

    async def resynchronise(self) -> None:
        """Begin behind the newest sequence that the PLC has seen or that still waits in its register."""
        self._looks = await self._ways_to_look()
        await self._look()
        registers = await self._connection.read(self._sequence, Urgency.CONFIRM)
        self._command.resynchronise(registers[0])

    async def refresh(self) -> None:
        """Read the values in force anew that the next block will write back. LinkLostError or ExceptionAnswerError.

        Between this and the PLC's scan lie some milliseconds in which a change from another side is still lost: the
        handshake has no compare-and-set.
        """
        for block in self._command.edges:
            if self._clock.now_ns() - self._image.oldest_ns(block) > FRESH_NS:
                registers = await self._connection.read(block, Urgency.WRITE)
                self._image.take(block, registers, self._clock.now_ns())

    async def write_verified(self, increments: dict[str, float]) -> Written:
        """Write set-points (tag → value) in one request and find out what became of them; raises nothing of its own.

        CONFIRMED: the PLC echoed this very sequence, accepted it, and shows every value in force within half a count.
        REFUSED: it echoed the sequence with the reason. UNKNOWN: neither came in time. A write is never sent again.

        What is known is told at once (`progress`): when the request goes out, and when it was answered.
        """
        try:
            block = self._command.registers(self._command.values(increments))
        except PlantError as error:
            return Written(Outcome.REFUSED, f"block: {error.what}", "", 0)
        reason, written_ns = await self._send(block, increments), self._clock.now_ns()
        registers = self._connection.last_write.hex()
        if reason:
            return Written(Outcome.UNKNOWN, reason, registers, 0)
        self.progress(increments, Written(Outcome.UNKNOWN, "", registers, written_ns))
        outcome, reason = await self._wait(increments, written_ns)
        return Written(outcome, reason, registers, written_ns)

    async def _send(self, block: list[int], increments: dict[str, float]) -> str:
        """Send one block; why it was not answered as it should be, or empty."""

        def sent() -> None:
            self.progress(increments, Written(Outcome.UNKNOWN, "", self._connection.last_write.hex(), 0))

        try:
            await self._connection.write(self._command.base, block, Urgency.WRITE, sent)
        except ExceptionAnswerError as error:
            return f"exception: {error.what}"
        except LinkLostError as error:
            return f"link: {error.what}"
        return ""

    async def _wait(self, increments: dict[str, float], written_ns: int) -> tuple[Outcome, str]:
        """Look at the echo until the block was judged, then at the values in force."""
        deadline_ns = written_ns + round(self._confirm_s * NS_PER_S)
        reason = f"time-out: no echo within {self._confirm_s:g} s"
        try:
            while self._clock.now_ns() < deadline_ns:
                if await self._look() == self._command.sequence:
                    verdict = await self._judged(increments)
                    if verdict is not None:
                        return verdict
                    reason = f"in-force: not the value asked for within {self._confirm_s:g} s"
                await asyncio.sleep(ASK_AGAIN_S)
        except ExceptionAnswerError as error:
            reason = f"exception: {error.what}"
        except LinkLostError as error:
            reason = f"link: {error.what}"
        return Outcome.UNKNOWN, reason

    async def _look(self) -> int:
        """The sequence that the PLC has judged last."""
        registers = await self._take(self._looks[0])
        return self._looks[0].words(self._tags.echo, registers)[0]

    async def _judged(self, increments: dict[str, float]) -> tuple[Outcome, str] | None:
        """The verdict on a block whose sequence was echoed; None while its values are not in force."""
        for block in self._looks[1:]:
            await self._take(block)
        return self._command.verdict(increments)

    async def _take(self, block: Block) -> list[int]:
        registers = await self._connection.read(block, Urgency.CONFIRM)
        self._image.take(block, registers, self._clock.now_ns())
        return registers

    async def _ways_to_look(self) -> tuple[Block, ...]:
        """One read for echo and values in force together, where that is cheap and the device gives all of it."""
        narrow = (self._echo, *self._image.readback)
        wide = spanning(tag for block in narrow for tag in block.tags)
        if wide is None or wide.size > self._connection.most_at_once:
            return narrow
        try:
            await self._connection.read(wide, Urgency.CONFIRM)
        except ExceptionAnswerError:
            return narrow  # between them lies what the device does not have
        return (wide,)
