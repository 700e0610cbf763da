"""Several devices on one line, in one process: each lives and dies for itself."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pymodbus.framer import FramerRTU

from cellctl.clock import MonotonicClock
from cellctl.config.resolved import Device, Web
from cellctl.devices.modbus.line import Line
from cellctl.devices.modbus.settings import settings_of
from cellctl.devices.modbus.wire import wire_of
from cellctl.evidence.record import Record
from cellctl.model.quality import Quality
from cellctl.runtime.bus import BusProcess
from tests.system.bus_bench import RULES, MemoryPorts
from tests.system.serial_pair import serial_end

TABLE = "name,address,type,scale,unit,minimum,maximum,access,in_force,poll\npower,HR0,uint16,1,W,0,9,r,,fast\n"
PATIENCE_S = 20.0


class Meters:
    """Units of a serial line that answer every read with their own number, unless they are silent."""

    def __init__(self, end: int) -> None:
        self._end = end
        self.silent: set[int] = set()
        asyncio.get_running_loop().add_reader(end, self._asked)

    def _asked(self) -> None:
        unit = os.read(self._end, 256)[0]
        if unit not in self.silent:
            body = bytes([unit, 3, 2, 0, unit])
            os.write(self._end, body + FramerRTU.compute_CRC(body).to_bytes(2, "big"))


class NoJournal:
    """Nothing is meant, nothing is remembered."""

    def append(self, _kind: str, _body: dict[str, Any]) -> None:
        """Forget it."""

    def records(self) -> list[Record]:
        return []


class Meter:
    """One device of the line and what it said last."""

    def __init__(self, name: str, unit: int, table: Path, port: str, line: Line | None = None) -> None:
        said = {"device": port, "baud": 115_200, "parity": "none", "unit": unit, "tags": str(table), "timeout": "50 ms"}
        device = Device(name, "modbus-rtu", said)
        self.line = line or Line(wire_of(settings_of(device.driver, said)))
        self.ports = MemoryPorts()
        self.body = BusProcess(
            device, RULES, Web("", "", "", {}), NoJournal(), self.ports, MonotonicClock(), self.line
        )  # fmt: skip

    def shows(self, quality: Quality) -> bool:
        """Whether its last reading has that quality."""
        sent = self.ports.kept_readings.sent
        return bool(sent) and sent[-1].values[0].quality is quality


async def until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, f"waited {PATIENCE_S} s"
        await asyncio.sleep(0.01)


def test_a_silent_unit_takes_no_other_with_it(tmp_path: Path) -> None:
    """Its values are Bad and an alarm says so; the others stay Good all the time, and it comes back by itself."""
    table = tmp_path / "meter.csv"
    table.write_text(TABLE, encoding="utf-8")

    async def scene(port: str, meters: Meters) -> None:
        one = Meter("one", 1, table, port)
        two = Meter("two", 2, table, port, one.line)
        stop = asyncio.Event()
        running = [asyncio.create_task(meter.body.run(stop)) for meter in (one, two)]
        await until(lambda: one.shows(Quality.GOOD) and two.shows(Quality.GOOD))
        begun = len(one.ports.kept_readings.sent)
        meters.silent = {2}
        await until(lambda: two.shows(Quality.BAD_COMMUNICATION))
        await until(lambda: len(one.ports.kept_readings.sent) > begun + 40)
        meters.silent = set()
        await until(lambda: two.shows(Quality.GOOD))
        assert [alarm.active for alarm in two.ports.kept_alarms.sent if alarm.id == "two.link"][-1] is False
        assert not [alarm for alarm in one.ports.kept_alarms.sent if alarm.id == "one.link" and alarm.active]
        bad = [it for it in one.ports.kept_readings.sent[begun:] if it.values[0].quality.is_bad]
        assert bad == []
        stop.set()
        await asyncio.gather(*running)
        one.line.close()

    async def on_a_line() -> None:
        with serial_end() as (port, end):
            await scene(port, Meters(end))
            asyncio.get_running_loop().remove_reader(end)

    asyncio.run(on_a_line())
