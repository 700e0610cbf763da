"""The lockstep host: a whole cell in one process, on a clock that jumps from event to event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cellctl.builtin.evidence_recorder import EvidenceRecorder
from cellctl.clock import NS_PER_S, VirtualClock
from cellctl.config.resolved import ResolvedCell
from cellctl.errors import ConfigError, PluginError, text
from cellctl.evidence.journal import Journal
from cellctl.model import Alarm, CellState, Message, Reading
from cellctl.runtime.loading import make_world
from cellctl.runtime.lockstep.bus import LockstepBus
from cellctl.runtime.lockstep.files import FileWorld, can_be_read_again
from cellctl.runtime.lockstep.frames import FrameShelf
from cellctl.runtime.lockstep.journal import NoJournal
from cellctl.runtime.lockstep.outbox import Outbox
from cellctl.runtime.lockstep.plugin import LockstepPlugin
from cellctl.runtime.lockstep.schedule import Call, Schedule, Timer
from cellctl.runtime.lockstep.windows import WindowShelf
from cellctl.runtime.lockstep.wiring import connect, replaced_inspectors, topology_of
from cellctl.runtime.supervision.authority import Authority
from cellctl.runtime.supervision.changeover import Announcement, Changeover
from cellctl.runtime.supervision.folder import make_run_folder
from cellctl.runtime.supervision.live_cell import TELL_NS
from cellctl.runtime.supervision.safety import Shown, longest_way_back_s
from cellctl.runtime.topology import BUS_OUTPUTS, OUTPUTS, SUPERVISOR, SUPERVISOR_OUTPUTS, Role, role_of
from cellctl.sdk.registry import FRAMES, WAVEFORMS
from cellctl.sdk.world import Block, FiniteWorld, ListeningWorld, Window, World

START_NS = NS_PER_S
"""Virtual time begins here: zero means "not yet" in many records."""
_WORLD_PLACE = 0
"""The world is first among equals in time: what is seen at a moment is seen before anybody decides at it."""
_WAY_BACK_STEP_S = 0.1


class LockstepCell:
    """One cell in virtual time.

    Plugins, guard, ledger and journal are those of the live cell; the world takes the devices' place. Events at
    the same time happen in the order of (place, number): the world first, then the workers in the order of the
    flow, the supervisor last; each in the order in which they were sent.

    Args:
        cell: the resolved cell.
        run_dir: where evidence and journal go; must not hold another run. Not used with `in_memory`.
        world: stands in for the devices; made from `cell.world` when not given.
        listen: called with every message for the faces.
        durations_s: plugin → how long each of its handlers takes; `cell.world`'s when not given, else 0.
        in_memory: keep no file at all.

    Raises ConfigError CELL-1080 without any world, CELL-1061 and CELL-1062 for a run folder that cannot be one.
    """

    def __init__(
        self,
        cell: ResolvedCell,
        run_dir: Path | None = None,
        *,
        world: World | None = None,
        listen: Callable[[Any], None] | None = None,
        durations_s: Mapping[str, float] | None = None,
        in_memory: bool = False,
    ) -> None:
        entry = cell.world
        self.cell = cell
        self.world = world if world is not None else world_of(cell)
        self.run_dir = None if in_memory else _folder(run_dir, cell)
        self.clock = VirtualClock(START_NS)
        self.authority = Authority(self.clock, cell.recipe.product, cell.lot)
        self._changeover = Changeover(cell, self.authority, self.clock)
        self._schedule = Schedule(self.clock)
        self._listen = listen
        self._shown = Shown()
        self._topology = topology_of(cell)
        names = [name for spec in self._topology.workers for name in spec.names]
        self._places = {name: 1 + number for number, name in enumerate(names)}
        self._places[SUPERVISOR] = 1 + len(self._places)
        self._cameras = dict(self.world.cameras())
        self._check_cameras()
        stations = cell.web.stations
        self._shelves = {
            name: FrameShelf(name, geometry, 1000.0 * stations.get(name, 0.0))
            for name, geometry in self._cameras.items()
            if geometry is not None
        }
        self._windows = {
            name: WindowShelf(name, channel)
            for name, channel in (self.world.sensors() if isinstance(self.world, ListeningWorld) else {}).items()
        }
        self._check_sensors()
        self._outboxes: dict[tuple[str, str], Outbox] = {}
        self._inspectors = replaced_inspectors(cell, self._topology, set(self._cameras) - set(self._shelves))
        self.plugins: dict[str, LockstepPlugin] = {}
        self._buses: dict[str, LockstepBus] = {}
        self._journals: list[Journal] = []
        given = durations_s if durations_s is not None else (entry.durations_s if entry else {})
        self._build(given)

    @property
    def state(self) -> CellState:
        """The state of the cell."""
        return self.authority.state

    @property
    def exhausted(self) -> bool:
        """Whether nothing more will ever be seen: a cell of files was read to its end."""
        return isinstance(self.world, FiniteWorld) and self.world.exhausted

    @property
    def handled(self) -> int:
        """Events so far: messages handled, timers, looks."""
        return self._schedule.handled

    @property
    def head(self) -> str:
        """Hash of the ledger's last record, empty without a recorder."""
        recorders = [host.plugin for host in self.plugins.values() if isinstance(host.plugin, EvidenceRecorder)]
        return recorders[0].store.head if recorders else ""

    @property
    def dropped(self) -> dict[str, int]:
        """`<plugin>.<input>` → messages lost because the plugin's handlers took too long."""
        return {f"{name}.{port}": count for name, host in self.plugins.items() for port, count in host.dropped.items()}

    def start(self) -> None:
        """Time begins: plugins start in the order of the flow, the cell is in Stopped and sees and records."""
        self.world.open(self.clock.t_ns, self.run_dir)
        Timer(self._schedule, self._places[SUPERVISOR], TELL_NS, lambda _: self._tell())
        for name in (name for spec in self._topology.workers for name in spec.names):
            if name in self._buses:
                bus = self._buses[name]
                bus.start()
                Timer(self._schedule, self._places[name], bus.poll_ns, bus.poll)
            elif name in self.plugins:
                self.plugins[name].start()
        self.authority.ready()
        self._schedule.at(self.world.next_ns(), _WORLD_PLACE, self._look)

    def arm(self, reason: str = "in operation") -> str:
        """Stopped or Held → Execute; returns why it is refused, or nothing. Not armed, the cell is its own open arm."""
        refusal = self.authority.arm(reason)
        self._tell()
        return refusal

    def run(self, seconds: float) -> None:
        """Let so much virtual time pass; what a handler raises ends the run."""
        self._schedule.run(self.clock.t_ns + round(seconds * NS_PER_S))

    def say(self, message: Message) -> None:
        """Send what a person tells the cell (an instruction, a label), as the supervisor does."""
        for name, kind in SUPERVISOR_OUTPUTS.items():
            if isinstance(message, kind):
                self._outboxes[SUPERVISOR, name].send(message)

    def change_over(self, *, recipe: str = "", lot: str = "", by: str = "the line") -> str:
        """Announce another recipe or lot, as `cellctl changeover` does; returns the reply. Raises as `Changeover`."""
        reply = self._changeover.announce(Announcement(recipe, lot, by))
        self._tell()
        return reply

    def stop(self) -> None:
        """Bring the plant to its safe state, let everything arrive, and close in the order of the flow."""
        self.authority.stop()
        self._tell()
        rules = self.cell.guard.with_product(self.state.product)
        end_ns = self.clock.t_ns + round(longest_way_back_s(rules) * NS_PER_S)
        while self.state.safe and self.clock.t_ns < end_ns and not self._shown.is_safe(rules):
            self.run(_WAY_BACK_STEP_S)
        self._schedule.drop_timers()
        self._schedule.drain()
        for spec in self._topology.workers:
            if spec.role is Role.BUS:
                self._close_journals()
            elif spec.name in self.plugins:
                self.plugins[spec.name].plugin.stop()
                self._schedule.drain()
        self.world.close()

    def _close_journals(self) -> None:
        while self._journals:
            self._journals.pop().close()

    def _tell(self) -> None:
        self._changeover.look()
        self._outboxes[SUPERVISOR, "state"].send(self.authority.refresh())
        changes, self.authority.changes = self.authority.changes, []
        for change in changes:
            self._outboxes[SUPERVISOR, "changes"].send(change)

    def _look(self, _: Any) -> None:
        """Hand on what cameras and sensors have to say, and come back when they next have."""
        now_ns = self.clock.t_ns
        for camera, found in self.world.look(now_ns):
            if isinstance(found, Block):
                frame = self._shelves[camera].put(found, now_ns)
                self._outboxes[camera, FRAMES].send(frame)
            elif isinstance(found, Window):
                self._outboxes[camera, WAVEFORMS].send(self._windows[camera].put(found, now_ns))
            elif camera in self._inspectors:
                self._outboxes[self._inspectors[camera]].send(found)
        self._schedule.at(self.world.next_ns(), _WORLD_PLACE, self._look)

    def _notice(self, message: Any) -> None:
        """What the supervisor hears."""
        if isinstance(message, Reading):
            self._shown.hear(message)
            self._changeover.hear(message)
        elif isinstance(message, Alarm):
            before = self.state
            self.authority.alarm(message)
            self._shown.hear(message)
            if self.state is not before:
                self._tell()
        if self._listen is not None:
            self._listen(message)

    def _build(self, durations_s: Mapping[str, float]) -> None:
        """Make every worker and connect them."""
        replaced = {plugin for plugin, _ in self._inspectors.values()}
        for device in self.cell.devices:
            self._add_outboxes(device.name, tuple(OUTPUTS[role_of(device.driver)]))
        for entry in self.cell.plugins:
            if entry.name in replaced:
                continue
            host = LockstepPlugin(
                entry, self.cell, self.run_dir, schedule=self._schedule, place=self._places[entry.name],
                duration_s=durations_s.get(entry.name, 0.0), shelves=self._shelves,
                windows=self._windows,
            )  # fmt: skip
            self.plugins[entry.name] = host
            self._outboxes |= {(entry.name, name): outbox for name, outbox in host.outboxes.items()}
        for name, output in self._inspectors.values():
            delay_ns = round(durations_s.get(name, 0.0) * NS_PER_S)
            self._outboxes[name, output] = Outbox(self._schedule, name, delay_ns)
        self._add_outboxes(SUPERVISOR, tuple(SUPERVISOR_OUTPUTS))
        for device in self.cell.devices:
            if self._is_bus(device.name):
                self._buses[device.name] = self._bus(device.name)
        connect(self._topology.links, self._outboxes, self._entrance)

    def _add_outboxes(self, worker: str, outputs: tuple[str, ...]) -> None:
        for name in outputs:
            self._outboxes[worker, name] = Outbox(self._schedule, worker)

    def _is_bus(self, device: str) -> bool:
        return role_of(self.cell.device(device).driver) is Role.BUS

    def _bus(self, name: str) -> LockstepBus:
        journal: Journal | NoJournal = NoJournal()
        if self.run_dir is not None:
            path = self.run_dir / f"journal-{name}.jsonl"
            journal = Journal(path, self.clock, sync=False, config=self.cell.hash)
            self._journals.append(journal)
        senders: Any = SimpleNamespace(**{output: self._outboxes[name, output] for output in BUS_OUTPUTS})
        return LockstepBus(
            self.cell.device(name), self.cell.guard, self.cell.web, journal=journal, senders=senders,
            schedule=self._schedule, world=self.world, place=self._places[name],
        )  # fmt: skip

    def _entrance(self, worker: str, port: str) -> tuple[int, Call] | None:
        place = self._places[worker]
        if worker in self.plugins:
            return place, self.plugins[worker].entrance(port)
        if worker in self._buses:
            bus = self._buses[worker]
            if port == "instructions":
                return place, bus.obey
            return place, bus.propose if port == "proposals" else bus.follow
        if worker == SUPERVISOR and (self._listen is not None or port in {Reading.__name__, Alarm.__name__}):
            return place, self._notice
        return None

    def _check_cameras(self) -> None:
        """Every camera of the cell has somebody who sees for it."""
        for spec in self._topology.workers:
            if spec.role is Role.CAMERA and spec.name not in self._cameras:
                raise ConfigError("CELL-1081", "the world has no camera {name!r}", do="its cameras are: {known}",
                                  name=spec.name, known=", ".join(self._cameras) or text("none"))  # fmt: skip

    def _check_sensors(self) -> None:
        """Every sensor of the cell has somebody who measures for it."""
        for spec in self._topology.workers:
            if spec.role is Role.WAVEFORM and spec.name not in self._windows:
                raise ConfigError("CELL-1081", "the world has no sensor {name!r}", do="its sensors are: {known}",
                                  name=spec.name, known=", ".join(self._windows) or text("none"))  # fmt: skip


def world_of(cell: ResolvedCell) -> World:
    """What stands in for the devices; a cell that has nothing but files needs nobody to."""
    return FileWorld(cell) if cell.world is None and can_be_read_again(cell) else make_world(cell)


def _folder(run_dir: Path | None, cell: ResolvedCell) -> Path:
    if run_dir is None:
        raise PluginError("CELL-3031", "a run needs a folder", do="name one, or keep it in memory")
    make_run_folder(run_dir, cell)
    return run_dir.resolve()
