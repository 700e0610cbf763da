"""The host of one plugin in virtual time."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from cellctl.clock import NS_PER_S, VirtualClock
from cellctl.config.resolved import PluginEntry, ResolvedCell
from cellctl.errors import PluginError
from cellctl.model import Frame, Waveform
from cellctl.pipes import Policy
from cellctl.runtime.lockstep.desk import UNBOUNDED, Desk
from cellctl.runtime.lockstep.frames import FrameShelf
from cellctl.runtime.lockstep.outbox import Outbox
from cellctl.runtime.lockstep.schedule import Call, Schedule, Timer
from cellctl.runtime.lockstep.windows import WindowShelf
from cellctl.runtime.topology import DEFAULT_RULE, RULES
from cellctl.sdk.plugin import Keeping, Pixels, Samples
from cellctl.sdk.ports import Sender
from cellctl.sdk.registry import find_plugin


class LockstepPlugin:
    """Implements `sdk.Context` over the schedule.

    Args:
        entry: of the plugin.
        cell: the resolved cell.
        run_dir: the run folder, None when nothing is kept.
        schedule: of the host.
        place: of this plugin among equals in time.
        duration_s: how long each of its handlers takes.
        shelves: camera → its latest blocks.
        windows: sensor → its latest windows.
    """

    def __init__(
        self,
        entry: PluginEntry,
        cell: ResolvedCell,
        run_dir: Path | None,
        *,
        schedule: Schedule,
        place: int,
        duration_s: float,
        shelves: Mapping[str, FrameShelf],
        windows: Mapping[str, WindowShelf],
    ) -> None:
        self.name = entry.name
        self.cell = cell
        self.place = place
        self.rng = random.Random(f"{cell.seed}/{entry.name}")
        self.keeping = Keeping.MEMORY if run_dir is None else Keeping.FILES
        self._run_dir = run_dir
        self._schedule = schedule
        self._shelves, self._windows = shelves, windows
        duration_ns = round(duration_s * NS_PER_S)
        self._desk = Desk(schedule, place, duration_ns)
        kind = find_plugin(entry.use)
        self._inputs = kind.inputs()
        self.outboxes = {name: Outbox(schedule, entry.name, duration_ns) for name in kind.outputs()}
        self.plugin = kind(kind.Settings.model_validate(entry.settings), self)
        self._handlers = self.plugin.handlers()

    @property
    def clock(self) -> VirtualClock:
        """Virtual time: that at which the running handler began."""
        return self._schedule.clock

    @property
    def run_dir(self) -> Path:
        """The folder of this run; PluginError (CELL-3030) when nothing is kept."""
        if self._run_dir is None:
            raise PluginError(
                "CELL-3030", "{name}: this run keeps no files", do="look at `context.keeping` first", name=self.name
            )
        return self._run_dir

    @property
    def dropped(self) -> dict[str, int]:
        """Input → messages lost because the handlers took too long."""
        return self._desk.dropped

    def sender(self, port: str) -> Sender[Any]:
        """The sender behind an output."""
        return self.outboxes[port]

    def pixels(self, frame: Frame) -> AbstractContextManager[Pixels]:
        """Borrow the pixels of a frame of the device it came from."""
        return self._shelves[frame.source].borrow(frame)

    def samples(self, waveform: Waveform) -> AbstractContextManager[Samples]:
        """Borrow the samples of a window of the device it came from."""
        return self._windows[waveform.source].borrow(waveform)

    def entrance(self, port: str) -> Call:
        """What a message for an input is handed to."""
        rule = RULES.get(self._inputs[port].message, DEFAULT_RULE)
        depth = UNBOUNDED if rule.policy is Policy.BLOCK else rule.depth
        return self._desk.entrance(port, self._handlers[port], depth)

    def start(self) -> None:
        """Start the plugin, and its timers."""
        self.plugin.start()
        for number, (period_s, call) in enumerate(self.plugin.timers()):
            deliver = self._desk.entrance(f"@{number}", _without_message(call), 1)
            Timer(self._schedule, self.place, round(period_s * NS_PER_S), deliver)


def _without_message(call: Callable[[], None]) -> Call:
    """A timer's method as the schedule calls it."""
    return lambda _message: call()
