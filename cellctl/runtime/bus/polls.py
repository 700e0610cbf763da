"""Which poll classes of a device are due: the fastest at every poll, the others when their period is over."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Generic, TypeVar

from cellctl.clock import NS_PER_S

JITTER = 4
"""A poll may come early or late by this part of its period without changing what it reads."""
Part = TypeVar("Part")


class Polls(Generic[Part]):
    """Keeps when each class is read next.

    Args:
        classes: poll class → what is read for it; a class without anything to read is left out.
        periods_s: poll class → its period.

    Attributes:
        period_ns: of the fastest class, at which the device is polled and its values are sent.
    """

    def __init__(self, classes: Mapping[str, Part], periods_s: Mapping[str, float]) -> None:
        found = [(round(periods_s[name] * NS_PER_S), part) for name, part in classes.items()]
        self._classes = sorted(found, key=itemgetter(0))
        self._due_ns = [0] * len(self._classes)
        self.period_ns = self._classes[0][0] if self._classes else round(min(periods_s.values()) * NS_PER_S)

    @property
    def parts(self) -> list[Part]:
        """Of all classes, the fastest first."""
        return [part for _, part in self._classes]

    def begin(self, now_ns: int) -> None:
        """Everything was read just now."""
        self._due_ns = [now_ns + period_ns for period_ns, _ in self._classes]

    def due(self, now_ns: int) -> list[Part]:
        """What is read by the poll at `now_ns`: what would be late by the next one, but for the jitter of polls."""
        found = []
        for index, (period_ns, part) in enumerate(self._classes):
            due_ns = self._due_ns[index]
            if index == 0 or now_ns + self.period_ns > due_ns + self.period_ns // JITTER:
                following_ns = min(due_ns, now_ns) + period_ns
                self._due_ns[index] = following_ns if following_ns > now_ns else now_ns + period_ns
                found.append(part)
        return found
