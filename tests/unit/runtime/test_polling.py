"""Rounds at steady periods, and what becomes of tags that the device will not give."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cellctl.config.resolved import Web
from cellctl.devices.modbus.blocks import Block
from cellctl.devices.modbus.faults import exception_answer, lost
from cellctl.devices.modbus.settings import ModbusTcpSettings
from cellctl.devices.tags import read_tag_table
from cellctl.errors import PlantError
from cellctl.model.quality import Quality
from cellctl.runtime.bus.plant import PlantImage
from cellctl.runtime.bus.polling import Polling
from cellctl.runtime.bus.rhythm import Rhythm
from cellctl.testing.clock import VirtualClock
from tests.unit.guard.bench import rules

HEAD = "name,address,type,scale,unit,minimum,maximum,access,in_force,poll\n"
NOW_NS = 10**9


class Device:
    """Answers every register with its number, but for those that it does not have or give."""

    def __init__(self) -> None:
        self.exceptions: dict[int, int] = {}
        self.asked: list[tuple[int, int]] = []
        self.is_gone = False

    async def read(self, block: Block, _urgency: Any) -> list[int]:
        """The registers of a block."""
        first = block.start.register
        self.asked.append((first, block.size))
        registers = range(first, first + block.size)
        if self.is_gone:
            raise lost("CELL-2011", "plc", "no answer within {timeout:g} s", timeout=1)
        for register in registers:
            if register in self.exceptions:
                raise exception_answer("plc", self.exceptions[register])
        return list(registers)


class Scene:
    """Polls of a table with these rows, over a device."""

    def __init__(self, folder: Any, *rows: str) -> None:
        path = folder / "tags.csv"
        path.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        settings = ModbusTcpSettings.model_validate({"host": "127.0.0.1", "tags": path})
        own = rules().of_device("none")
        self.image = PlantImage("plc", settings, read_tag_table(path, settings.poll), own, Web("", "", "", {}))
        self.image.values.alive = True
        self.device, self.clock, self.losses = Device(), VirtualClock(NOW_NS), list[PlantError]()
        connection: Any = self.device
        self.polling = Polling(connection, self.image, self.clock, self.losses.append)

    def read(self) -> None:
        """Everything once."""
        asyncio.run(self.polling.all())

    def quality(self, name: str) -> Quality:
        """Of one tag, now."""
        return self.image.values.get(name, NOW_NS).quality


def row(name: str, register: int, poll: str = "fast") -> str:
    """One row of a table."""
    return f"{name},IR{register},uint16,1,,0,65535,r,,{poll}"


def test_a_block_over_a_gap_is_split_when_the_device_lacks_the_gap(tmp_path) -> None:
    """All tags are Good, nobody is alarmed, and from then on the parts are read."""
    scene = Scene(tmp_path, row("a", 0), row("b", 5))
    scene.device.exceptions = {3: 2}
    scene.read()
    scene.read()
    assert scene.device.asked == [(0, 6), (0, 1), (5, 1), (0, 1), (5, 1)]
    assert (scene.quality("a"), scene.quality("b"), scene.polling.refusal) == (Quality.GOOD, Quality.GOOD, "")


@pytest.mark.parametrize(
    ("number", "quality"),
    [
        (1, Quality.BAD_CONFIGURATION_ERROR),
        (2, Quality.BAD_CONFIGURATION_ERROR),
        (4, Quality.BAD_DEVICE_FAILURE),
        (7, Quality.BAD),
        (10, Quality.BAD_NO_COMMUNICATION),
        (11, Quality.BAD_NO_COMMUNICATION),
    ],
)
def test_a_refused_tag_is_bad_and_named_while_the_others_are_read(tmp_path, number: int, quality: Quality) -> None:
    """By the code that fits; it is Good again when the device gives it."""
    scene = Scene(tmp_path, row("a", 0), row("b", 100), row("c", 200))
    scene.device.exceptions = {100: number}
    scene.read()
    assert (scene.quality("a"), scene.quality("b"), scene.quality("c")) == (Quality.GOOD, quality, Quality.GOOD)
    assert scene.polling.refusal.startswith("b (IR100): plc answers exception ")
    scene.device.exceptions = {}
    scene.read()
    assert (scene.quality("b"), scene.polling.refusal, scene.losses) == (Quality.GOOD, "", [])


def test_a_busy_device_is_asked_again_and_loses_nothing(tmp_path) -> None:
    """The value only grows older."""
    scene = Scene(tmp_path, row("a", 0))
    scene.read()
    scene.device.exceptions = {0: 6}
    scene.read()
    assert (scene.quality("a"), scene.polling.refusal) == (Quality.GOOD, "")


def test_a_missing_answer_loses_the_link(tmp_path) -> None:
    """And the round is not counted."""
    scene = Scene(tmp_path, row("a", 0))
    scene.device.is_gone = True

    async def rounds() -> None:
        async with asyncio.timeout(5):
            await scene.polling.keep(_stop)

    with pytest.raises(InterruptedError):
        asyncio.run(rounds())
    assert [error.code for error in scene.losses] == ["CELL-2011"]
    assert scene.polling.done == 0


def _stop() -> None:
    raise InterruptedError


def test_a_late_round_shifts_none_of_those_that_follow() -> None:
    """Due at 0, 1, 2, …: the round of 1 ends at 1.4, the next begins at 2 all the same."""
    rhythm = Rhythm(1.0, 0.0)
    waits = [rhythm.after(now_s) for now_s in (0.2, 1.4, 2.1)]
    assert [round(wait_s, 6) for wait_s, _ in waits] == [0.8, 0.6, 0.9]
    assert [missed for _, missed in waits] == [0, 0, 0]


def test_due_times_that_passed_are_counted() -> None:
    """A round that began at 0 and ended at 3.5 has missed those of 1 and 2; that of 3 begins at once."""
    wait_s, missed = Rhythm(1.0, 0.0).after(3.5)
    assert (wait_s, missed) == (0.0, 2)
