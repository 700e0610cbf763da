"""When an expert is asked, in parallel to the loop.

An object below the confidence limit, or several of one class close together, asks for an expert's eye.
Neither takes the authority away: true objects score below 0.85 often enough, and the CUSUM itself needs
four of a kind, so "three in a row" would lock the loop out of nearly every real fault. Each is reported
once per episode.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from cellctl.config.resolved import Escalate, Loop
from cellctl.loop.alarms import AlarmBook, alarm_name
from cellctl.loop.estimate.episode import Episode
from cellctl.loop.verify.record import Facts
from cellctl.model import people
from cellctl.model.events import Priority
from cellctl.model.inspection import DefectObject
from cellctl.model.message import Message, Stamp

MOST_DIGITS = 9
"""With so many behind the point two numbers are written in full instead."""


class Question(NamedTuple):
    """One question to an expert: the rule that asks, what it asks, and the objects to look at."""

    reason: str
    text: str
    objects: tuple[str, ...]


class Escalation:
    """Watches the objects of one class on one side.

    Attributes:
        reasons: why an expert was called in this episode.
        objects: ids of all objects that called.
        questions: what was not asked yet; whoever asks clears it.
    """

    def __init__(self, rules: Escalate) -> None:
        self.rules = rules
        self.questions: list[Question] = []
        self.reasons: list[str] = []
        self.objects: list[str] = []
        self._episode = Episode(rules.within_m)
        self._last: deque[DefectObject] = deque(maxlen=rules.consecutive)
        self._told: set[str] = set()

    def advance(self, metres: float) -> bool:
        """Account for inspected metres; True when an escalated episode ends with them."""
        if not self._episode.advance(metres):
            return False
        escalated = bool(self._told)
        self._last.clear()
        self._told.clear()
        self.reasons, self.objects = [], []
        return escalated

    def see(self, found: DefectObject) -> bool:
        """Account for one object; True when a person is to be called (again) because of it."""
        self._episode.see()
        self._last.append(found)
        return self._low_confidence(found) | self._consecutive(found)

    def _low_confidence(self, found: DefectObject) -> bool:
        if found.confidence >= self.rules.confidence:
            return False
        reason = below("confidence", found.confidence, self.rules.confidence)
        return self._tell("confidence", reason, f"Is this {found.defect}?", (found,))

    def _consecutive(self, found: DefectObject) -> bool:
        if len(self._last) < self.rules.consecutive:
            return False
        length_m = (self._last[-1].web.s_mm - self._last[0].web.s_mm) / 1000.0
        if length_m > self.rules.within_m:
            return False
        reason = f"{len(self._last)} objects within {length_m:.1f} m"
        text = f"Are these all {found.defect}, and have they the cause that the cell assumes?"
        return self._tell("consecutive", reason, text, tuple(self._last))

    def _tell(self, kind: str, reason: str, text: str, objects: tuple[DefectObject, ...]) -> bool:
        if kind in self._told:
            return False
        self._told.add(kind)
        self.reasons.append(reason)
        self.questions.append(Question(reason, text, tuple(found.id for found in objects)))
        self.objects.extend(found.id for found in objects if found.id not in self.objects)
        return True


def below(what: str, value: float, limit: float) -> str:
    """That a value is below its limit, with as many digits as make the sentence true."""
    for digits in range(2, MOST_DIGITS):
        if f"{value:.{digits}f}" != f"{limit:.{digits}f}":
            return f"{what} {value:.{digits}f} is below {limit:.{digits}f}"
    return f"{what} {value!r} is below {limit!r}"


class Experts:
    """Asks experts about the objects and the failed corrections of one loop; nothing waits for an answer.

    Args:
        loop: the loop's configuration.
        alarms: of the loop.
        out: messages to send.

    Attributes:
        asked: questions so far, which number the next.
    """

    def __init__(self, loop: Loop, alarms: AlarmBook, out: list[Message]) -> None:
        self._loop = loop
        self._alarms = alarms
        self._out = out
        self._escalation = Escalation(loop.escalate)
        self.asked = 0

    def advance(self, metres: float, now_ns: int) -> None:
        """Account for inspected metres."""
        if self._escalation.advance(metres):
            self._alarms.clear(alarm_name(self._loop, "escalation"), now_ns)

    def see(self, found: DefectObject, now_ns: int) -> None:
        """Account for one object of the watched class."""
        escalation, loop = self._escalation, self._loop
        if not escalation.see(found):
            return
        why = "; ".join(escalation.reasons)
        text = f"{loop.watch.defect} ({loop.side}): {why}. Look at the images; the loop goes on"
        name = alarm_name(loop, "escalation")
        self._alarms.raise_(name, Priority.MEDIUM, text, now_ns, tuple(escalation.objects))
        for question in escalation.questions:
            self._ask(question, "", now_ns)
        escalation.questions.clear()

    def failed(self, facts: Facts, now_ns: int) -> None:
        """A correction did not help: ask for another cause."""
        text = f"The move of {self._loop.tag} did not help. Is the cause another one?"
        objects = tuple(entry.object_id for entry in facts.evidence)
        self._ask(Question(f"{facts.transaction} failed", text, objects), facts.transaction, now_ns)

    def _ask(self, question: Question, transaction: str, now_ns: int) -> None:
        self.asked += 1
        loop = self._loop
        self._out.append(
            people.Escalation(
                stamp=Stamp(now_ns),
                id=f"ESC-{loop.name}-{loop.side}-{self.asked}",
                defect=loop.watch.defect,
                side=loop.side,
                reason=question.reason,
                question=question.text,
                objects=question.objects,
                transaction=transaction,
            )
        )
