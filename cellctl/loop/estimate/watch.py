"""What one loop sees of the web: its class on its edge, counted, and the objects that raised the alarm.

Two kinds of watch: of a *rate* (many short objects) and of *persistence* (one object that goes on and on). A streak is
one object however long it gets, and is reported once, so no rate ever shows that it is still there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from cellctl.config.resolved import Loop, Watch
from cellctl.loop.diagnose.influence import Remedy
from cellctl.loop.estimate.cusum import ConfidenceShare, PoissonCusum, Run
from cellctl.loop.estimate.rule import persistence_text, rule_text
from cellctl.model.correction import Evidence, evidence_of
from cellctl.model.inspection import DefectObject, Inspection, OpenObject
from cellctl.model.web import Side

MOST_EVIDENCE = 32
"""Objects a record keeps; a run that raises an alarm at h = 3 has rarely more than ten."""

RETURN_OBJECTS = 1.0
"""A return after a release asks for one object more than an alarm does: it is a statement about a cause."""

PLACE_MM = 5.0
"""Two long objects closer than this across the web are at one place: a particle at the lip does not wander further."""

Baseline = Callable[[Run, Watch], float]


class Deciding(NamedTuple):
    """What decided: its place on the material, and the exposures of the block in which it was seen."""

    s_mm: float
    exposure_ns: int
    first_line_ns: int


class ClassWatch(ABC):
    """What both kinds of watch share: class, edge, confidence, and the place from which material counts.

    Attributes:
        confidence: share of unsure objects lately.
        run_objects: objects that the alarm rests on, the newest last.
    """

    def __init__(self, loop: Loop) -> None:
        self.confidence = ConfidenceShare(loop.escalate.confidence, loop.escalate.unsure)
        self.run_objects: deque[DefectObject] = deque(maxlen=MOST_EVIDENCE)
        self._loop = loop
        self._from_mm = float("-inf")
        self._defect = loop.watch.defect
        self._side = loop.side

    def on_edge(self, found: DefectObject) -> bool:
        """Whether an object lies on the loop's edge or on the coated area."""
        return self._side is Side.NONE or found.web.side in {self._side, Side.NONE}

    def is_watched(self, found: DefectObject | OpenObject) -> bool:
        """Whether an object is of the watched class and on the watched edge."""
        return found.defect == self._defect and (self._side is Side.NONE or found.web.side is self._side)

    def restart(self, from_mm: float = float("-inf")) -> None:
        """Begin anew with material made from `from_mm` on: older material tells of another set-point."""
        self.run_objects.clear()
        self._from_mm = max(self._from_mm, from_mm)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The objects that the alarm rests on, as a record keeps them."""
        return tuple(evidence_of(seen) for seen in self.run_objects)

    @property
    @abstractmethod
    def holds(self) -> bool:
        """Whether anything of what raised an alarm is left."""

    @property
    @abstractmethod
    def shows_return(self) -> bool:
        """Whether what raised the alarm is enough to say that the fault came back after a release."""

    @abstractmethod
    def advance(self, inspection: Inspection) -> None:
        """Account for judged material."""

    @abstractmethod
    def look(self, inspection: Inspection, counting: Sequence[DefectObject]) -> Deciding | None:
        """Account for one inspection and the confident objects in it; what raises the alarm, if anything does."""

    @abstractmethod
    def tested(
        self, inspection: Inspection, counting: Sequence[DefectObject]
    ) -> Sequence[DefectObject] | Sequence[OpenObject]:
        """What the test of a correction counts in this inspection."""

    @abstractmethod
    def baseline(self, law: Baseline) -> float:
        """The rate before, events per metre; 0 where the test needs none."""

    @abstractmethod
    def rule(self, remedy: Remedy, baseline_per_m: float) -> str:
        """The rule that raised the alarm, in words."""


class RateWatch(ClassWatch):
    """Estimates the rate of one class on one edge and remembers what raised it."""

    def __init__(self, loop: Loop) -> None:
        super().__init__(loop)
        self.cusum = PoissonCusum(loop.watch.normal, loop.watch.alarm, loop.watch.evidence)

    @property
    def holds(self) -> bool:
        """Whether the run that raised the alarm has not worn off."""
        return self.cusum.run.objects > 0

    @property
    def shows_return(self) -> bool:
        """The statistic stands one object above the decision interval: a chance alarm is ten times as rare."""
        return self.cusum.level >= self.cusum.decision + RETURN_OBJECTS

    def advance(self, inspection: Inspection) -> None:
        """Account for judged material."""
        if not self.run_objects:
            return  # nothing above zero to wear down
        self.cusum.advance(inspection.span.clipped(self._from_mm).length_m)
        if not self.cusum.run.objects:
            self.run_objects.clear()

    def look(self, inspection: Inspection, counting: Sequence[DefectObject]) -> Deciding | None:  # noqa: ARG002
        """The last object that stands at or above the decision interval."""
        alarms = [found for found in counting if self.count(found)]
        return Deciding(alarms[-1].web.s_mm, alarms[-1].exposure_ns, alarms[-1].first_line_ns) if alarms else None

    def count(self, found: DefectObject) -> bool:
        """Account for one confident object; True when it raises the alarm."""
        if found.web.s_mm < self._from_mm:
            return False
        self.run_objects.append(found)
        return self.cusum.count()

    def tested(
        self,
        inspection: Inspection,  # noqa: ARG002  # the rate lies in the objects
        counting: Sequence[DefectObject],
    ) -> Sequence[DefectObject]:
        """Every confident object."""
        return counting

    def baseline(self, law: Baseline) -> float:
        """The rate of the run that raised the alarm, by the law."""
        return law(self.cusum.run, self._loop.watch)

    def rule(self, remedy: Remedy, baseline_per_m: float) -> str:
        """Change detection, influence, law and test with their numbers."""
        return rule_text(self._loop, self.cusum, remedy, baseline_per_m)

    def restart(self, from_mm: float = float("-inf")) -> None:
        """Begin anew with material made from `from_mm` on: older material tells of another set-point."""
        super().restart(from_mm)
        self.cusum.restart()


class PersistenceWatch(ClassWatch):
    """Raises the alarm when one object is longer than `persists_m` and still goes on.

    Only what was seen since the last restart counts towards the length: whatever became of the last move (a verdict, a
    refusal, or a person's no), the next one waits for as much new material; an object that goes on would ask again
    with every block. The reported object is remembered: its features and image are the evidence.
    """

    def __init__(self, loop: Loop) -> None:
        super().__init__(loop)
        self._reported: deque[DefectObject] = deque(maxlen=MOST_EVIDENCE)
        self._longest: OpenObject | None = None
        self._place_mm = 0.0
        self._seen_mm = float("-inf")

    @property
    def holds(self) -> bool:
        """Whether the object still goes on."""
        return self._longest is not None

    @property
    def shows_return(self) -> bool:
        """One object that goes on is no matter of chance."""
        return self.holds

    def advance(self, inspection: Inspection) -> None:
        """Forget an object that has ended in judged material."""
        if self._longest is not None and not any(self._here(found) for found in inspection.open):
            self._longest = None
            self.run_objects.clear()

    def look(self, inspection: Inspection, counting: Sequence[DefectObject]) -> Deciding | None:
        """The longest object that goes on, once it is long enough."""
        self._seen_mm = inspection.span.to_mm
        self._reported.extend(counting)
        going_on = [found for found in inspection.open if self._counts(found)]
        if not going_on:
            return None
        longest = max(going_on, key=self._length_mm)
        if self._length_mm(longest) < self._loop.watch.persists_m * 1000.0:
            return None
        self._longest, self._place_mm = longest, longest.web.y_mm
        self.run_objects.clear()
        self.run_objects.extend(found for found in self._reported if found.id == longest.id)
        return Deciding(longest.web.s_mm, inspection.stamp.t_ns, inspection.stamp.t_ns)

    def tested(self, inspection: Inspection, counting: Sequence[DefectObject]) -> Sequence[OpenObject]:
        """What goes on at the place of the object that raised the alarm."""
        self._seen_mm = inspection.span.to_mm
        self._reported.extend(counting)
        return [found for found in inspection.open if self._here(found)]

    def baseline(self, law: Baseline) -> float:  # noqa: ARG002  # the test asks whether it has gone, not how often
        """No rate."""
        return 0.0

    def rule(self, remedy: Remedy, baseline_per_m: float) -> str:  # noqa: ARG002  # there is none
        """Length, influence, law and test with their numbers."""
        length_m = self._length_mm(self._longest) / 1000.0 if self._longest is not None else 0.0
        return persistence_text(self._loop, length_m, remedy)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The object as it was reported; without features and image when that was before the restart."""
        if self.run_objects or self._longest is None:
            return super().evidence
        found = self._longest
        return (Evidence(found.id, found.defect, found.confidence, found.web.s_mm, "", ()),)

    def restart(self, from_mm: float = float("-inf")) -> None:
        """Begin anew with what was not seen yet, and with material made from `from_mm` on."""
        super().restart(max(from_mm, self._seen_mm))
        self._longest = None

    def _counts(self, found: OpenObject) -> bool:
        return self.is_watched(found) and found.confidence >= self.confidence.limit

    def _here(self, found: OpenObject) -> bool:
        return self.is_watched(found) and abs(found.web.y_mm - self._place_mm) <= PLACE_MM

    def _length_mm(self, found: OpenObject) -> float:
        return found.span.to_mm - max(found.span.from_mm, self._from_mm)


def watch_of(loop: Loop) -> ClassWatch:
    """The watch that a loop's configuration asks for."""
    return PersistenceWatch(loop) if loop.watch.persists_m else RateWatch(loop)
