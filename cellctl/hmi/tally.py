"""Counts objects per class and side, over the whole run and over the last metres of material.

Each camera has a count of its own: cameras along a web see the same metre at different times, and more than one may
look for the same class.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping

from cellctl.hmi.view import DefectRow
from cellctl.model import DefectObject, Inspection, Judgement

RECENT_M = 10.0
"""Long enough for a rate that people can read, short enough to see it change."""

Key = tuple[str, str]


class _Sight:
    """What one camera has seen."""

    def __init__(self) -> None:
        self.inspected_m = 0.0
        self.total: Counter[Key] = Counter()
        self._recent: deque[tuple[float, Key]] = deque()
        self._newest_mm = 0.0

    def see(self, inspection: Inspection) -> None:
        if inspection.judgement is not Judgement.INDETERMINATE:
            self.inspected_m += inspection.span.length_m
        self._newest_mm = max(self._newest_mm, inspection.span.to_mm)
        for found in inspection.objects:
            self.total[_key(found)] += 1
            self._recent.append((found.web.s_mm, _key(found)))
        while self._recent and self._recent[0][0] < self._newest_mm - RECENT_M * 1000.0:
            self._recent.popleft()

    def recent(self, key: Key) -> int:
        return sum(1 for _, one in self._recent if one == key)

    @property
    def recent_m(self) -> float:
        return min(self.inspected_m, RECENT_M)


class DefectTally:
    """Rates of all classes, per metre and camera that looks for them.

    Args:
        alarm_per_m: class and side → rate above which a loop acts; 0 for a loop that watches no rate.
        cameras: class and side → the one camera that counts; all that see the class, where it is not named.
    """

    def __init__(self, alarm_per_m: Mapping[Key, float], cameras: Mapping[Key, str] | None = None) -> None:
        self._alarm_per_m = alarm_per_m
        self._cameras = cameras or {}
        self._sights: dict[str, _Sight] = {}

    @property
    def inspected_m(self) -> float:
        """Material judged by the camera that has judged most."""
        return max((sight.inspected_m for sight in self._sights.values()), default=0.0)

    def see(self, inspection: Inspection) -> None:
        """Count one frame's material and objects."""
        self._sights.setdefault(inspection.camera, _Sight()).see(inspection)

    def rows(self) -> tuple[DefectRow, ...]:
        """One row per class and side, most frequent first."""
        keys = dict.fromkeys((*self._alarm_per_m, *(key for sight in self._sights.values() for key in sight.total)))
        rows = [row for key in keys if (row := self._row(key)).total or key in self._alarm_per_m]
        return tuple(sorted(rows, key=lambda row: -row.total))

    def _row(self, key: Key) -> DefectRow:
        sights = self._looking_for(key)
        recent, total = sum(sight.recent(key) for sight in sights), sum(sight.total[key] for sight in sights)
        return DefectRow(
            defect=key[0],
            side=key[1],
            recent=recent,
            recent_per_m=_rate(recent, sum(sight.recent_m for sight in sights)),
            total=total,
            total_per_m=_rate(total, sum(sight.inspected_m for sight in sights)),
            alarm_per_m=self._alarm_per_m.get(key) or None,  # 0: a loop that watches no rate
        )

    def _looking_for(self, key: Key) -> list[_Sight]:
        """The cameras whose objects count; a camera that never saw the class is taken to look for something else."""
        camera = self._cameras.get(key)
        if camera:
            return [self._sights[camera]] if camera in self._sights else []
        return [sight for sight in self._sights.values() if key in sight.total] or list(self._sights.values())


def _key(found: DefectObject) -> Key:
    return found.defect, found.web.side.value


def _rate(count: int, metres: float) -> float:
    return count / metres if metres > 0 else 0.0
