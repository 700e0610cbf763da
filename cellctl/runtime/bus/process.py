"""The body of the process that owns one field connection and hosts the guard; it runs no plugin code."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

from cellctl.clock import NS_PER_MS, Clock
from cellctl.config.resolved import Device, GuardRules, Web
from cellctl.devices.modbus.line import Line
from cellctl.devices.modbus.settings import settings_of
from cellctl.devices.modbus.wire import wire_of
from cellctl.devices.tags import read_tag_table
from cellctl.errors import PlantError
from cellctl.guard import Guard
from cellctl.model.correction import Outcome, Proposal
from cellctl.model.events import Priority
from cellctl.model.packml import CellState
from cellctl.model.people import Instruction
from cellctl.runtime.bus.handshake import Handshake
from cellctl.runtime.bus.intents import Intents, recall
from cellctl.runtime.bus.link import Link
from cellctl.runtime.bus.orders import Orders
from cellctl.runtime.bus.plant import PlantImage
from cellctl.runtime.bus.ports import BusPorts, JournalPort
from cellctl.runtime.bus.recipe import RecipeCheck
from cellctl.runtime.bus.reporting import Reporter

TICK_S = 0.02
"""How often ramps are looked at: a fifth of the guard's tick, so that no increment waits long for its turn."""
IDLE_TICK_S = 0.05
"""And while nothing moves: half of what the guard asks for, so that a late look is still in time."""
EVER_NS = 1 << 62
RECEIVE_S = 0.1
STATE_OLD = "the supervisor no longer says that the cell is in Execute: the set-points go to the safe state"
CLOSE_S = 1.0
"""How long the disk may take for what still waits when the process ends."""
WAITING_PROPOSALS = 16
"""More than one proposal per set-point in flight is a fault of a loop; beyond this many they are refused."""


class BusProcess:
    """Judges proposals, executes moves and follows the cell's state; `Link` polls and beats beside it.

    Args:
        device: the Modbus device; its settings as they are dumped.
        rules: the guard's rules; only set-points of this device are guarded here.
        web: where the encoder and the web speed are found.
        journal: where intents are stored, and from which the guard remembers after a restart.
        ports: messages in and out.
        clock: monotonic time.
        line: the connection, when other devices share it.
    """

    def __init__(  # noqa: PLR0917  # a process's whole world, named once in its host
        self,
        device: Device,
        rules: GuardRules,
        web: Web,
        journal: JournalPort,
        ports: BusPorts,
        clock: Clock,
        line: Line | None = None,
    ) -> None:
        settings = settings_of(device.driver, device.settings)
        self._rules = rules.of_device(device.name)
        self._ports = ports
        self._clock = clock
        self._image = PlantImage(device.name, settings, read_tag_table(settings.tags, settings.poll), self._rules, web)
        self._guard = Guard(self._rules, recall(journal.records()))
        self._intents = Intents(journal, lambda fault: self._reporter.alarm("journal", fault))
        self._reporter = Reporter(self._image, self._guard, ports, self._intents, clock)
        self._is_owner = line is None
        self._line = line or Line(wire_of(settings))
        self._link = Link(
            self._line,
            settings, self._image, clock, on_up=self._on_up, on_lost=self._on_lost, on_poll=self._on_poll,
            on_down=lambda error: self._reporter.alarm("link", str(error)),
        )  # fmt: skip
        self._handshake = self._link.handshake
        if self._handshake is not None:
            self._handshake.progress = self._reporter.written
        self._orders = Orders(device.name, self._guard, self._intents, self._reporter.notice)
        self._recipe = RecipeCheck(self._rules, self._image, self._reporter)
        self._proposals: asyncio.Queue[Proposal] = asyncio.Queue(WAITING_PROPOSALS)
        self._kick = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; ramps under way end where they are, and the PLC's watchdog sees the silence."""
        link = self._link
        try:
            async with asyncio.TaskGroup() as group:
                work = (link.keep(), link.beat(), link.poll(), self._listen(),
                        self._decide(), self._move())  # fmt: skip
                tasks = [group.create_task(it) for it in work]
                await stop.wait()
                await _end(tasks)
        finally:
            self._link.connection.close()
            if self._is_owner:
                self._line.close()
            await self._intents.close(CLOSE_S)

    def notes(self) -> dict[str, float]:
        """Rounds of polls so far, and how many due times passed without one."""
        return {"polls": self._link.polling.done, "missed": self._link.polling.missed}

    def _on_up(self) -> None:
        self._reporter.alarm("link", "")
        self._recipe.begin()

    def _on_poll(self) -> None:
        self._reporter.reading()
        self._reporter.controller()
        polling = self._link.polling
        self._reporter.alarm("tags", polling.refusal, priority=Priority.MEDIUM, holds=False)
        self._reporter.alarm("polls", polling.overload, priority=Priority.MEDIUM, holds=False)
        self._recipe.follow()

    def _on_lost(self, error: PlantError) -> None:
        self._guard.on_link_lost()
        self._intents.armed(self._guard.memory)
        self._reporter.moments()
        self._reporter.alarm("link", str(error))
        self._reporter.reading()

    async def _listen(self) -> None:
        """States and orders act at once; proposals queue for their judgement."""
        while True:
            await self._ports.wait(RECEIVE_S)
            for message in self._ports.receive():
                if isinstance(message, CellState):
                    self._follow(message)
                elif isinstance(message, Instruction):
                    self._obey(message)
                elif self._proposals.full():
                    self._reporter.refused(message, f"queue: {WAITING_PROPOSALS} proposals wait already")
                else:
                    self._proposals.put_nowait(message)

    def _follow(self, state: CellState) -> None:
        epoch = self._guard.memory.epoch
        self._guard.on_cell(state)
        self._recipe.follow_cell(state)
        if self._guard.memory.epoch != epoch:
            self._intents.armed(self._guard.memory)
        self._intents.try_again(self._guard.memory)
        self._reporter.moments()
        self._kick.set()

    def _obey(self, told: Instruction) -> None:
        """Nothing of what a person takes over is put out any more; a block that is out already ends first."""
        self._orders.obey(told)
        self._reporter.moments()
        self._kick.set()

    async def _decide(self) -> None:
        """One proposal after the other; those for set-points of other devices are not ours to answer."""
        while True:
            proposal = await self._proposals.get()
            if self._image.owns(proposal.tag):
                reason = await self._begin(proposal)
                if reason:
                    self._reporter.refused(proposal, reason)
                    self._guard.refused(proposal, reason, self._clock.now_ns())
                    self._reporter.moments()

    async def _begin(self, proposal: Proposal) -> str:
        """Judge, store the intent, judge again, begin the move; the refusal or empty."""
        now_ns = self._clock.now_ns()
        plant = self._image.for_guard(now_ns)
        reason = self._guard.judge(proposal, now_ns, plant)
        if reason:
            return reason
        old, asked_ns = plant.value(proposal.tag), now_ns
        fault = await self._intents.intend(proposal, old, self._guard.meant(proposal, old), self._rules.proposal_age_s)
        if fault:
            return f"journal: {fault}"
        now_ns = self._clock.now_ns()
        reason = self._guard.begin(proposal, now_ns, self._image.for_guard(now_ns))
        self._reporter.moments()
        if reason:
            took_ms = (now_ns - asked_ns) / NS_PER_MS
            return f"{reason}, after the journal took {took_ms:.0f} ms to store its intent"
        self._reporter.begun(proposal, old, now_ns)
        self._kick.set()
        return ""

    async def _move(self) -> None:
        """Write what is due, one block at a time, and tell the guard what became of it."""
        while True:
            self._orders.show()
            increments = await self._due()
            if increments and self._handshake is not None:
                await self._write(self._handshake, increments)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S if self._guard.waits(EVER_NS) else IDLE_TICK_S):
                    await self._kick.wait()
            self._kick.clear()

    async def _due(self) -> dict[str, float]:
        """What the guard wants to write, by values in force that are as fresh as what will be written beside it."""
        if self._handshake and self._image.values.alive and self._guard.waits(self._clock.now_ns()):
            try:
                await self._handshake.refresh()
            except PlantError as error:
                self._link.check(error.what_text)
                return {}  # an older value in force may hide what somebody else has changed meanwhile
        now_ns = self._clock.now_ns()
        increments = dict(self._guard.due(now_ns, self._image.for_guard(now_ns)))
        self._reporter.alarm("state", STATE_OLD if self._guard.aged else "")
        self._reporter.moments()
        return increments

    async def _write(self, handshake: Handshake, increments: dict[str, float]) -> None:
        written = await handshake.write_verified(increments)
        if written.outcome is Outcome.CONFIRMED:
            self._guard.confirmed(self._clock.now_ns())
        else:
            self._guard.failed(self._clock.now_ns(), written.outcome, written.reason)
        self._reporter.moments()
        self._link.check(written.reason)


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel until all are gone: `asyncio.wait_for`, which pymodbus uses, can lose a cancellation (3.11)."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=RECEIVE_S)
