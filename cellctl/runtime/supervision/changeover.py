"""A changeover: another recipe or lot is announced, and the cell stands still until enough of it has run.

The line itself moves its set-points to the new recipe; the cell only waits, and works by the new recipe's nominals and
limits afterwards. Product and lot belong to the material that is made from the announcement on.
"""

from __future__ import annotations

import msgspec

from cellctl.clock import NS_PER_S, Clock
from cellctl.config.resolved import ResolvedCell
from cellctl.config.source.nearest import nearest
from cellctl.errors import ConfigError, text
from cellctl.model import CellState, PackMLState, Reading
from cellctl.runtime.supervision.authority import Authority

LONGEST_LOT = 64
"""Characters of a lot's name: it stands in every report."""
ENDING = frozenset({PackMLState.STOPPING, PackMLState.ABORTING, PackMLState.ABORTED})


class Announcement(msgspec.Struct, frozen=True, tag=True):
    """What a person, or the line's own control, says comes next; what is empty stays as it is."""

    recipe: str
    lot: str
    by: str


class Changeover:
    """Begins a changeover when it is announced, and ends it when the web has run far enough.

    Args:
        cell: the resolved cell.
        authority: keeps the state of the cell.
        clock: monotonic time.
    """

    def __init__(self, cell: ResolvedCell, authority: Authority, clock: Clock) -> None:
        self._cell = cell
        self._authority = authority
        self._clock = clock
        self._encoder = cell.web.encoder
        self._latest: Reading | None = None
        self._origin_mm: float | None = None
        self._end_ns = 0

    def announce(self, said: Announcement) -> str:
        """Begin; returns the reply.

        Raises ConfigError: CELL-1151 for nothing new, CELL-1152 for a recipe that is not known, CELL-1153 for a lot
        that cannot be one, CELL-1154 while the cell ends.
        """
        state = self._authority.state
        product, lot = said.recipe or state.product, said.lot or state.lot
        self._check(said, state)
        changes = [f"{kind} changed from {old or 'none'} to {new}"
                   for kind, old, new in (("recipe", state.product, product), ("lot", state.lot, lot))
                   if old != new]  # fmt: skip
        reason = f"{'; '.join(changes)}, announced by {said.by}"
        self._origin_mm = self._position_mm()
        self._end_ns = self._clock.now_ns() + round(self._cell.changeover.seconds * NS_PER_S)
        self._authority.change_over(product, lot, self._origin_mm, reason, said.by)
        return f"{reason}; nothing is moved for {self._how_long()}"

    def hear(self, reading: Reading) -> None:
        """Remember where the web is."""
        if self._encoder.startswith(f"{reading.device}."):
            self._latest = reading

    def look(self) -> None:
        """End the changeover when it is time; called with every poll."""
        if not self._authority.state.changing:
            return
        if not self._encoder:
            over = self._clock.now_ns() >= self._end_ns
        else:
            over = self._run_mm() >= self._cell.changeover.metres * 1000.0
        if over:
            self._authority.settled()

    def _run_mm(self) -> float:
        """Length of the new material so far; an encoder that jumps back begins anew."""
        position_mm = self._position_mm()
        if position_mm is None:
            return 0.0
        if self._origin_mm is None or position_mm < self._origin_mm:
            self._origin_mm = position_mm
        return position_mm - self._origin_mm

    def _position_mm(self) -> float | None:
        value = self._latest.get(self._encoder) if self._latest is not None else None
        return value.value if value is not None and value.quality.is_good else None

    def _how_long(self) -> str:
        settle = self._cell.changeover
        return f"{settle.metres:g} m of the new material" if self._encoder else f"{settle.seconds:g} s"

    def _check(self, said: Announcement, state: CellState) -> None:
        known = self._cell.product_names
        if said.recipe and said.recipe not in known:
            raise ConfigError("CELL-1152", "expected a recipe of the cell, got {name!r}", do="use one of: {known}",
                              nearest=nearest(said.recipe, known), name=said.recipe,
                              known=", ".join(known) or text("none"))  # fmt: skip
        if said.lot and (len(said.lot) > LONGEST_LOT or not said.lot.isprintable() or said.lot != said.lot.strip()):
            raise ConfigError("CELL-1153", "expected the name of a lot, got {lot!r}",
                              do="write at most {longest} printable characters, without blanks around them",
                              lot=said.lot[:LONGEST_LOT], longest=LONGEST_LOT)  # fmt: skip
        if said.recipe in {"", state.product} and said.lot in {"", state.lot}:
            raise ConfigError("CELL-1151", "nothing changes: the cell makes {product}, lot {lot}, already",
                              do="name another recipe with --recipe, another lot with --lot, or both",
                              product=state.product or text("no recipe"), lot=state.lot)  # fmt: skip
        if state.state in ENDING:
            raise ConfigError("CELL-1154", "the cell is {state}: {reason}", do="start it anew with the new recipe",
                              state=state.state.name, reason=state.reason)  # fmt: skip
