"""The latest values of one device; they lose their quality by age, without anybody doing anything."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cellctl.clock import NS_PER_S
from cellctl.devices.tags import Poll, Tag, WireType
from cellctl.model.quality import Ne107, Quality, status_of
from cellctl.model.tags import TagValue

_LARGEST = sys.float_info.max
_Answer = tuple[float, int, int, TagValue | None]
"""Value and its time; until when it is Good beyond question, and what is shown of it until then (None: never)."""
_NEVER: _Answer = (math.nan, 0, 0, None)


class _Good(NamedTuple):
    """When a value is Good beyond question, and what it is then called."""

    tag: str
    unit: str
    lowest: float
    highest: float
    fresh_ns: int
    deadband: float


class ValueStore:
    """Tag name → last value and when the device answered with it.

    Args:
        device: name in front of every tag (`plc.web_speed`).
        tags: the tags kept here.
        periods_s: how often each poll class is read.
        uncertain_s: beyond its period, a value is UncertainLastUsable.
        bad_s: beyond its period, a value is Bad.
    """

    def __init__(
        self, device: str, tags: Iterable[Tag], periods_s: Mapping[str, float], uncertain_s: float, bad_s: float
    ) -> None:
        self._device = device
        self._tags = {tag.name: tag for tag in tags}
        self._periods_s = periods_s
        self._uncertain_s = uncertain_s
        self._bad_s = bad_s
        self._latest: dict[str, _Answer] = {}
        self._good = {
            tag.name: _Good(
                f"{device}.{tag.name}", tag.unit, max(tag.minimum, -_LARGEST), min(tag.maximum, _LARGEST),
                math.floor((periods_s.get(tag.poll, 0.0) + uncertain_s) * NS_PER_S), tag.deadband,
            )
            for tag in self._tags.values()
        }  # fmt: skip
        self._refused: dict[str, Quality] = {}
        self._texts: dict[str, str | None] = {}
        self._polled = [tag.name for tag in self._tags.values() if tag.poll != Poll.NEVER]
        self.alive = False

    def put(self, name: str, value: float, t_ns: int) -> None:
        """The device answered."""
        self.put_all(((name, value),), t_ns)

    def put_all(self, values: Iterable[tuple[str, float]], t_ns: int) -> None:
        """The device answered with several values at once.

        What changed by less than its deadband is shown unchanged, with the new time; `raw` has it as it is.
        """
        good, latest, refused = self._good, self._latest, self._refused
        for name, value in values:
            if refused:
                refused.pop(name, None)
            tag_name, unit, lowest, highest, fresh_ns, deadband = good[name]
            if lowest <= value <= highest:
                steady = self._steady(name, value, deadband) if deadband else value
                shown = TagValue(tag_name, steady, unit, Quality.GOOD, Ne107.OK, t_ns)
                latest[name] = (value, t_ns, t_ns + fresh_ns, shown)
            else:
                latest[name] = (value, t_ns, t_ns, None)

    def put_texts(self, texts: Iterable[tuple[str, str | None]], t_ns: int) -> None:
        """The device answered with texts, or (None) with bytes that are no text."""
        for name, text in texts:
            self._refused.pop(name, None)
            self._texts[name] = text
            shown = None
            if text is not None:
                shown = TagValue(self._good[name].tag, math.nan, "", Quality.GOOD, Ne107.OK, t_ns, text)
            self._latest[name] = (math.nan, t_ns, t_ns + self._good[name].fresh_ns, shown)

    def put_bad(self, names: Iterable[str], quality: Quality, t_ns: int) -> None:
        """The device answered that it cannot give these: Bad with that code until it answers with a value again.

        The last value and its time stay; of a value that was never read the time is that of this answer.
        """
        for name in names:
            value, last_ns = self.raw(name) or (math.nan, t_ns)
            self._refused[name] = quality
            self._latest[name] = (value, last_ns, last_ns, None)

    def raw(self, name: str) -> tuple[float, int] | None:
        """Last value and its time, whatever its quality."""
        known = self._latest.get(name)
        return None if known is None else known[:2]

    def older(self, tags: Iterable[Tag], than_ns: int) -> list[Tag]:
        """The tags whose last value was read before `than_ns`, or never."""
        latest = self._latest
        return [tag for tag in tags if latest.get(tag.name, _NEVER)[1] < than_ns]

    def get(self, name: str, now_ns: int) -> TagValue:
        """The value with the quality that it has now."""
        known = self._latest.get(name, _NEVER)
        if known[3] is not None and now_ns <= known[2] and self.alive:
            return known[3]
        return self._doubtful(name, now_ns)

    def all(self, now_ns: int) -> tuple[TagValue, ...]:
        """Every tag that is polled, in the order of the table."""
        latest, doubtful = self._latest, self._doubtful
        if not self.alive:
            return tuple([doubtful(name, now_ns) for name in self._polled])
        return tuple(
            [
                known[3]
                if (known := latest.get(name, _NEVER))[3] is not None and now_ns <= known[2]
                else doubtful(name, now_ns)
                for name in self._polled
            ]
        )

    def _steady(self, name: str, value: float, deadband: float) -> float:
        """The value that is shown already when the new one differs by less than the deadband."""
        before = self._latest.get(name, _NEVER)[3]
        return value if before is None or abs(value - before.value) >= deadband else before.value

    def _doubtful(self, name: str, now_ns: int) -> TagValue:
        """A value that is not Good beyond question: `_judge` says what it is."""
        tag = self._tags[name]
        value, t_ns, *_ = self._latest.get(name, _NEVER)
        quality = self._judge(tag, value, now_ns - t_ns, known=name in self._latest)
        return TagValue(f"{self._device}.{name}", value, tag.unit, quality, status_of(quality), t_ns,
                        self._texts.get(name) or "")  # fmt: skip

    def _judge(self, tag: Tag, value: float, age_ns: int, *, known: bool) -> Quality:
        """Quality by the first line that applies, from the most to the least serious cause."""
        is_text = tag.type is WireType.STRING
        readable = self._texts.get(tag.name) is not None if is_text else math.isfinite(value)
        beyond_s = age_ns / NS_PER_S - self._periods_s.get(tag.poll, 0.0)
        causes = (
            (not known, Quality.BAD_WAITING_FOR_INITIAL_DATA),
            (not self.alive, Quality.BAD_COMMUNICATION),
            (tag.name in self._refused, self._refused.get(tag.name, Quality.BAD)),
            (not readable, Quality.BAD_DEVICE_FAILURE),
            (beyond_s > self._bad_s, Quality.BAD_TIMEOUT),
            (not is_text and not tag.minimum <= value <= tag.maximum, Quality.BAD_OUT_OF_RANGE),
            (beyond_s > self._uncertain_s, Quality.UNCERTAIN_LAST_USABLE),
            (True, Quality.GOOD),
        )
        return next(quality for applies, quality in causes if applies)
