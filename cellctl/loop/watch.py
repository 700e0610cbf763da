"""What one loop sees of the web: its class on its edge, counted, and the objects that raised the rate."""

from __future__ import annotations

from collections import deque

from cellctl.config.resolved import Loop
from cellctl.loop.estimate import ConfidenceShare, PoissonCusum
from cellctl.model.inspection import DefectObject, Inspection
from cellctl.model.web import Side

MOST_EVIDENCE = 32
"""Objects a record keeps; a run that raises an alarm at h = 3 has rarely more than ten."""


class RateWatch:
    """Estimates the rate of one class on one edge and remembers what raised it."""

    def __init__(self, loop: Loop) -> None:
        self.cusum = PoissonCusum(loop.watch.normal, loop.watch.alarm, loop.watch.evidence)
        self.confidence = ConfidenceShare(loop.escalate.confidence)
        self.run_objects: deque[DefectObject] = deque(maxlen=MOST_EVIDENCE)
        self._from_mm = float("-inf")
        self._defect = loop.watch.defect
        self._side = loop.side

    def on_edge(self, found: DefectObject) -> bool:
        """Whether an object lies on the loop's edge or on the coated area."""
        return self._side is Side.NONE or found.web.side in {self._side, Side.NONE}

    def is_watched(self, found: DefectObject) -> bool:
        """Whether an object is of the watched class and on the watched edge."""
        return found.defect == self._defect and (self._side is Side.NONE or found.web.side is self._side)

    def advance(self, inspection: Inspection) -> None:
        """Account for judged material."""
        if not self.run_objects:
            return  # nothing above zero to wear down
        self.cusum.advance(inspection.span.clipped(self._from_mm).length_m)
        if not self.cusum.run.objects:
            self.run_objects.clear()

    def count(self, found: DefectObject) -> bool:
        """Account for one confident object; True when it raises the alarm."""
        if found.web.s_mm < self._from_mm:
            return False
        self.run_objects.append(found)
        return self.cusum.count()

    def restart(self, from_mm: float = float("-inf")) -> None:
        """Begin anew with material made from `from_mm` on: older material tells of another set-point."""
        self.cusum.restart()
        self.run_objects.clear()
        self._from_mm = max(self._from_mm, from_mm)
