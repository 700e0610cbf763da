"""How the handshake looks at the plant: in one read where that is cheap and the device allows it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from cellctl.config.resolved import Web
from cellctl.devices.modbus.blocks import Block
from cellctl.devices.modbus.faults import exception_answer
from cellctl.devices.modbus.settings import ModbusTcpSettings
from cellctl.devices.tags import read_tag_table
from cellctl.runtime.bus.handshake import Handshake
from cellctl.runtime.bus.plant import PlantImage
from cellctl.testing.clock import VirtualClock
from tests.unit.guard.bench import rules

TABLE = Path(__file__).parents[3] / "configs" / "coater_tags.csv"
HANDSHAKE = {"heartbeat": "heartbeat", "sequence": "cmd_seq", "echo": "seq_echo", "accept": "accept_code"}


class Device:
    """Shows sequence 7; it refuses reads of more registers than `most`."""

    def __init__(self, most: int, most_at_once: int) -> None:
        self._most = most
        self.most_at_once = most_at_once
        self.asked: list[tuple[int, int]] = []

    async def read(self, block: Block, _urgency: Any) -> list[int]:
        self.asked.append((block.start.register, block.size))
        if block.size > self._most:
            raise exception_answer("plc", 2)
        return [7] * block.size


@pytest.mark.parametrize(
    ("most", "most_at_once", "looks"),
    [(125, 125, [(1, 103)]), (100, 125, [(1, 1), (99, 5)]), (125, 8, [(1, 1), (99, 5)])],
    ids=["all at once", "the device lacks what lies between", "a slow line"],
)
def test_echo_and_values_in_force_are_read_together_where_they_can_be(
    most: int, most_at_once: int, looks: list[tuple[int, int]]
) -> None:
    """From the echo in IR1 to the accept code in IR99 and the values in force behind it."""
    settings = ModbusTcpSettings.model_validate({"host": "127.0.0.1", "tags": TABLE, "handshake": HANDSHAKE})
    image = PlantImage("plc", settings, read_tag_table(TABLE, settings.poll), rules(), Web("", "", "", {}))
    assert image.handshake is not None
    device: Any = Device(most, most_at_once)
    handshake = Handshake(device, image, image.handshake, 0.5, VirtualClock(1))

    async def look() -> int:
        await handshake.resynchronise()
        device.asked.clear()
        echoed = await handshake._look()
        await handshake._judged({})
        return echoed

    assert asyncio.run(look()) == 7
    assert device.asked == looks
