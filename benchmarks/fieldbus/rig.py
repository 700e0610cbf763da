"""A real bus process in this event loop, its messages in memory, against a controller in a process of its own."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.fieldbus import plc
from cellctl.clock import NS_PER_MS, MonotonicClock
from cellctl.config.resolved import Device, GuardRules, Setpoint, Web
from cellctl.evidence.record import Record
from cellctl.model.correction import Kind, Outcome, Proposal, WritePhase, WriteResult
from cellctl.model.events import Alarm
from cellctl.model.message import Stamp
from cellctl.model.packml import CellState, PackMLState
from cellctl.model.quality import Quality
from cellctl.model.tags import Reading
from cellctl.runtime.bus import BusProcess, JournalPort
from cellctl.sdk.ports import Sender

LEFT, RIGHT = "plc.load_left", "plc.load_right"
LOOP = "loop"
RESOLUTION = 0.01
RECIPE = plc.RECIPE * RESOLUTION
TOLD_S = 0.2
"""A living supervisor says its state this often."""
PATIENCE_S = 10.0
WATCHED_S = 1.2
"""The guard looks at set-points for a second before it moves them."""
HANDSHAKE = {
    "heartbeat": "heartbeat", "sequence": "cmd_seq", "echo": "seq_echo", "accept": "accept_code",
    "plc_heartbeat": "plc_heartbeat",
}  # fmt: skip
SHOWN = (("plc_heartbeat", 0), ("seq_echo", plc.ECHO), ("accept_code", plc.ACCEPT))
"""Input registers of the handshake."""
WEB = Web("", "", "", {})


def setpoint(tag: str) -> Setpoint:
    """The envelope of one of the two loads."""
    return Setpoint(tag, "kPa", RECIPE, 17.0, 23.0, 0.4, 1.0, 3.0, RESOLUTION, safe=RECIPE)


RULES = GuardRules((setpoint(LEFT), setpoint(RIGHT)), 2.0, 2.5, 0.3, {LOOP: (LEFT, RIGHT)})


def device(port: int, table: Path, **settings: Any) -> Device:
    """The controller as a cell's configuration has it."""
    return Device(
        "plc", "modbus-tcp",
        {"host": "127.0.0.1", "port": port, "tags": str(table), "handshake": HANDSHAKE, **settings},
    )  # fmt: skip


class MemoryJournal:
    """A journal without a disk: what is measured over it is not the disk's time."""

    def append(self, kind: str, body: dict[str, Any]) -> None:
        """Encode the record as a journal does, and forget it."""
        msgspec.json.encode((kind, body))

    def records(self) -> list[Record]:
        """Nothing is remembered."""
        return []


class _To:
    """A sender that tells somebody here."""

    def __init__(self, hear: Callable[[Any], None]) -> None:
        self.send = hear


class MemoryPorts:
    """Messages into and out of the bus process, in memory."""

    def __init__(self, on_result: Callable[[WriteResult], None], on_reading: Callable[[Reading], None]) -> None:
        self.kept_alarms: list[Alarm] = []
        self.results: Sender[WriteResult] = _To(on_result)
        self.readings: Sender[Reading] = _To(on_reading)
        self.alarms: Sender[Alarm] = _To(self.kept_alarms.append)
        self._inbox: list[Any] = []
        self._arrived = asyncio.Event()

    async def wait(self, timeout_s: float) -> None:
        """Return when something is there or the time is up."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._arrived.wait()
        except TimeoutError:
            return

    def receive(self) -> list[Any]:
        """What has come."""
        taken, self._inbox = self._inbox, []
        self._arrived.clear()
        return taken

    def deliver(self, message: Any) -> None:
        """A message arrives."""
        self._inbox.append(message)
        self._arrived.set()


class Rig:
    """Whoever uses the bus process: supervisor, loop, and listener.

    Attributes:
        ports: of the bus process.
        epoch: of the cell.
        on_end: called with every result after which nothing more comes of its proposal, before anybody else hears it.
    """

    def __init__(self) -> None:
        self.ports = MemoryPorts(self._hear, self._read)
        self.epoch = 1
        self.on_end: Callable[[WriteResult], None] = lambda _result: None
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[WriteResult]] = {}
        self._up = asyncio.Event()
        self._reading = Reading(stamp=Stamp(0), device="plc", values=())

    def proposal(self, tag: str, target: float, kind: Kind = Kind.STEP, transaction: str = "") -> Proposal:
        """One that is legal but perhaps for what it asks, decided now."""
        number, now_ns = next(self._numbers), time.monotonic_ns()
        return Proposal(
            source="builtin", sequence=number, stamp=Stamp(now_ns), transaction=transaction or f"t-{number}", loop=LOOP,
            kind=kind, tag=tag, target=target, unit="kPa", epoch=self.epoch,
            exposure_ns=now_ns - 30 * NS_PER_MS, first_line_ns=now_ns - 50 * NS_PER_MS,
            confidence=0.95, quality=Quality.GOOD,
        )  # fmt: skip

    async def move(self, proposal: Proposal) -> WriteResult:
        """Deliver it and wait until it is refused, unknown, or in force as a whole."""
        mine: asyncio.Future[WriteResult] = asyncio.get_running_loop().create_future()
        self._waiting[proposal.transaction] = mine
        self.ports.deliver(proposal)
        async with asyncio.timeout(PATIENCE_S):
            return await mine

    async def until_ready(self) -> None:
        """The link is up and the guard has watched the controller."""
        async with asyncio.timeout(PATIENCE_S):
            await self._up.wait()
        await asyncio.sleep(WATCHED_S)

    async def keep_telling(self) -> None:
        """A living supervisor: the cell is in Execute."""
        while True:
            self.tell(PackMLState.EXECUTE)
            await asyncio.sleep(TOLD_S)

    def tell(self, state: PackMLState, *, safe: bool = False) -> None:
        """Say the cell's state once."""
        stamp = Stamp(time.monotonic_ns())
        self.ports.deliver(CellState(stamp=stamp, state=state, epoch=self.epoch, safe=safe, reason="measured"))

    def _hear(self, result: WriteResult) -> None:
        if result.outcome is Outcome.CONFIRMED and result.phase is not WritePhase.TARGET:
            return
        self.on_end(result)
        mine = self._waiting.pop(result.transaction, None)
        if mine is not None and not mine.done():
            mine.set_result(result)

    def in_force(self, tag: str) -> int:
        """Counts of a set-point that were read last."""
        return round(next(it.value for it in self._reading.values if it.tag == tag) / RESOLUTION)

    def _read(self, reading: Reading) -> None:
        self._reading = reading
        if reading.values and all(value.quality.is_good for value in reading.values):
            self._up.set()


@asynccontextmanager
async def running(bus: Device, journal: JournalPort, rules: GuardRules = RULES) -> AsyncIterator[Rig]:
    """An armed bus process that has watched its controller for long enough to move it."""
    rig, stop = Rig(), asyncio.Event()
    body = BusProcess(bus, rules, WEB, journal, rig.ports, MonotonicClock())
    task, telling = asyncio.create_task(body.run(stop)), asyncio.create_task(rig.keep_telling())
    try:
        await rig.until_ready()
        yield rig
    finally:
        telling.cancel()
        stop.set()
        await asyncio.wait_for(task, PATIENCE_S)
