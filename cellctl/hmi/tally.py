"""Counts objects per class and side, over the whole run and over the last metres of material."""

from __future__ import annotations

from collections import Counter, deque

from cellctl.hmi.view import DefectRow
from cellctl.model import DefectObject, Inspection, Judgement

RECENT_M = 10.0
"""Long enough for a rate that people can read, short enough to see it change."""

Key = tuple[str, str]


class DefectTally:
    """Rates of all classes; `alarm_per_m` says above which rate a loop acts on a class and side."""

    def __init__(self, alarm_per_m: dict[Key, float]) -> None:
        self.inspected_m = 0.0
        self._alarm_per_m = alarm_per_m
        self._total: Counter[Key] = Counter(dict.fromkeys(alarm_per_m, 0))
        self._recent: deque[tuple[float, Key]] = deque()
        self._newest_mm = 0.0

    def see(self, inspection: Inspection) -> None:
        """Count one frame's material and objects."""
        if inspection.judgement is not Judgement.INDETERMINATE:
            self.inspected_m += inspection.span.length_m
        self._newest_mm = max(self._newest_mm, inspection.span.to_mm)
        for found in inspection.objects:
            self._total[_key(found)] += 1
            self._recent.append((found.web.s_mm, _key(found)))
        while self._recent and self._recent[0][0] < self._newest_mm - RECENT_M * 1000.0:
            self._recent.popleft()

    def rows(self) -> tuple[DefectRow, ...]:
        """One row per class and side, most frequent first."""
        recent = Counter(key for _, key in self._recent)
        recent_m = min(self.inspected_m, RECENT_M)
        return tuple(
            DefectRow(
                defect=key[0],
                side=key[1],
                recent=recent[key],
                recent_per_m=_rate(recent[key], recent_m),
                total=count,
                total_per_m=_rate(count, self.inspected_m),
                alarm_per_m=self._alarm_per_m.get(key) or None,  # 0: a loop that watches no rate
            )
            for key, count in self._total.most_common()
        )


def _key(found: DefectObject) -> Key:
    return found.defect, found.web.side.value


def _rate(count: int, metres: float) -> float:
    return count / metres if metres > 0 else 0.0
