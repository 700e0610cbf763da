"""The bus of one field device in virtual time: the live bus's guard, image, block and reports, over a world.

What takes the live bus a connection and six tasks is here a poll, a tick while something moves, and a look at the
echo when the controller has judged a block. The link is never lost and the heartbeat always in time.
"""

from __future__ import annotations

from functools import partial
from itertools import chain

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellctl.config.resolved import Device, GuardRules, Web
from cellctl.devices.modbus.codec import on_the_wire
from cellctl.devices.modbus.settings import settings_of
from cellctl.devices.tags import Tag, read_tag_table
from cellctl.errors import PlantError
from cellctl.guard import Guard
from cellctl.model.correction import Outcome, Proposal
from cellctl.model.packml import CellState
from cellctl.model.people import Instruction
from cellctl.runtime.bus.command import CommandBlock
from cellctl.runtime.bus.handshake import FRESH_NS, Written
from cellctl.runtime.bus.intents import recall
from cellctl.runtime.bus.orders import Orders
from cellctl.runtime.bus.plant import PlantImage
from cellctl.runtime.bus.polls import Polls
from cellctl.runtime.bus.ports import BusSenders, JournalPort
from cellctl.runtime.bus.process import STATE_OLD, TICK_S
from cellctl.runtime.bus.recipe import RecipeCheck
from cellctl.runtime.bus.reporting import Reporter
from cellctl.runtime.lockstep.journal import PromptIntents
from cellctl.runtime.lockstep.schedule import Schedule
from cellctl.sdk.world import World

TICK_NS = round(TICK_S * NS_PER_S)
LOOK_AGAIN_NS = 10 * NS_PER_MS
"""Between two looks at values that are not in force yet: a fast controller's scan."""
_EVER_NS = 1 << 62


class LockstepBus:
    """Judges proposals, executes moves, polls.

    Args:
        device: the Modbus device.
        rules: the guard's rules; only set-points of this device are guarded here.
        web: where the encoder and the web speed are found.
        journal: where intents are stored.
        senders: messages out.
        schedule: of the host.
        world: what stands in for the device.
        place: of this bus among equals in time.

    Attributes:
        rules: the guard's rules for this device.
        poll_ns: period of the poll.
    """

    def __init__(
        self,
        device: Device,
        rules: GuardRules,
        web: Web,
        *,
        journal: JournalPort,
        senders: BusSenders,
        schedule: Schedule,
        world: World,
        place: int,
    ) -> None:
        settings = settings_of(device.driver, device.settings)
        table = read_tag_table(settings.tags, settings.poll)
        rules = rules.of_device(device.name)
        self._device = device.name
        self.rules = rules
        self._schedule, self._clock, self._place = schedule, schedule.clock, place
        self._world = world
        self._image = PlantImage(device.name, settings, table, rules, web)
        self._guard = Guard(rules, recall(journal.records()))
        self._intents = PromptIntents(journal)
        self._reporter = Reporter(self._image, self._guard, senders, self._intents, schedule.clock)
        self._orders = Orders(device.name, self._guard, self._intents, self._reporter.notice)
        self._recipe = RecipeCheck(rules, self._image, self._reporter)
        tags = self._image.handshake
        self._command = CommandBlock(self._image, tags) if tags else None
        self._polls = Polls(table.polled(), settings.poll)
        self._answer = [tags.echo, tags.accept, *self._image.setpoints.values()] if tags else []
        self._edges = [tag for block in self._command.edges for tag in block.tags] if self._command else []
        self._confirm_ns = round(settings.confirm * NS_PER_S)
        self._ticking = False
        self._last: dict[str, tuple[float, float]] = {}
        self._out: dict[str, float] = {}
        self._out_until_ns = 0
        self.poll_ns = self._polls.period_ns

    def start(self) -> None:
        """The link is up and every value was read."""
        self._image.values.alive = True
        self._take([*chain.from_iterable(self._polls.parts), *self._answer, *self._edges])
        self._polls.begin(self._clock.t_ns)
        if self._command is not None:
            self._command.resynchronise(self._command.shown)
        self._reporter.alarm("link", "")
        self._recipe.begin()

    def poll(self, _: object) -> None:
        """Read, publish, and look at the guard's own times."""
        for tags in self._polls.due(self._clock.t_ns):
            self._take(tags)
        self._reporter.reading()
        self._reporter.controller()
        self._recipe.follow()
        self._show()
        if not self._ticking:
            self._move(None)

    def propose(self, proposal: Proposal) -> None:
        """Judge a proposal; those for set-points of other devices are not ours to answer."""
        if self._image.owns(proposal.tag):
            reason = self._begin(proposal)
            if reason:
                self._reporter.refused(proposal, reason)
                self._guard.refused(proposal, reason, self._clock.t_ns)
                self._reporter.moments()
                self._show()
                self._go_on()

    def follow(self, state: CellState) -> None:
        """Follow the cell's state at once."""
        epoch = self._guard.memory.epoch
        self._guard.on_cell(state)
        self._recipe.follow_cell(state)
        if self._guard.memory.epoch != epoch:
            self._intents.armed(self._guard.memory)
        self._reporter.moments()
        self._go_on()

    def obey(self, told: Instruction) -> None:
        """Carry out a person's order at once; a block that is out already ends first."""
        self._orders.obey(told)
        self._reporter.moments()
        self._show()

    def _show(self) -> None:
        if not self._out:
            self._orders.show()

    def _go_on(self) -> None:
        """Begin to tick when there is something to move."""
        if not self._ticking and self._guard.waits(_EVER_NS):
            self._move(None)

    def _begin(self, proposal: Proposal) -> str:
        """Judge, store the intent, begin the move; the refusal or empty."""
        now_ns = self._clock.t_ns
        plant = self._image.for_guard(now_ns)
        reason = self._guard.judge(proposal, now_ns, plant)
        if reason:
            return reason
        old = plant.value(proposal.tag)
        fault = self._intents.intend(proposal, old, self._guard.meant(proposal, old))
        self._reporter.alarm("journal", fault)
        if fault:
            return f"journal: {fault}"
        reason = self._guard.begin(proposal, now_ns, plant)
        self._reporter.moments()
        if not reason:
            self._reporter.begun(proposal, old, now_ns)
            if not self._ticking:
                self._move(None)
        return reason

    def _tick(self, _: object) -> None:
        self._ticking = False
        self._move(None)

    def _move(self, _: object) -> None:
        """Write what is due; look again after a tick for as long as something moves."""
        now_ns, guard = self._clock.t_ns, self._guard
        if guard.waits(now_ns):
            self._take(self._image.values.older(self._edges, now_ns - FRESH_NS))
        increments = dict(guard.due(now_ns, self._image.for_guard(now_ns)))
        self._reporter.alarm("state", STATE_OLD if guard.aged else "")
        self._reporter.moments()
        if self._out:
            return  # the last block is not judged yet: `due` only took note of the values
        if increments and self._command is not None:
            self._write(self._command, increments)
        elif guard.waits(_EVER_NS) and not self._ticking:
            self._ticking = True
            self._schedule.at(now_ns + TICK_NS, self._place, self._tick)

    def _write(self, command: CommandBlock, increments: dict[str, float]) -> None:
        """Hand a block to the world; how it went is seen when the controller has judged it."""
        now_ns = self._clock.t_ns
        try:
            values = command.values(increments)
            request = command.request(command.registers(values)).hex()
        except PlantError as error:
            self._conclude(Outcome.REFUSED, f"block: {error.what}")
            return
        self._reporter.written(increments, Written(Outcome.UNKNOWN, "", request, now_ns))
        judged_ns = self._world.write(self._device, command.sequence, values, now_ns)
        self._out, self._out_until_ns = increments, now_ns + self._confirm_ns
        self._schedule.at(judged_ns, self._place, partial(self._look, command))

    def _look(self, command: CommandBlock, _: object) -> None:
        """Look at the echo, then at the values in force; UNKNOWN when they do not come in time."""
        self._take(self._answer)
        seen = command.shown == command.sequence
        verdict = command.verdict(self._out) if seen else None
        if verdict is None and self._clock.t_ns < self._out_until_ns:
            self._schedule.at(self._clock.t_ns + LOOK_AGAIN_NS, self._place, partial(self._look, command))
            return
        late = f"{'in-force: not the value asked for' if seen else 'time-out: no echo'} in time"
        self._out = {}
        self._conclude(*(verdict or (Outcome.UNKNOWN, late)))

    def _conclude(self, outcome: Outcome, reason: str) -> None:
        """Tell the guard what became of the block, and go on."""
        if outcome is Outcome.CONFIRMED:
            self._guard.confirmed(self._clock.t_ns)
        else:
            self._guard.failed(self._clock.t_ns, outcome, reason)
        self._reporter.moments()
        if not self._ticking:
            self._move(None)

    def _take(self, tags: list[Tag]) -> None:
        """Read values from the world and round them as the wire does."""
        if not tags:
            return
        now_ns, last = self._clock.t_ns, self._last
        shown = self._world.read(self._device, now_ns)
        read = []
        for tag in tags:
            name = tag.name
            value = shown.get(name)
            if value is None:
                continue
            known = last.get(name)
            if known is None or known[0] != value:
                known = last[name] = (value, on_the_wire(tag, value))
            read.append((name, known[1]))
        self._image.values.put_all(read, now_ns)
