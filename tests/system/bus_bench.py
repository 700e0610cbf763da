"""A bus process and its PLC in one event loop, with ports in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from cellctl.clock import NS_PER_MS, MonotonicClock
from cellctl.config.resolved import Device, GuardRules, Setpoint, Web
from cellctl.evidence.journal import Journal
from cellctl.model.correction import Kind, Proposal, WriteResult
from cellctl.model.events import Alarm
from cellctl.model.message import Message, Stamp
from cellctl.model.packml import CellState, PackMLState
from cellctl.model.people import Instruction
from cellctl.model.quality import Quality
from cellctl.model.tags import Reading
from cellctl.runtime.bus import BusProcess
from cellctl.sdk.ports import Sender
from tests.system.plc_double import PlcDouble

M = TypeVar("M", bound=Message)

LEFT, RIGHT = "plc.blade_load_sp_left", "plc.blade_load_sp_right"
TABLE = Path(__file__).parents[2] / "configs" / "coater_tags.csv"
PATIENCE_S = 10.0


class Outbox(Generic[M]):
    """A sender that keeps everything."""

    def __init__(self) -> None:
        self.sent: list[M] = []

    def send(self, message: M) -> None:
        self.sent.append(message)


class MemoryPorts:
    """The bus process's ports, in memory."""

    def __init__(self) -> None:
        self.kept_results: Outbox[WriteResult] = Outbox()
        self.kept_readings: Outbox[Reading] = Outbox()
        self.kept_alarms: Outbox[Alarm] = Outbox()
        self.results: Sender[WriteResult] = self.kept_results
        self.readings: Sender[Reading] = self.kept_readings
        self.alarms: Sender[Alarm] = self.kept_alarms
        self._inbox: list[Proposal | CellState | Instruction] = []
        self._arrived = asyncio.Event()

    async def wait(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._arrived.wait()
        except TimeoutError:
            return

    def receive(self) -> list[Proposal | CellState | Instruction]:
        taken, self._inbox = self._inbox, []
        self._arrived.clear()
        return taken

    def deliver(self, message: Proposal | CellState | Instruction) -> None:
        self._inbox.append(message)
        self._arrived.set()


def setpoint(tag: str) -> Setpoint:
    return Setpoint(tag, "kPa", 20.0, 17.0, 23.0, 0.4, 1.0, 3.0, 0.01, safe=20.0)


RULES = GuardRules((setpoint(LEFT), setpoint(RIGHT)), 2.0, 2.5, 0.3, {"edge_spur": (LEFT, RIGHT)})
WEB = Web("plc.encoder_pos", "plc.web_speed", "", {"blade": 0.0})


class BusBench:
    """What a test holds: the PLC, the messages out, and ways to send messages in."""

    def __init__(self, plc: PlcDouble, ports: MemoryPorts) -> None:
        self.plc = plc
        self.ports = ports
        self.epoch = 1
        self.supervised = True
        """Whether the supervisor lives and sends its state again and again."""
        self._state: CellState | None = None
        self._sequence = 0

    def arm(self, *, epoch: int = 1, safe: bool = False, state: PackMLState = PackMLState.EXECUTE) -> None:
        self.epoch = epoch
        stamp = Stamp(time.monotonic_ns())
        self._state = CellState(stamp=stamp, state=state, epoch=epoch, safe=safe, reason="test")
        self.ports.deliver(self._state)

    async def keep_telling(self) -> None:
        """What a living supervisor does: its state every 0.2 s, unchanged but for the stamp."""
        while True:
            await asyncio.sleep(0.2)
            if self.supervised and self._state is not None:
                stamp = Stamp(time.monotonic_ns())
                self.ports.deliver(msgspec.structs.replace(self._state, stamp=stamp))

    def propose(self, **changes: object) -> None:
        self._sequence += 1
        now_ns = time.monotonic_ns()
        base = Proposal(
            source="loop", sequence=self._sequence, stamp=Stamp(now_ns), transaction=f"t-{self._sequence}",
            loop="edge_spur", kind=Kind.STEP, tag=LEFT, target=20.1, unit="kPa", epoch=self.epoch,
            exposure_ns=now_ns - 30 * NS_PER_MS, first_line_ns=now_ns - 50 * NS_PER_MS,
            confidence=0.95, quality=Quality.GOOD,
        )  # fmt: skip
        self.ports.deliver(msgspec.structs.replace(base, **changes))

    @property
    def results(self) -> list[WriteResult]:
        return self.ports.kept_results.sent

    @property
    def moments(self) -> list[tuple[str, str]]:
        return [(str(item.phase), str(item.outcome)) for item in self.results]

    def alarms(self, kind: str) -> list[Alarm]:
        return [item for item in self.ports.kept_alarms.sent if item.id == f"plc.{kind}"]

    @property
    def reading(self) -> Reading | None:
        return self.ports.kept_readings.sent[-1] if self.ports.kept_readings.sent else None

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition; fails after ten seconds."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline_s, f"waited {PATIENCE_S} s for {what}; results {self.results}"
            await asyncio.sleep(0.002)

    async def until_result(self, phase: str, outcome: str) -> WriteResult:
        await self.until(lambda: (phase, outcome) in self.moments, f"{phase} {outcome}")
        return self.results[self.moments.index((phase, outcome))]

    async def until_link(self) -> None:
        """The link is up and the guard has watched the plant for its second."""
        await self.until(lambda: bool(self.reading and self.reading.values[0].quality.is_good), "a good reading")
        await asyncio.sleep(1.15)


@asynccontextmanager
async def running(
    folder: Path, *, journal: Any = None, rules: GuardRules = RULES, plc: PlcDouble | None = None, **settings: Any
) -> AsyncIterator[BusBench]:
    """A PLC and an armed bus process that has watched it for a second."""
    plc = plc or PlcDouble()
    await plc.start()
    ports = MemoryPorts()
    handshake = {"heartbeat": "heartbeat", "sequence": "cmd_seq", "echo": "seq_echo", "accept": "accept_code",
                 "plc_heartbeat": "plc_heartbeat"}  # fmt: skip
    device = Device("plc", "modbus-tcp", {
        "host": "127.0.0.1", "port": plc.port, "tags": str(TABLE), "handshake": handshake, **settings,
    })  # fmt: skip
    own = Journal(folder / "journal.jsonl")
    body = BusProcess(device, rules, WEB, journal or own, ports, MonotonicClock())
    stop = asyncio.Event()
    task = asyncio.create_task(body.run(stop))
    bench = BusBench(plc, ports)
    telling = asyncio.create_task(bench.keep_telling())
    try:
        bench.arm()
        await bench.until_link()
        yield bench
    finally:
        telling.cancel()
        stop.set()
        await asyncio.wait_for(task, 5)
        await plc.stop()
        own.close()
