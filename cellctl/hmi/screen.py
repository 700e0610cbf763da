"""Shows views as they come: a live screen in a terminal, one line every few seconds anywhere else."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.live import Live

from cellctl.clock import NS_PER_S, Clock
from cellctl.hmi.plain import plain_line
from cellctl.hmi.terminal import render
from cellctl.hmi.view import CellView

REFRESH_NS = NS_PER_S // 4
"""Four pictures a second look live and cost little."""
LINE_NS = 5 * NS_PER_S


class Screen:
    """Use as a context manager and call `show` as often as you like."""

    def __init__(self, clock: Clock, console: Console | None = None) -> None:
        self._clock = clock
        self._console = console or Console(highlight=False)
        self._is_live = self._console.is_terminal
        self._live = Live(console=self._console, auto_refresh=False, transient=False)
        self._next_ns = 0

    def __enter__(self) -> Screen:
        if self._is_live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_live:
            self._live.stop()

    @property
    def is_due(self) -> bool:
        """Whether the next `show` would draw; building a view before that is wasted."""
        return self._clock.now_ns() >= self._next_ns

    def show(self, view: CellView, *, now: bool = False) -> None:
        """Draw the view when it is time to (or `now`)."""
        if not (now or self.is_due):
            return
        self._next_ns = self._clock.now_ns() + (REFRESH_NS if self._is_live else LINE_NS)
        if self._is_live:
            self._live.update(render(view), refresh=True)
        else:
            self._console.print(plain_line(view), soft_wrap=True, markup=False)
