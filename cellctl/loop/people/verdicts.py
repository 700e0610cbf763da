"""What a person is told of a loop's corrections, and for how long.

How a correction ended matters until the episode ends, or the next one begins. A set-point that was left for a person
(held undecided, not known after a failed way back, or left in place) matters longer: the end of the episode decides
nothing about it. That stands until the plant shows the set-point where it was before the correction, or at its recipe,
or until a person hands it back as it stands.
"""

from __future__ import annotations

from typing import NamedTuple

from cellctl.config.resolved import Loop
from cellctl.loop.alarms import AlarmBook, alarm_name
from cellctl.loop.diagnose.situation import Situation
from cellctl.loop.verify.record import Record
from cellctl.model.correction import TransactionState
from cellctl.model.events import Priority


class _Left(NamedTuple):
    """A set-point that was left for a person, where it is settled, and since when."""

    text: str
    priority: Priority
    settled: tuple[float, ...]
    since_ns: int


def is_held(record: Record) -> bool:
    """Whether a correction ended undecided and stays: no test said that it helped, and nobody took it back."""
    undecided = record.state is TransactionState.UNDECIDED
    return undecided and record.in_force is not None and record.in_force != record.old


class Verdicts:
    """The alarm `correction` of one loop.

    Args:
        loop: the loop's configuration.
        situation: shared with the other loops.
        alarms: of the loop.
    """

    def __init__(self, loop: Loop, situation: Situation, alarms: AlarmBook) -> None:
        self._tag = loop.tag
        self._situation = situation
        self._alarms = alarms
        self._name = alarm_name(loop, "correction")
        self._left: _Left | None = None

    def tell(self, record: Record, *, unsafe: bool, now_ns: int) -> None:
        """Say how a correction ended; `unsafe`: the set-point is not known, or stays although nothing is proven."""
        left, text = self._left, f"{record.facts.transaction} ended {record.state}: {record.reason}"
        if unsafe or is_held(record):
            setpoint = self._situation.setpoint(self._tag)
            settled = (record.old,) if setpoint is None else (record.old, setpoint.recipe)
            self._left = _Left(text, Priority.HIGH if unsafe else Priority.MEDIUM, settled, now_ns)
        if left is not None:
            text, unsafe = f"{text}; still: {left.text}", unsafe or left.priority is Priority.HIGH
        self._alarms.raise_(self._name, Priority.HIGH if unsafe else Priority.MEDIUM, text, now_ns)

    def cannot(self, text: str, now_ns: int) -> None:
        """Say that there is no correction for what was seen."""
        self._alarms.raise_(self._name, Priority.MEDIUM, text, now_ns)

    def over(self, now_ns: int) -> None:
        """The episode ended, or the next correction begins."""
        if self._left is None:
            self._alarms.clear(self._name, now_ns)
        elif self._alarms.stands(self._name):
            self._alarms.raise_(self._name, self._left.priority, self._left.text, now_ns)

    def look(self, now_ns: int) -> None:
        """Notice that a set-point that was left for a person is settled: by a Good reading taken after the verdict."""
        left, latest = self._left, self._situation.plant.get(self._tag)
        if left is None or latest is None or not latest.quality.is_good or latest.t_ns <= left.since_ns:
            return
        slack = self._situation.resolution(self._tag)
        if any(abs(latest.value - value) <= slack for value in left.settled):
            self.handed_back(now_ns)

    def handed_back(self, now_ns: int) -> None:
        """A person has decided: the set-point is the loop's as it stands."""
        if self._left is not None:
            self._left = None
            self._alarms.clear(self._name, now_ns)
