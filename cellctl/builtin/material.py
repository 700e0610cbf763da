"""Feeds the table of metres from the plant's values and the cell's state, and sends what has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cellctl.clock import Clock
from cellctl.config.resolved import ResolvedCell
from cellctl.model.interval import Interval
from cellctl.model.message import Stamp
from cellctl.model.packml import CellState
from cellctl.model.tags import TagValue
from cellctl.quality.genealogy import Genealogy, Stretch


class Material:
    """The material of one run; a cell without an encoder has no metres, only the running lot.

    Args:
        cell: the resolved cell.
        clock: stamps what is sent.
        send: takes each interval that has ended.
    """

    def __init__(self, cell: ResolvedCell, clock: Clock, send: Callable[[Interval], None]) -> None:
        self._encoder, self._splice = cell.web.encoder, cell.web.splice
        self._clock = clock
        self._send = send
        self._table = Genealogy(cell.lot, cell.recipe.product)
        self._is_splice = False

    def go_on(self, intervals: Iterable[Interval]) -> None:
        """Go on after a restart in the folder of the run."""
        self._table.go_on_from(
            [Stretch(it.from_mm, it.to_mm, it.lot, it.product, it.splice, it.reason) for it in intervals]
        )

    def follow(self, latest: Callable[[str], TagValue | None]) -> None:
        """Look at the latest values, by tag; a position that is not Good is none."""
        place, splice = latest(self._encoder), latest(self._splice)
        if splice is not None and splice.quality.is_good:
            self._is_splice = splice.value != 0.0
        if place is not None and place.quality.is_good:
            self._tell(self._table.follow(place.value, splice=self._is_splice))

    def change(self, lot: str, state: CellState) -> None:
        """Take the cell's state: it may name another lot or product."""
        if state.product or state.lot:
            self._tell(self._table.change(lot, state.product, state.since_mm, state.reason))

    def lot_at(self, s_mm: float) -> str:
        """The lot of a place on the material."""
        return self._table.where(s_mm).lot

    def end(self) -> None:
        """The run ends."""
        self._tell(self._table.end())

    def _tell(self, stretches: list[Stretch]) -> None:
        for it in stretches:
            self._send(Interval(stamp=Stamp(self._clock.now_ns()), **it._asdict()))
