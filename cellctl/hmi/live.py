"""The live view of a running cell: its messages into the view model, the view onto the screen."""

from __future__ import annotations

from typing import Any, Self

from rich.console import Console

from cellctl.clock import MonotonicClock
from cellctl.config.resolved import ResolvedCell
from cellctl.hmi.screen import Screen
from cellctl.hmi.view import CellView, ProcessRow
from cellctl.hmi.view_model import ViewModel
from cellctl.runtime.supervision import LiveCell
from cellctl.runtime.supervision.processes import Phase
from cellctl.runtime.topology import Role


class LiveView:
    """Let the cell's messages go to `take`; within the block, call `show` as often as you like."""

    def __init__(self, cell: ResolvedCell, console: Console | None = None) -> None:
        clock = MonotonicClock()
        self._model = ViewModel(cell, clock)
        self._screen = Screen(clock, console)
        self.take = self._model.take

    def __enter__(self) -> Self:
        self._screen.__enter__()
        return self

    def __exit__(self, *details: Any) -> None:
        self._screen.__exit__(*details)

    def show(self, cell: LiveCell, *, now: bool = False) -> None:
        """Draw when it is time to, or `now`."""
        if now or self._screen.is_due:
            self._screen.show(self.view(cell), now=now)

    def view(self, cell: LiveCell) -> CellView:
        """The cell as it stands now."""
        self._model.take(cell.state)
        self._model.processes(
            ProcessRow(name, process.phase.value, process.phase is not Phase.FAILED)
            for name, process in cell.processes.items()
        )
        cameras = (process for process in cell.processes.values() if process.spec.role is Role.CAMERA)
        beats = (camera.beat for camera in cameras if camera.beat is not None)
        self._model.received(sum(int(beat.notes.get("received", 0)) for beat in beats))
        return self._model.view()
