"""The simulated PLC with a log of its own: what was in force when, by its scans and by nothing that the cell says."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellsim.plc import Inputs, PlcFaults, PlcProgram, PlcServer
from cellsim.plc import registers as reg
from cellsim.plc.program import HEALTHY, Command

SCAN_NS = 10 * NS_PER_MS
WATCHDOG_NS = 500 * NS_PER_MS
"""The simulated PLC walks back to its recipe when no beat came for so long."""
_PLANT = Inputs(1_000_000, 70_000, 2000, 2000, 5000, 20_000, 0)


class LoggedPlc:
    """Program, server and log.

    Attributes:
        commands: every block that a scan judged.
        beats_ns: scans that saw another heartbeat.
        trips_ns: scans in which the watchdog tripped.
        upset: what its program does wrong.
    """

    def __init__(self) -> None:
        now_ns = time.monotonic_ns()
        self.program = PlcProgram(now_ns)
        self.server = PlcServer(self.program, PlcFaults(), lambda: 0.0)
        self.commands: list[Command] = []
        self.beats_ns: list[int] = []
        self.trips_ns: list[int] = []
        self.upset = HEALTHY
        self._history = {k: [(now_ns, clamp.recipe)] for k, clamp in reg.CLAMPS.items()}
        self._beat = 0
        self._scanner: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Listen and scan; returns the port."""
        port = await self.server.start("127.0.0.1", 0)
        self._scanner = asyncio.create_task(self._scan_on())
        return port

    async def stop(self) -> None:
        """End both."""
        if self._scanner is not None:
            self._scanner.cancel()
            await asyncio.gather(self._scanner, return_exceptions=True)
        await self.server.stop()

    def shown(self, register: int, at_ns: int) -> int:
        """Counts in force of a holding register at a time."""
        history = self._history[register]
        return history[max(0, bisect_right(history, (at_ns, 1 << 20)) - 1)][1]

    def last_change_ns(self, register: int) -> int:
        """When the value in force changed last."""
        return self._history[register][-1][0]

    def values(self, register: int, from_ns: int, to_ns: int) -> set[int]:
        """All counts that were in force at some time of an interval."""
        later = {value for t_ns, value in self._history[register] if from_ns < t_ns <= to_ns}
        return {self.shown(register, from_ns), *later}

    async def _scan_on(self) -> None:
        due_ns = time.monotonic_ns()
        while True:
            due_ns += SCAN_NS
            await asyncio.sleep((due_ns - time.monotonic_ns()) / NS_PER_S)
            self._scan(time.monotonic_ns())

    def _scan(self, now_ns: int) -> None:
        if self.program.holding[reg.HR_HEARTBEAT] != self._beat:
            self._beat = self.program.holding[reg.HR_HEARTBEAT]
            self.beats_ns.append(now_ns)
        events = self.program.scan(now_ns, _PLANT, self.upset)
        for k, value in events.changed.items():
            self._history[k].append((now_ns, value))
        if events.command is not None:
            self.commands.append(events.command)
        if events.watchdog:
            self.trips_ns.append(now_ns)
