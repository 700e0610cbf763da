"""The command block: which registers one write carries, and what the values read back say of it."""

from __future__ import annotations

import struct

from cellctl.devices.modbus.blocks import merge
from cellctl.devices.modbus.codec import encode, same
from cellctl.errors import PlantError
from cellctl.model.correction import Outcome
from cellctl.runtime.bus.plant import HandshakeTags, PlantImage

ACCEPT_CODES = {1: "stale heartbeat", 2: "clamp", 3: "state", 4: "slew"}
WRITE_REGISTERS = 16
"""Modbus function code (application protocol 1.1b3, 6.12)."""
HALF = 0x8000
"""Of two sequences the one that is less than half the circle in front of the other is the newer one."""


class CommandBlock:
    """Keeps the sequence; makes blocks and judges them by the plant's image, however it was read.

    Args:
        image: tags and values.
        tags: of the handshake.

    Attributes:
        sequence: of the last block.
        edges: what is read anew before a block is made, because the block writes it back.
    """

    def __init__(self, image: PlantImage, tags: HandshakeTags) -> None:
        self._image = image
        self._handshake = tags
        last = max((tag.address.register + tag.words for tag in image.setpoints.values()), default=0)
        self.base = tags.sequence.address.register
        self._size = last - self.base
        self._tags = tuple(image.between(self.base, self._size))
        self.edges = merge(self._tags)
        self.sequence = 0
        self._went_out = False

    @property
    def shown(self) -> int:
        """The sequence that the PLC has judged last, as it was read last."""
        return int(self._image.raw(self._handshake.echo))

    def resynchronise(self, seen: int) -> None:
        """Begin behind a sequence that the PLC has seen, and never behind one that went out already.

        A block that was lost with its connection may still arrive: its number is not given to another one.
        """
        ahead = (seen - self.sequence) & 0xFFFF < HALF
        if ahead or not self._went_out:
            self.sequence = seen

    def values(self, increments: dict[str, float]) -> dict[str, float]:
        """Tag name → value of every set-point in the block.

        Guarded set-points that do not move, and those between, get their value in force: an earlier block that the
        controller refused may still lie in its registers.
        """
        image = self._image
        return {tag.name: increments.get(f"{image.name}.{tag.name}", image.raw(tag)) for tag in self._tags}

    def registers(self, values: dict[str, float]) -> list[int]:
        """The registers from the next sequence to the last guarded set-point; PlantError CELL-2001 or CELL-2002."""
        words: dict[int, int] = {}
        for tag in self._tags:
            for offset, word in enumerate(encode(tag, values[tag.name])):
                words[tag.address.register - self.base + offset] = word
        words[0] = self.sequence = self._next()
        self._went_out = True
        missing = [self.base + offset for offset in range(self._size) if offset not in words]
        if missing:
            raise PlantError(
                "CELL-2002", "no tag covers HR{register}, which lies inside the command block", register=missing[0]
            )
        return [words[offset] for offset in range(self._size)]

    def request(self, registers: list[int]) -> bytes:
        """The protocol data unit that carries these registers."""
        head = struct.pack(">BHHB", WRITE_REGISTERS, self.base, len(registers), 2 * len(registers))
        return head + struct.pack(f">{len(registers)}H", *registers)

    def verdict(self, increments: dict[str, float]) -> tuple[Outcome, str] | None:
        """What became of the block whose sequence was echoed; None while its values are not in force."""
        image = self._image
        code = int(image.raw(self._handshake.accept))
        if code != 0:
            return Outcome.REFUSED, f"plc: {code} {ACCEPT_CODES.get(code, 'unknown accept code')}"
        if all(same(image.setpoints[tag], image.raw(image.setpoints[tag]), value) for tag, value in increments.items()):
            return Outcome.CONFIRMED, ""
        return None

    def _next(self) -> int:
        """One further, and never the number that the PLC shows already: that echo would confirm nothing."""
        following = (self.sequence + 1) & 0xFFFF
        return following if following != self.shown else (following + 1) & 0xFFFF
