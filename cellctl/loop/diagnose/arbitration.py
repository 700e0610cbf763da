"""Which loops may act at the same time: worked out once, from the influence matrix.

Two corrections disturb each other when the move of one changes what the test of the other counts: its watched class,
a class that it protects, or a characteristic that both protect. The matrix says what a set-point changes. A set-point
that the matrix does not know at all may change anything, so it disturbs every test.

An influence below `NEGLIGIBLE` is known to be too small to matter: it neither spoils a test that looks for a fall to a
quarter, nor the watch after a release. It still makes its set-point a known one.

Sides matter only for classes that some loop watches edge by edge; every other class belongs to the whole web.
"""

from __future__ import annotations

from collections.abc import Iterable

from cellctl.config.resolved import Loop, ResolvedCell
from cellctl.loop.diagnose.influence import diagnose
from cellctl.model.web import Side

NEGLIGIBLE = 0.05
"""Change of ln(rate) per step that no test of a loop would notice: a twentieth, where a test looks for a quarter."""


def in_order(cell: ResolvedCell, loops: Iterable[Loop]) -> list[Loop]:
    """The loops in the order in which they are asked: by priority, then the strongest influence on their class."""
    return sorted(loops, key=lambda loop: (loop.priority, -_strength(cell, loop)))


def _strength(cell: ResolvedCell, loop: Loop) -> float:
    remedy = diagnose(cell.defect(loop.watch.defect), (loop.tag,))
    return abs(remedy.influence) if remedy is not None else 0.0


class Arbitration:
    """Answers whether a move disturbs a test; knows the loops and the matrix, not what is going on."""

    def __init__(self, cell: ResolvedCell) -> None:
        self._rows = {row.name: row.influence for row in cell.defects}
        self._known = {tag for row in cell.defects for tag in row.influence}
        self._edge_classes = {loop.watch.defect for loop in cell.loops if loop.side is not Side.NONE}
        self._sides: dict[str, set[Side]] = {}
        self._values: dict[str, set[str]] = {}
        for loop in cell.loops:
            self._sides.setdefault(loop.tag, set()).add(loop.side)
            self._values.setdefault(loop.tag, set()).update(it.characteristic for it in loop.protect_values)
        for regulator in cell.regulators:  # a regulator's set-point is known to change what it holds
            for put in regulator.inputs:
                self._known.add(put.tag)
                self._values.setdefault(put.tag, set()).add(regulator.hold)

    def changes(self, tag: str, defect: str, side: Side) -> bool:
        """Whether a move of `tag` changes the rate of a class on an edge."""
        if tag not in self._known:
            return True
        entry = self._rows.get(defect, {}).get(tag)
        if entry is None or abs(entry.per_step) < NEGLIGIBLE:
            return False
        return defect not in self._edge_classes or self._reaches(tag, side)

    def disturbs(self, tag: str, loop: Loop) -> str:
        """What a move of `tag` changes in the test of `loop`, in words; empty when it changes nothing."""
        if tag not in self._known:
            return f"nobody knows what {tag} influences"
        for defect in (loop.watch.defect, *loop.protect):
            if self.changes(tag, defect, loop.side):
                return f"{tag} influences {defect}"
        both = self._values.get(tag, set()) & {it.characteristic for it in loop.protect_values}
        return f"{tag} may change {min(both)}" if both else ""

    def conflict(self, asking: Loop, acting: Loop) -> str:
        """Why `asking` may not act while the correction of `acting` has no verdict; empty when it may.

        Both ways count: the second move must not spoil the first test, nor the first move (or its way back) the second.
        """
        if asking.advise or acting.advise:
            return ""  # one of them moves nothing
        if asking.tag == acting.tag:
            return f"it moves {acting.tag} too"
        return self.disturbs(asking.tag, acting) or self.disturbs(acting.tag, asking)

    def _reaches(self, tag: str, side: Side) -> bool:
        return any(same_edge(known, side) for known in self._sides.get(tag, {Side.NONE}))


def same_edge(one: Side, other: Side) -> bool:
    """Whether two loops look after the same edge; the whole width has both."""
    return one is other or Side.NONE in {one, other}
