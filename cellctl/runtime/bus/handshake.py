"""Writes set-points and finds out what the plant made of them: in force, refused, or unknown; never assumed.

A holding register read back is only an echo. Confirmation is: the PLC echoed the sequence, accepted the block, and
shows every value in force within half a count of the wire.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from cellctl.clock import NS_PER_S, Clock
from cellctl.devices.modbus.blocks import merge
from cellctl.devices.modbus.codec import encode, same
from cellctl.devices.modbus.connection import Connection, ExceptionAnswerError, LinkLostError
from cellctl.devices.modbus.turns import Urgency
from cellctl.errors import PlantError
from cellctl.model.correction import Outcome
from cellctl.runtime.bus.plant import PlantImage

ASK_AGAIN_S = 0.001
"""Between two looks at the echo: a tenth of a fast PLC's scan."""

ACCEPT_CODES = {1: "stale heartbeat", 2: "clamp", 3: "state", 4: "slew"}


class Written(NamedTuple):
    """What became of one block; `registers` is the request's protocol data unit in hex, empty if none went out."""

    outcome: Outcome
    reason: str
    registers: str
    written_ns: int


class Handshake:
    """Keeps the sequence and performs one write at a time.

    Args:
        connection: the field connection.
        image: tags and values.
        confirm_s: longest wait for the value in force.
        clock: for all times.
    """

    def __init__(self, connection: Connection, image: PlantImage, confirm_s: float, clock: Clock) -> None:
        self._connection = connection
        self._image = image
        self._confirm_s = confirm_s
        self._clock = clock
        self._sequence = 0
        self._echo = merge([image.echo])[0]
        last = max((tag.address.register + tag.type.words for tag in image.setpoints.values()), default=0)
        self._size = last - image.sequence.address.register

    async def resynchronise(self) -> None:
        """Begin behind the newest sequence that the PLC has seen or that still waits in its register."""
        await self._look()
        registers = await self._connection.read(merge([self._image.sequence])[0], Urgency.CONFIRM)
        self._sequence = registers[0]

    async def write(self, increments: dict[str, float]) -> Written:
        """Write set-points in one request and wait until all are in force; raises nothing of its own."""
        image = self._image
        try:
            block = self._block(increments)
        except PlantError as error:
            return Written(Outcome.REFUSED, f"block: {error.what}", "", 0)
        start = image.sequence.address.register
        try:
            await self._connection.write(start, block, Urgency.WRITE)
        except ExceptionAnswerError as error:
            return Written(Outcome.UNKNOWN, f"exception: {error.what}", "", 0)
        except LinkLostError as error:
            return Written(Outcome.UNKNOWN, f"link: {error.what}", "", 0)
        registers, written_ns = self._connection.last_write.hex(), self._clock.now_ns()
        outcome, reason = await self._wait(increments, written_ns)
        return Written(outcome, reason, registers, written_ns)

    def _block(self, increments: dict[str, float]) -> list[int]:
        """The registers from the sequence to the last guarded set-point.

        Those between, and guarded set-points that do not move, get their value in force: an earlier block that the
        PLC refused may still lie in its registers.
        """
        image, base = self._image, self._image.sequence.address.register
        words: dict[int, int] = {}
        for tag in image.between(base, self._size):
            value = increments.get(f"{image.name}.{tag.name}", image.raw(tag))
            for offset, word in enumerate(encode(tag, value)):
                words[tag.address.register - base + offset] = word
        words[0] = self._sequence = self._next()
        missing = [base + offset for offset in range(self._size) if offset not in words]
        if missing:
            raise PlantError("CELL-2002", f"no tag covers HR{missing[0]}, which lies inside the command block")
        return [words[offset] for offset in range(self._size)]

    def _next(self) -> int:
        """One further, and never the number that the PLC shows already: that echo would confirm nothing."""
        following = (self._sequence + 1) & 0xFFFF
        shown = int(self._image.raw(self._image.echo))
        return following if following != shown else (following + 1) & 0xFFFF

    async def _wait(self, increments: dict[str, float], written_ns: int) -> tuple[Outcome, str]:
        """Look at the echo until the block was judged, then at the values in force."""
        deadline_ns = written_ns + round(self._confirm_s * NS_PER_S)
        reason = f"time-out: no echo within {self._confirm_s:g} s"
        try:
            while self._clock.now_ns() < deadline_ns:
                if await self._look() == self._sequence:
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
        registers = await self._connection.read(self._echo, Urgency.CONFIRM)
        self._image.take(self._echo, registers, self._clock.now_ns())
        return registers[0]

    async def _judged(self, increments: dict[str, float]) -> tuple[Outcome, str] | None:
        """The verdict on a block whose sequence was echoed; None while its values are not in force."""
        image = self._image
        for block in image.readback:
            registers = await self._connection.read(block, Urgency.CONFIRM)
            image.take(block, registers, self._clock.now_ns())
        code = int(image.raw(image.accept))
        if code != 0:
            return Outcome.REFUSED, f"plc: {code} {ACCEPT_CODES.get(code, 'unknown accept code')}"
        if all(same(image.setpoints[tag], image.raw(image.setpoints[tag]), value) for tag, value in increments.items()):
            return Outcome.CONFIRMED, ""
        return None
