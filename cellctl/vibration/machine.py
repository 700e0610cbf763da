"""One machine under watch: what is normal for it, and which alarms of it stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from cellctl.model.events import Alarm, Priority
from cellctl.model.inspection import Judgement
from cellctl.model.waveform import Waveform
from cellctl.vibration.analysers import Analysers, Heard
from cellctl.vibration.bearing import Line
from cellctl.vibration.envelope import EnvelopeMean
from cellctl.vibration.limits import Baseline, Limits
from cellctl.vibration.naming import Finding, name_line
from cellctl.vibration.persistence import Persistence

DO = {"limit": "Look at the machine", "bearing": "Plan to change the bearing", "blind": "Check sensor and cable"}
"""What a person does about each alarm."""


class Machine:
    """What is remembered of one machine.

    Args:
        stated: feature → limit that an engineer stated; it goes before a learnt one.
        learn: windows to learn from, 0 when nothing is learnt.
        persists: windows in a row before a person is told.
        lines: of its bearing; none where no bearing is listened to.
    """

    def __init__(self, stated: Mapping[str, float], learn: int, persists: int, lines: Sequence[Line] = ()) -> None:
        self._last: int | None = None
        self._lines = tuple(lines)
        self._analysers = Analysers(envelope=bool(lines))
        self._envelopes = EnvelopeMean()
        self._baseline = Baseline(learn) if learn else None
        self._stated = dict(stated)
        self._limits = Limits(stated)
        self._shaking = Persistence(persists)
        self._deaf = Persistence(persists)
        self._damaged = Persistence(persists)
        self._line = ""
        self._raised: dict[str, Alarm] = {}

    def lost_before(self, window: Waveform) -> int:
        """Windows that are missing before this one; the mean of the envelopes begins anew after them."""
        lost = max(0, window.window_id - self._last - 1) if self._last is not None else 0
        if self._last is not None and window.window_id != self._last + 1:
            self._envelopes.reset()
        self._last = window.window_id
        return lost

    def hear(self, samples: npt.NDArray[np.float32], window: Waveform) -> Heard:
        """What one window says, in one call of the kernel."""
        return self._analysers.hear(samples, window.rate_hz, window.unit)

    def find(self, heard: Heard, window: Waveform, shaft_hz: float) -> Finding | None:
        """The line of the bearing that stands out, in the mean over this window and those before it."""
        if heard.envelope is None:
            self._envelopes.reset()
            return None
        return name_line(self._envelopes.add(heard.envelope, window.origin), self._lines, shaft_hz)

    def learn(self, values: dict[str, float]) -> str:
        """Learn from a window; why it is not judged, or nothing when learning is over."""
        baseline = self._baseline
        if baseline is None or not baseline.missing:
            return ""
        baseline.learn(values)
        if not baseline.missing:
            self._limits = Limits({**baseline.limits(), **self._stated})
        return "learning: what is normal is taken from this window"

    def missing(self, values: Mapping[str, float]) -> list[str]:
        """Features that have a limit and no value."""
        return self._limits.missing(values)

    def exceeded(self, values: Mapping[str, float]) -> dict[str, float]:
        """Features above their limit → that limit."""
        return self._limits.exceeded(values)

    def alarms(self, window: Waveform, judgement: Judgement, reason: str, *, is_blind: bool) -> list[Alarm]:
        """The alarms that begin or end with this window.

        Args:
            window: the window.
            judgement: of the window.
            reason: why it cannot be judged, or what is above its limit; empty when nothing is.
            is_blind: whether nothing is known of it.
        """
        told = []
        if judgement is Judgement.INDETERMINATE:
            if is_blind and self._deaf.more(window.origin):
                told.append(self._raise(window, "blind", f"no window of {window.device} can be judged: {reason}"))
            return told
        if self._deaf.over():
            told.append(self._clear(window, "blind"))
        if not reason:
            if self._shaking.over():
                told.append(self._clear(window, "limit"))
        elif self._shaking.more(window.origin):
            told.append(self._raise(window, "limit", f"{window.device} shakes too much: {reason}"))
        return told

    def bearing_alarms(self, window: Waveform, finding: Finding | None, *, is_judged: bool) -> list[Alarm]:
        """The alarms of a bearing that begin or end with this window; another line than before begins a new row."""
        told = []
        line = finding.line.name if finding else ""
        if is_judged and line != self._line:
            self._line = line
            if self._damaged.over():
                told.append(self._clear(window, "bearing"))
        if is_judged and finding and self._damaged.more(window.origin):
            told.append(self._raise(window, "bearing", f"{window.device}: {finding}"))
        return told

    def _raise(self, window: Waveform, what: str, text: str) -> Alarm:
        place = f"{window.origin}, " if window.origin else ""
        where = f" ({place}window {window.window_id}, {window.start_s:g} s into the recording)"
        alarm = Alarm(
            stamp=window.stamp,
            id=f"vibration.{window.device}.{what}",
            active=True,
            priority=Priority.MEDIUM,
            text=f"{text}{where}. {DO[what]}",
        )
        self._raised[what] = alarm
        return alarm

    def _clear(self, window: Waveform, what: str) -> Alarm:
        raised = self._raised.pop(what)
        return Alarm(stamp=window.stamp, id=raised.id, active=False, priority=raised.priority, text=raised.text)
