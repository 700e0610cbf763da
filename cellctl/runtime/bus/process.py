"""The body of the process that owns one field connection: four small loops around one guard."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

from cellctl.clock import NS_PER_S, Clock
from cellctl.config.resolved import Device, GuardRules, Web
from cellctl.devices.modbus.blocks import Block
from cellctl.devices.modbus.connection import Connection
from cellctl.devices.modbus.settings import ModbusTcpSettings
from cellctl.devices.modbus.turns import Urgency
from cellctl.devices.tags import read_tag_table
from cellctl.errors import PlantError
from cellctl.guard import Guard
from cellctl.model.correction import Outcome, Proposal
from cellctl.model.packml import CellState
from cellctl.runtime.bus.handshake import Handshake
from cellctl.runtime.bus.intents import Intents, recall
from cellctl.runtime.bus.plant import PlantImage
from cellctl.runtime.bus.ports import BusPorts, JournalPort
from cellctl.runtime.bus.reporting import Reporter

BEAT_S = 0.1
TICK_S = 0.02
"""How often ramps are looked at: a fifth of the guard's tick, so that no increment waits long for its second."""
RECEIVE_S = 0.1
BACKOFF_S = (0.2, 5.0)
CLOSE_S = 1.0
WAITING_PROPOSALS = 16
"""More than one proposal per set-point in flight is a fault of a loop; beyond this many they are refused."""


class BusProcess:
    """Polls, beats the heartbeat, judges proposals, executes moves, follows the cell's state.

    Args:
        device: the Modbus TCP device; its settings as `ModbusTcpSettings` dumps them.
        rules: the guard's rules; only set-points of this device are guarded here.
        web: where the encoder and the web speed are found.
        journal: where intents are stored, and from which the guard remembers after a restart.
        ports: messages in and out.
        clock: monotonic time.
    """

    def __init__(  # noqa: PLR0917  # a process's whole world, named once in its host
        self,
        device: Device,
        rules: GuardRules,
        web: Web,
        journal: JournalPort,
        ports: BusPorts,
        clock: Clock,
    ) -> None:
        settings = ModbusTcpSettings.model_validate(device.settings)
        self._settings = settings
        self._rules = rules
        self._ports = ports
        self._clock = clock
        self._image = PlantImage(device.name, settings, read_tag_table(settings.tags), rules, web)
        self._guard = Guard(self._own(rules), recall(journal.records()))
        self._connection = Connection(settings)
        self._handshake = Handshake(self._connection, self._image, settings.confirm, clock)
        self._intents = Intents(journal)
        self._reporter = Reporter(self._image, self._guard, ports, self._intents, clock)
        self._proposals: asyncio.Queue[Proposal] = asyncio.Queue(WAITING_PROPOSALS)
        self._kick = asyncio.Event()
        self._lost = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; ramps under way end where they are, and the PLC's watchdog sees the silence."""
        loops = (self._keep_link, self._beat, self._poll, self._listen, self._decide, self._move)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(loop(), name=loop.__name__) for loop in loops]
                await stop.wait()
                for task in tasks:
                    task.cancel()
        finally:
            self._connection.close()
            await self._intents.close(CLOSE_S)

    # ------------------------------------------------------------------ the link
    async def _keep_link(self) -> None:
        """Connect, hold until lost, and back off while the device cannot be reached."""
        backoff_s = BACKOFF_S[0]
        while True:
            try:
                await self._connect()
            except PlantError as error:
                self._connection.close()
                self._reporter.alarm("link", str(error))
                await asyncio.sleep(backoff_s)
                backoff_s = min(2 * backoff_s, BACKOFF_S[1])
                continue
            backoff_s = BACKOFF_S[0]
            await self._lost.wait()
            await asyncio.sleep(backoff_s)

    async def _connect(self) -> None:
        """Connect and learn everything anew: nothing that was meant before the loss is written after it."""
        await self._connection.connect()
        await self._handshake.resynchronise()
        await self._await_plc()
        await self._read((*self._image.fast, *self._image.slow, *self._image.readback))
        self._lost.clear()
        self._image.values.alive = True
        self._reporter.alarm("link", "")

    async def _await_plc(self) -> None:
        """A PLC that answers but does not scan is no PLC (only where it has a heartbeat of its own)."""
        beat = self._image.plc_heartbeat
        if beat is None:
            return
        blocks = [block for block in self._image.fast if beat in block.tags]
        await self._read(blocks)
        first, deadline_ns = self._image.raw(beat), self._clock.now_ns() + round(self._settings.confirm * NS_PER_S)
        while self._image.raw(beat) == first:
            if self._clock.now_ns() > deadline_ns:
                raise PlantError("CELL-2014", "the PLC answers but its heartbeat stands still", do="start its program")
            await asyncio.sleep(BEAT_S / 10)
            await self._read(blocks)

    def _lose(self, error: PlantError) -> None:
        """The link is gone or cannot be trusted: end everything, once."""
        if not self._image.values.alive:
            return
        self._image.values.alive = False
        self._connection.close()
        self._guard.on_link_lost()
        self._intents.armed(self._guard.memory)
        self._reporter.moments()
        self._reporter.alarm("link", str(error))
        self._reporter.reading()
        self._lost.set()

    # ------------------------------------------------------------------ heartbeat and polls
    async def _beat(self) -> None:
        """Count for the PLC's watchdog, whatever else goes on."""
        count, register = 0, self._image.heartbeat.address.register
        while True:
            if self._connection.connected:
                count = (count + 1) & 0xFFFF
                try:
                    await self._connection.beat(register, count)
                except PlantError as error:
                    self._lose(error)
            elif self._image.values.alive:
                self._lose(PlantError("CELL-2010", "the connection was closed by the PLC", do="check cable and PLC"))
            await asyncio.sleep(BEAT_S)

    async def _poll(self) -> None:
        """Read and publish at a steady period; while the link is down the same values go out, Bad."""
        loop = asyncio.get_running_loop()
        due_s, slow_s = loop.time(), loop.time()
        while True:
            if self._image.values.alive:
                blocks = self._image.fast
                if loop.time() >= slow_s:
                    blocks, slow_s = (*blocks, *self._image.slow), loop.time() + self._settings.slow_period
                with contextlib.suppress(PlantError):
                    await self._read(blocks)
            self._reporter.reading()
            due_s = max(due_s + self._settings.poll_period, loop.time())
            await asyncio.sleep(due_s - loop.time())

    async def _read(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            try:
                registers = await self._connection.read(block, Urgency.POLL)
            except PlantError as error:
                self._lose(error)
                raise
            self._image.take(block, registers, self._clock.now_ns())

    # ------------------------------------------------------------------ messages in
    async def _listen(self) -> None:
        """States act at once; proposals queue for their judgement."""
        while True:
            await self._ports.wait(RECEIVE_S)
            for message in self._ports.receive():
                if isinstance(message, CellState):
                    self._follow(message)
                elif self._proposals.full():
                    self._reporter.refused(message, f"queue: {WAITING_PROPOSALS} proposals wait already")
                else:
                    self._proposals.put_nowait(message)

    def _follow(self, state: CellState) -> None:
        epoch = self._guard.memory.epoch
        self._guard.on_cell(state)
        if self._guard.memory.epoch != epoch:
            self._intents.armed(self._guard.memory)
        self._reporter.moments()
        self._kick.set()

    async def _decide(self) -> None:
        """One proposal after the other: judge, store the intent, judge again, begin."""
        while True:
            proposal = await self._proposals.get()
            if self._image.owns(proposal.tag):
                reason = await self._intend(proposal)
                if reason:
                    self._reporter.refused(proposal, reason)

    async def _intend(self, proposal: Proposal) -> str:
        """Begin the move that a proposal asks for; the refusal or empty."""
        now_ns = self._clock.now_ns()
        plant = self._image.for_guard(now_ns)
        reason = self._guard.judge(proposal, now_ns, plant)
        if reason:
            return reason
        old = plant.value(proposal.tag)
        fault = await self._intents.intend(proposal, old, self._guard.memory, self._rules.proposal_age_s)
        self._reporter.alarm("journal", fault)
        if fault:
            return f"journal: {fault}"
        now_ns = self._clock.now_ns()
        reason = self._guard.begin(proposal, now_ns, self._image.for_guard(now_ns))
        self._reporter.moments()
        if not reason:
            self._reporter.begun(proposal, old, now_ns)
            self._kick.set()
        return reason

    # ------------------------------------------------------------------ moves
    async def _move(self) -> None:
        """Write what is due, one block at a time, and tell the guard what became of it."""
        while True:
            now_ns = self._clock.now_ns()
            increments = dict(self._guard.due(now_ns, self._image.for_guard(now_ns)))
            self._reporter.moments()
            if increments:
                await self._write(increments)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._kick.wait(), TICK_S)
            self._kick.clear()

    async def _write(self, increments: dict[str, float]) -> None:
        written = await self._handshake.write(increments)
        self._reporter.written(increments, written)
        if written.outcome is Outcome.CONFIRMED:
            self._guard.confirmed(self._clock.now_ns())
        else:
            self._guard.failed(self._clock.now_ns(), written.outcome, written.reason)
        self._reporter.moments()
        if not self._connection.connected:
            self._lose(PlantError("CELL-2011", written.reason or "the connection was closed", do="check cable and PLC"))

    def _own(self, rules: GuardRules) -> GuardRules:
        """The rules with this device's set-points only."""
        own = tuple(point for point in rules.setpoints if self._image.owns(point.tag))
        return GuardRules(
            own, rules.safe_state, rules.proposal_age_s, rules.evidence_age_s, rules.input_age_s, rules.loops
        )
