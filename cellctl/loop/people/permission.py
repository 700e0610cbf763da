"""Whether a loop may act now, and which alarm says why not."""

from __future__ import annotations

from cellctl.config.resolved import Loop
from cellctl.loop.adjust.laws.step import Step
from cellctl.loop.alarms import AlarmBook, alarm_name
from cellctl.loop.diagnose.influence import Remedy
from cellctl.loop.diagnose.situation import Situation
from cellctl.loop.estimate.cusum import ConfidenceShare
from cellctl.loop.people.authority import Level, drift_fault, granted, reduced
from cellctl.model.events import Priority

UNSURE = "too many objects below the confidence limit"


class Permission:
    """Keeps the authority of one loop: what it was granted, and what takes it away now.

    Args:
        loop: the loop's configuration.
        situation: shared with the other loops.
        alarms: of the loop.
        confidence: how sure the classifier was of the loop's objects lately.
        remedy: what the loop would do, None when nothing helps.

    Attributes:
        granted: the level that the configuration grants.
    """

    def __init__(
        self, loop: Loop, situation: Situation, alarms: AlarmBook, confidence: ConfidenceShare, remedy: Remedy | None
    ) -> None:
        self.granted = granted(loop)
        self._loop = loop
        self._situation = situation
        self._alarms = alarms
        self._confidence = confidence
        self._remedy = remedy
        self._taken = ""
        self._names = {kind: alarm_name(loop, kind) for kind in ("authority", "blocked", "confidence", "takeover")}

    def is_free(self, now_ns: int) -> bool:
        """Whether nothing in the plant or the cell keeps the loop from acting."""
        obstacle = self._situation.obstacle(self._loop, now_ns)
        if not obstacle:
            self._alarms.clear(self._names["blocked"], now_ns)
            return True
        if not self._is_worked_on():
            text = f"{self._loop.watch.defect} ({self._loop.side}) is above its alarm rate, but {obstacle}"
            self._alarms.raise_(self._names["blocked"], Priority.LOW, text, now_ns)
        return False

    def _is_worked_on(self) -> bool:
        """Whether another loop is acting on the very rate that this one watches: nobody needs to be told."""
        rival, _ = self._situation.rival(self._loop)
        return rival is not None and (rival.watch.defect, rival.side) == (self._loop.watch.defect, self._loop.side)

    def level(self, limits: tuple[str, ...]) -> Level:
        """How far the loop may go with these limits."""
        return reduced(self.granted, limits)

    def limits(self, now_ns: int) -> tuple[str, ...]:
        """What leaves the loop `advisory` at most, in words; alarms say so while it lasts."""
        unsure = UNSURE if self._is_unsure(now_ns) else ""
        reasons = self._reasons(now_ns)
        return tuple(reason for reason in (unsure, *reasons, self._taken) if reason)

    def look(self, now_ns: int) -> None:
        """Notice that somebody else has the set-point, and that a reason to only advise has ended."""
        taken = self._situation.taken_over(self._loop.tag)
        if taken != self._taken:
            self._taken = taken
            self._tell_taken(now_ns)
        if self._alarms.stands(self._names["authority"]):
            self._reasons(now_ns)
        if not self._confidence.is_suspicious:
            self._alarms.clear(self._names["confidence"], now_ns)

    def _tell_taken(self, now_ns: int) -> None:
        if not self._taken:
            self._alarms.clear(self._names["takeover"], now_ns)
            return
        way = f"until `cellctl hand-back RUN {self._loop.name}`"
        if not self._situation.custody.is_ordered(self._loop.tag):
            way = f"{way}, or the recipe value is in force again"
        text = f"{self._taken}; the loop stands back {way}"
        self._alarms.raise_(self._names["takeover"], Priority.MEDIUM, text, now_ns)

    def _is_unsure(self, now_ns: int) -> bool:
        """Whether the classifier is not sure often enough to act on."""
        confidence = self._confidence
        if not confidence.is_suspicious:
            self._alarms.clear(self._names["confidence"], now_ns)
            return False
        text = (
            f"{confidence.share:.0%} of the last objects of {self._loop.watch.defect} ({self._loop.side}) are "
            f"below confidence {confidence.limit:.2f}: the loop does not act until that falls. "
            "Check lighting and model"
        )
        self._alarms.raise_(self._names["confidence"], Priority.HIGH, text, now_ns)
        return True

    def _reasons(self, now_ns: int) -> tuple[str, ...]:
        """Lost sight and a used-up drift budget; one alarm says so while it lasts."""
        sight = self._situation.sight.fault(self._loop.watch.camera)
        reasons = tuple(reason for reason in (sight, self._drift(now_ns)) if reason)
        if reasons and self.granted > Level.ADVISORY:
            text = f"loop {self._loop.name} ({self._loop.side}) only advises: {'; '.join(reasons)}"
            self._alarms.raise_(self._names["authority"], Priority.MEDIUM, text, now_ns)
        else:
            self._alarms.clear(self._names["authority"], now_ns)
        return reasons

    def _drift(self, now_ns: int) -> str:
        situation, tag = self._situation, self._loop.tag
        if self._remedy is None or situation.plant.fault((tag,), now_ns):
            return ""
        old = situation.plant.value(tag)
        return drift_fault(situation.setpoint(tag), old, Step(self._loop.step, self._remedy.sign).target(old))
