"""The live host: starts the processes of a cell, watches them, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from cellctl.clock import NS_PER_S, MonotonicClock
from cellctl.config.resolved import ResolvedCell
from cellctl.errors import CellError, PluginError, joined, retold, text, told
from cellctl.model import Advice, Alarm, CellState, Escalation, Label, Priority, Reading, Stamp
from cellctl.pipes import Ports
from cellctl.runtime.control import Hello
from cellctl.runtime.signals import interrupts_go_to
from cellctl.runtime.station import Station
from cellctl.runtime.supervision.authority import Authority
from cellctl.runtime.supervision.changeover import Changeover
from cellctl.runtime.supervision.commands import REFUSED, CommandServer
from cellctl.runtime.supervision.desk import Desk, labels_of
from cellctl.runtime.supervision.folder import RuntimeFolder, make_run_folder
from cellctl.runtime.supervision.masters import Masters
from cellctl.runtime.supervision.processes import Phase, Process, Switchboard
from cellctl.runtime.supervision.safety import Shown, longest_way_back_s
from cellctl.runtime.supervision.state import StateFolder
from cellctl.runtime.topology import DISPENSABLE, SOURCES, SUPERVISOR, SUPERVISOR_OUTPUTS, Role, build, role_of

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 3.0
POLL_MS = 50
BATCHES = 32
"""Messages per link that one poll hands on at most; a burst does not keep the supervisor from its watch."""
TELL_NS = NS_PER_S // 5
"""The state is sent this often: the guard stops to act on one that is a second old."""
STALL_NS = NS_PER_S // 2
"""A supervisor that did not poll for so long cannot blame a worker for its silence."""


class Interrupted(Exception):  # an event, not an error: somebody asked the cell to end
    """Raised inside `LiveCell.start` when `interrupt` was called."""


class LiveCell:
    """One running cell.

    Use as a context manager; on exit every process has ended, and sockets and frame pools are gone. Within the
    block Ctrl-C and SIGTERM call `interrupt` instead of ending the supervisor.

    Args:
        cell: the resolved cell.
        run_dir: where evidence, journal and logs of this run go; must not hold another run.
        listen: called with every message for the faces, until the last worker has ended.
        state_dir: where the guards' memory outlives the run; None: they begin anew, as with a plant that is new.
    """

    def __init__(
        self,
        cell: ResolvedCell,
        run_dir: Path,
        listen: Callable[[Any], None] = lambda _message: None,
        *,
        state_dir: Path | None = None,
    ) -> None:
        self.cell = cell
        self._listen = listen
        self.run_dir = run_dir
        self._state_dir = state_dir
        self.processes: dict[str, Process] = {}
        self._clock = MonotonicClock()
        self.authority = Authority(self._clock, cell.recipe.product, cell.lot)
        self._changeover = Changeover(cell, self.authority, self._clock)
        self._desk = Desk(cell, labels_of(cell), self._clock, self._changeover)
        self._sent: CellState | None = None
        self._due_ns = self._polled_ns = self._clock.now_ns()
        self._interrupted = False
        self._stopped_by = ""
        self._signals = ExitStack()
        self._resources = ExitStack()
        self._shown = Shown()

    def __enter__(self) -> LiveCell:
        self._signals.enter_context(interrupts_go_to(self.interrupt))
        try:
            self._prepare()
        except BaseException:
            self._clear_away()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._clear_away()

    def _prepare(self) -> None:
        """Make the run folder, the runtime folder and the links; no process yet."""
        self._resources.callback(Masters(self.cell, self.run_dir).release)
        self._remember()
        make_run_folder(self.run_dir, self.cell)
        self._folder = RuntimeFolder()
        self._resources.callback(self._folder.remove)
        self._topology = build(self.cell, self._folder.path, self._folder.pools)
        state_dir = str(self._state_dir.absolute()) if self._state_dir is not None else ""
        station = Station(str(self.run_dir.resolve()), self._topology, self.cell, state_dir)
        (self._folder.path / "station.json").write_bytes(msgspec.json.encode(station))
        self._ports = Ports(SUPERVISOR, self._topology.links, self._clock, {}, tuple(SUPERVISOR_OUTPUTS))
        self._resources.callback(self._ports.close)
        self._board = Switchboard(self._ports.context, self._folder.path / "control.ipc")
        self._resources.callback(self._board.close)
        self._commands = CommandServer(self._ports.context, self._folder.path, self.run_dir)
        self._resources.callback(self._commands.close)
        self._ports.watch(self._board.socket)
        self._ports.watch(self._commands.socket)

    def _remember(self) -> None:
        """Take the cell's state folder, and begin behind the newest epoch that its guards have seen."""
        if self._state_dir is None:
            return
        folder = StateFolder(self._state_dir)
        self._resources.callback(folder.close)
        buses = [device.name for device in self.cell.devices if role_of(device.driver) is Role.BUS]
        self.authority.begin_behind(folder.newest_epoch(buses))

    def _clear_away(self) -> None:
        """End every process, close every socket, remove every file that is not evidence."""
        try:
            for process in self.processes.values():
                process.kill()
            for process in self.processes.values():
                process.reap(STOP_TIMEOUT_S)
                process.close()
            self._resources.close()
        finally:
            self._signals.close()

    def interrupt(self) -> None:
        """Ask the cell to end; safe to call from a signal handler."""
        self._interrupted = True

    @property
    def interrupted(self) -> bool:
        """Whether somebody asked the cell to end."""
        return self._interrupted

    def start(self) -> None:
        """Start every process: sources last, so that no frame is taken before somebody looks at it.

        The cell is in Stopped afterwards: it sees and records, and the guard refuses every move.

        Raises PluginError CELL-3021 with the worker's own words when one does not come up, Interrupted when the
        cell is asked to end meanwhile.
        """
        for sources in (False, True):
            specs = [spec for spec in self._topology.workers if (spec.role in SOURCES) is sources]
            for spec in specs:
                log = self.run_dir / "log" / f"{spec.name}.log"
                process = self.processes[spec.name] = Process(spec, self._folder.path, log, self._clock)
                self._ports.watch(process.pidfd)
            self._await_ready()
        self.authority.ready()

    def _await_ready(self) -> None:
        end = self._clock.now_ns() + round(START_TIMEOUT_S * NS_PER_S)
        while any(process.phase is Phase.STARTING for process in self.processes.values()):
            self.poll()
            if self._interrupted:
                raise Interrupted
            late = self._clock.now_ns() > end
            for process in self.processes.values():
                if process.phase is Phase.FAILED or (late and process.phase is Phase.STARTING):
                    raise self._not_started(process)

    def _not_started(self, process: Process) -> PluginError:
        """What the worker said itself, with its own remedy before ours."""
        why = text("not ready after {seconds:.0f} s", seconds=START_TIMEOUT_S)
        do = text("read {log}", log=self.run_dir / "log" / f"{process.spec.name}.log")
        if process.told:
            error = retold(process.told, PluginError)
            place = "" if error.where is None else f"{error.where}: "
            why = text("{number}: {problem}", number=f"{place}{error.code}", problem=error.what_text)
            do = joined([error.do_text, do]) if error.do else do
        elif process.reason:
            why = text("{reason}", reason=process.reason.removeprefix("seen: "))
        return PluginError("CELL-3021", "{process} did not start: {why}", do=do, process=process.spec.name, why=why)

    @property
    def exhausted(self) -> bool:
        """Whether every source has come to its end: there is nothing left to see."""
        sources = [process for process in self.processes.values() if process.spec.role in SOURCES]
        return bool(sources) and all(process.exhausted for process in sources)

    @property
    def state(self) -> CellState:
        """The state of the cell."""
        return self.authority.state

    @property
    def failure(self) -> str:
        """Why the cell failed, else empty."""
        return self.authority.failure

    def arm(self, reason: str = "in operation", by: str = "") -> str:
        """Stopped or Held → Execute: from now on loops with authority may move set-points.

        Returns why it is refused, or nothing.
        """
        refusal = "the cell is about to end" if self._interrupted else self.authority.arm(reason, by)
        self._tell()
        return refusal

    def poll(self, timeout_ms: int = POLL_MS) -> None:
        """Wait a little, hand what came to the faces, act on what failed, and tell the processes the state."""
        deliveries = self._ports.receive()
        if not deliveries:
            self._ports.wait(timeout_ms)
            deliveries = self._ports.receive()
        for _ in range(BATCHES):
            for delivery in deliveries:
                self._ports.consumed(delivery)
                self._notice(delivery.message)
                self._listen(delivery.message)
            deliveries = self._ports.receive() if deliveries else []
        self._watch()
        self._obey()
        self._changeover.look()
        self._tell()

    def _watch(self) -> None:
        """Hear the workers and find those that are lost; after a stall of our own, give them time to be heard."""
        now = self._clock.now_ns()
        stalled = now - self._polled_ns > STALL_NS
        self._polled_ns = now
        for name, said in self._board.hear():
            self.processes[name].hear(said, now)
            if isinstance(said, Hello) and said.gaps:
                self._warn(name, said.gaps)
        for process in self.processes.values():
            if stalled:
                process.heard_ns = now
            if process.ended_now():
                self._ports.unwatch(process.pidfd)
            if process.judge(now):
                self._lose(process, f"{process.spec.name}: {process.reason.removeprefix('seen: ')}")

    def _lose(self, process: Process, failure: str) -> None:
        """Abort for the loss of a process that the line needs; tell a person of one that only shows."""
        if process.spec.role not in DISPENSABLE:
            self.authority.fail(failure)
            return
        self._say(f"process.{process.spec.name}.lost", Priority.MEDIUM,
                  f"{failure}. The line goes on; the next start of the cell brings it back")  # fmt: skip

    def _warn(self, name: str, gaps: tuple[str, ...]) -> None:
        """The cell runs without a fence that the kernel does not offer, and says so."""
        self._say(f"process.{name}.rights", Priority.LOW,
                  f"{name} may do more than it needs: {'; '.join(gaps)}; see cellctl doctor")  # fmt: skip

    def _say(self, alarm_id: str, priority: Priority, sentence: str) -> None:
        """Raise an alarm of the cell's own, which holds nothing."""
        stamp = Stamp(self._clock.now_ns())
        alarm = Alarm(stamp=stamp, id=alarm_id, active=True, priority=priority, text=sentence)
        self._ports.sender("alarms").send(alarm)
        self._listen(alarm)

    def _tell(self) -> None:
        """Send the state when it changed, and again and again: the guard does not act on one that is old."""
        now = self._clock.now_ns()
        if self.state is self._sent and now < self._due_ns:
            return
        self._due_ns = now + TELL_NS
        self._sent = self.authority.refresh()
        self._ports.sender("state").send(self._sent)
        changes, self.authority.changes = self.authority.changes, []
        for change in changes:
            self._ports.sender("changes").send(change)

    def _obey(self) -> None:
        """Carry out what the commands of a person ask."""
        request = self._commands.receive()
        if request is None:
            return
        order, _, who = request.partition(" ")
        match order:
            case "start":
                refusal = self.arm(f"started by {who}", who)
                self._commands.reply(
                    f"refused: {refusal}" if refusal else f"{self.state.state.name}: {self.state.reason}"
                )
            case "stop":
                self._stopped_by = who
                self.interrupt()
                self._commands.reply("stopping")
            case _:
                self._commands.reply(self._pass_on(request))

    def _pass_on(self, request: str) -> str:
        """Judge what a person asks and tell the plugins; returns the reply."""
        try:
            reply, messages = self._desk.carry_out(request)
        except CellError as error:
            return f"{REFUSED}{told(error)}"
        except msgspec.DecodeError:
            return f"unknown command {request!r}"
        for message in messages:
            self._ports.sender("labels" if isinstance(message, Label) else "instructions").send(message)
            self._listen(message)
        return reply

    def _notice(self, message: Any) -> None:
        if isinstance(message, Reading):
            self._shown.hear(message)
            self._changeover.hear(message)
        elif isinstance(message, Alarm):
            self.authority.alarm(message)
            self._shown.hear(message)
            self._desk.hear(message)
        elif isinstance(message, Advice | Escalation):
            self._desk.hear(message)

    def stop(self) -> bool:
        """Bring the plant to its safe state, drain and end every worker in the order of the flow.

        Returns whether every worker handled everything it had been sent.
        """
        self._interrupted = True
        self.authority.stop(self._stopped_by)
        if self.state.safe:
            self._await_safe()
        for rank in sorted({process.spec.rank for process in self.processes.values()}):
            group = [process for process in self.processes.values() if process.spec.rank == rank]
            for process in group:
                self._board.ask_to_stop(process.spec.name, STOP_TIMEOUT_S)
            self._await_end(group)
        return all(it.drained or it.spec.role in DISPENSABLE for it in self.processes.values())

    def _await_safe(self) -> None:
        """Wait until every guarded set-point is in force at its safe value, at most as long as the ramps take."""
        rules = self.cell.guard.with_product(self.state.product)
        end = self._clock.now_ns() + round(longest_way_back_s(rules) * NS_PER_S)
        while self._clock.now_ns() < end and not self._shown.is_safe(rules):
            if any(p.phase is Phase.FAILED for p in self.processes.values() if p.spec.role is Role.BUS):
                return
            self.poll()

    def _await_end(self, group: list[Process]) -> None:
        end = self._clock.now_ns() + round((2 * STOP_TIMEOUT_S + 1.0) * NS_PER_S)
        while self._clock.now_ns() < end and not all(process.over for process in group):
            self.poll(10)
        for process in group:
            self.poll(0)
            if process.alive:
                process.kill()
