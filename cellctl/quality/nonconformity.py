"""When a nonconformity is filed: at the count-th object of a class within so many metres, once per episode.

One tracked object is one defect, however many frames it spans. An episode ends after `within_m` inspected
metres without an object; frames that could not be judged do not end it. Objects count whatever their
confidence: a report moves nothing on the plant, and what is unknown must not pass silently. Each carries
its confidence in the evidence.
"""

from __future__ import annotations

from collections import deque

from cellctl.config.resolved import NonconformityRule
from cellctl.model.inspection import DefectObject


class NonconformityWatch:
    """Watches one class over the whole width."""

    def __init__(self, rule: NonconformityRule) -> None:
        self.rule = rule
        self._last: deque[DefectObject] = deque(maxlen=rule.count)
        self._since_m = 0.0
        self._filed = False
        self._lot = ""

    def advance(self, metres: float) -> None:
        """Account for inspected material."""
        if not self._last:
            return
        self._since_m += metres
        if self._since_m >= self.rule.within_m:
            self._last.clear()
            self._filed = False

    def see(self, found: DefectObject, lot: str = "") -> tuple[DefectObject, ...]:
        """Account for one object of a lot; the objects to report when it calls for a report, else nothing.

        A report is about one lot: with another lot counting begins anew.
        """
        if lot != self._lot:
            self._last.clear()
            self._lot, self._filed = lot, False
        self._since_m = 0.0
        if any(seen.id == found.id for seen in self._last):
            return ()
        self._last.append(found)
        if self._filed or len(self._last) < self.rule.count or self._length_m() > self.rule.within_m:
            return ()
        self._filed = True
        return tuple(self._last)

    def _length_m(self) -> float:
        places = [found.web.s_mm for found in self._last]
        return (max(places) - min(places)) / 1000.0
