"""The live view of a running cell: its messages into the view model, the view onto the screen."""

from __future__ import annotations

from typing import Any, Self

from rich.console import Console

from cellctl.clock import MonotonicClock
from cellctl.hmi.screen import Screen
from cellctl.hmi.view import CellView, ProcessRow
from cellctl.hmi.view_model import ViewModel
from cellctl.runtime.processes import Phase
from cellctl.runtime.supervisor import LiveCell


class LiveView:
    """Use as a context manager; call `show` with every batch of messages."""

    def __init__(self, cell: LiveCell, console: Console | None = None) -> None:
        clock = MonotonicClock()
        self._cell = cell
        self._model = ViewModel(cell.cell, clock)
        self._screen = Screen(clock, console)

    def __enter__(self) -> Self:
        self._screen.__enter__()
        return self

    def __exit__(self, *details: Any) -> None:
        self._screen.show(self.view(), now=True)
        self._screen.__exit__(*details)

    def show(self, messages: list[Any]) -> None:
        """Take in what the cell said, and draw when it is time to."""
        for message in messages:
            self._model.take(message)
        if self._screen.is_due:
            self._screen.show(self.view())

    def view(self) -> CellView:
        """The cell as it stands now."""
        self._model.take(self._cell.state)
        self._model.processes(
            ProcessRow(name, process.phase.value, process.phase is not Phase.FAILED)
            for name, process in self._cell.processes.items()
        )
        return self._model.view()
