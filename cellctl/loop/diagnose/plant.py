"""The latest plant values and whether they are good enough to rest a decision on."""

from __future__ import annotations

from collections.abc import Iterable

from cellctl.clock import NS_PER_S
from cellctl.model.quality import Quality
from cellctl.model.tags import Reading, TagValue


class PlantView:
    """Keeps the latest value of every tag; a value is usable while it is Good and younger than `age_s`."""

    def __init__(self, age_s: float) -> None:
        self._age_ns = round(age_s * NS_PER_S)
        self._values: dict[str, TagValue] = {}

    def update(self, reading: Reading) -> None:
        """Take over the values of one device."""
        for value in reading.values:
            self._values[value.tag] = value

    def get(self, tag: str) -> TagValue | None:
        """The latest value of a tag, good or not; None before the first."""
        return self._values.get(tag)

    def value(self, tag: str) -> float:
        """The latest value of a tag that `fault` found nothing wrong with; KeyError before the first."""
        return self._values[tag].value

    def quality(self, tags: Iterable[str]) -> Quality:
        """The worst quality of these tags; what was never read has none."""
        known = (self._values.get(tag) for tag in tags)
        return max((it.quality if it else Quality.BAD_WAITING_FOR_INITIAL_DATA for it in known), default=Quality.GOOD)

    def fault(self, tags: Iterable[str], now_ns: int, age_s: float | None = None) -> str:
        """What is wrong with the first unusable tag, in words; empty when all are usable.

        Args:
            tags: to look at.
            now_ns: now.
            age_s: for tags that are polled slowly, another limit than the cell's.
        """
        age_ns = self._age_ns if age_s is None else round(age_s * NS_PER_S)
        for tag in tags:
            latest = self._values.get(tag)
            if latest is None:
                return f"{tag} was never read"
            if not latest.quality.is_good:
                return f"{tag} is {latest.quality.name}"
            if now_ns - latest.t_ns > age_ns:
                return f"{tag} is stale ({(now_ns - latest.t_ns) / NS_PER_S:.2f} s old)"
        return ""
