"""One bus process whose connection runs through the fault proxy, with a stand-in for the supervisor."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from benchmarks.fieldbus.proxied.broken import Break, sound
from benchmarks.fieldbus.proxied.plc import LoggedPlc
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
from cellsim.plc import registers as reg
from cellsim.proxy import FaultProxy, Passed, Plan

M = TypeVar("M", bound=Message)

LEFT, RIGHT = "plc.blade_load_sp_left", "plc.blade_load_sp_right"
REGISTERS = {LEFT: reg.HR_LOAD_LEFT, RIGHT: reg.HR_LOAD_RIGHT}
TIMEOUT_S = 0.2
"""The configured time-out of one request: the default of the driver."""
TABLE = Path(__file__).parents[3] / "configs" / "coater_tags.csv"
HANDSHAKE = {"heartbeat": "heartbeat", "sequence": "cmd_seq", "echo": "seq_echo", "accept": "accept_code",
              "plc_heartbeat": "plc_heartbeat"}  # fmt: skip
_NICE = -10
_WATCHED_S = 1.15
"""The guard wants to have watched each set-point for a second."""


class GaveUpError(Exception):
    """What a case waited for did not come."""


class Kept(Generic[M]):
    """A sender that calls back."""

    def __init__(self, hear: Callable[[M], None]) -> None:
        self.send = hear


class Ports:
    """The bus process's ports in memory, and the supervisor behind them.

    Attributes:
        kept: all results, oldest first.
        raised: all alarms, oldest first.
        state: the cell's last word; an alarm that holds the cell takes it out of Execute at once.
    """

    def __init__(self) -> None:
        self.kept: list[WriteResult] = []
        self.raised: list[Alarm] = []
        self.reading: Reading | None = None
        self.state = CellState(stamp=Stamp(0), state=PackMLState.STOPPED, epoch=1, safe=False, reason="")
        self.results: Sender[WriteResult] = Kept(self.kept.append)
        self.readings: Sender[Reading] = Kept(self._hear_reading)
        self.alarms: Sender[Alarm] = Kept(self._hear_alarm)
        self._inbox: list[Proposal | CellState | Instruction] = []
        self._arrived = asyncio.Event()

    async def wait(self, timeout_s: float) -> None:
        """Return when something has arrived, at the latest after the time-out."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._arrived.wait()
        except TimeoutError:
            return

    def receive(self) -> list[Proposal | CellState | Instruction]:
        """Everything that has arrived."""
        taken, self._inbox = self._inbox, []
        self._arrived.clear()
        return taken

    def deliver(self, message: Proposal | CellState) -> None:
        """Hand in one message."""
        self._inbox.append(message)
        self._arrived.set()

    def enter(self, state: PackMLState, *, safe: bool) -> None:
        """Another state of the cell; who leaves Execute begins a new epoch."""
        left = self.state.state is PackMLState.EXECUTE and state is not PackMLState.EXECUTE
        self.state = msgspec.structs.replace(
            self.state, stamp=Stamp(time.monotonic_ns()), state=state, epoch=self.state.epoch + left, safe=safe
        )
        self.deliver(self.state)

    async def keep_telling(self) -> None:
        """What a living supervisor does: its state every 0.2 s."""
        while True:
            await asyncio.sleep(0.2)
            self.state = msgspec.structs.replace(self.state, stamp=Stamp(time.monotonic_ns()))
            self.deliver(self.state)

    def _hear_reading(self, reading: Reading) -> None:
        self.reading = reading

    def _hear_alarm(self, alarm: Alarm) -> None:
        self.raised.append(alarm)
        if alarm.active and alarm.holds and self.state.state is PackMLState.EXECUTE:
            self.enter(PackMLState.HELD, safe=True)


class Rig:
    """What a case holds.

    Attributes:
        plc: behind the proxy.
        plan: of the proxy.
        passed: every frame that reached the proxy.
        ports: of the bus process.
        proposals: every proposal that was handed in.
    """

    def __init__(self, plc: LoggedPlc, plan: Plan) -> None:
        self.plc = plc
        self.plan = plan
        self.passed: list[Passed] = []
        self.ports = Ports()
        self.proposals: list[Proposal] = []

    def propose(self, tag: str, target: float) -> None:
        """A step that a loop asks for now."""
        now_ns, number = time.monotonic_ns(), len(self.proposals) + 1
        proposal = Proposal(
            source="loop", sequence=number, stamp=Stamp(now_ns), transaction=f"t-{number}", loop="edge_spur",
            kind=Kind.STEP, tag=tag, target=target, unit="kPa", epoch=self.ports.state.epoch,
            exposure_ns=now_ns - 30 * NS_PER_MS, first_line_ns=now_ns - 50 * NS_PER_MS, confidence=0.95,
            quality=Quality.GOOD,
        )  # fmt: skip
        self.proposals.append(proposal)
        self.ports.deliver(proposal)

    def link_alarms(self) -> list[Alarm]:
        """What was said of the link."""
        return [alarm for alarm in self.ports.raised if alarm.id == "plc.link"]

    @property
    def link_is_up(self) -> bool:
        """Whether the cell takes the link for good."""
        reading = self.ports.reading
        return reading is not None and reading.values[0].quality.is_good

    async def until(self, condition: Callable[[], bool], what: str, limit_s: float = 10.0) -> None:
        """Wait for a condition; GaveUpError when it does not come."""
        end_s = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > end_s:
                raise GaveUpError(f"{what} did not come within {limit_s:g} s")
            await asyncio.sleep(0.005)


def rules() -> GuardRules:
    """The envelope of the coater's blade."""
    points = tuple(Setpoint(tag, "kPa", 20.0, 17.0, 23.0, 0.4, 1.0, 3.0, 0.01, safe=20.0) for tag in (LEFT, RIGHT))
    return GuardRules(points, 2.0, 2.5, 0.3, {"edge_spur": (LEFT, RIGHT)})


def made(folder: Path, device: Device, ports: Ports) -> tuple[Journal, BusProcess]:
    """A bus process for one device, and its journal in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    journal = Journal(folder / "journal.jsonl")
    web = Web("plc.encoder_pos", "plc.web_speed", "", {"blade": 0.0})
    return journal, BusProcess(device, rules(), web, journal, ports, MonotonicClock())


@contextmanager
def before_others() -> Iterator[None]:
    """PLC and network are hardware and do not wait for what else runs here, where the system lets us say so."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _NICE)
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, usual)


@asynccontextmanager
async def running(folder: Path, spoil: Break = sound, timeout: str = "200 ms") -> AsyncIterator[Rig]:
    """A rig in Execute that has watched the plant for its second; a control spoils its process or its time-out."""
    rig = Rig(LoggedPlc(), Plan())
    proxy = FaultProxy(rig.plan, "127.0.0.1", await rig.plc.start(), rig.passed.append)
    settings = {"host": "127.0.0.1", "port": await proxy.start(), "tags": str(TABLE), "handshake": HANDSHAKE,
                "timeout": timeout, "poll": {"fast": "100 ms"}}  # fmt: skip
    journal, body = await asyncio.to_thread(
        made, folder, Device("plc", "modbus-tcp", settings), rig.ports
    )  # it reads files: the loop goes on
    spoil(body)
    stop = asyncio.Event()
    tasks = [asyncio.create_task(body.run(stop)), asyncio.create_task(rig.ports.keep_telling())]
    try:
        rig.ports.enter(PackMLState.EXECUTE, safe=False)
        await rig.until(lambda: rig.link_is_up, "the link")
        await asyncio.sleep(_WATCHED_S)
        yield rig
    finally:
        stop.set()
        tasks[1].cancel()
        await asyncio.wait_for(tasks[0], 10)
        await proxy.stop()
        await rig.plc.stop()
        journal.close()
