"""How far a correction's verification, or the watch after its release, has come; fed with the loop's inspections.

A correction is sent when its state changes. Between VERIFYING and the verdict a face would stand still, so it
runs the same test along; and between a release and what it shows, it counts the same metres. What it shows is for the
eye; verdicts come from the loop alone.
"""

from __future__ import annotations

from cellctl.config.resolved import Loop
from cellctl.hmi.view import CorrectionRow
from cellctl.loop import SequentialTest
from cellctl.model import Correction, Inspection, Judgement, TransactionState

MOST_POINTS = 60
"""As many as a line of the terminal shows."""
STEP_M = 0.5
"""A point of the shown curve for every half metre."""


class Progress:
    """One correction as the faces show it."""

    def __init__(self, correction: Correction, loop: Loop | None) -> None:
        self._correction = correction
        self._loop = loop
        self._test: SequentialTest | None = None
        self._llr: list[float] = []
        self._shown_m = 0.0
        self._watched_m = 0.0

    def update(self, correction: Correction) -> None:
        """Take the next record; with the verification the test begins, where a rate is what it tests."""
        self._correction = correction
        begins = correction.state is TransactionState.VERIFYING and correction.baseline_per_m > 0.0
        if begins and self._loop is not None and self._test is None:
            self._test = SequentialTest(correction.baseline_per_m, self._loop.verify)
        if correction.released is not None:
            self._watched_m = max(self._watched_m, correction.released.metres)

    def inspect(self, inspection: Inspection) -> None:
        """Let the test, or the watch after the release, see one more frame of the loop's camera."""
        loop = self._loop
        if loop is None or (loop.watch.camera and loop.watch.camera != inspection.camera):
            return
        if self._correction.state is TransactionState.VERIFYING and self._test is not None:
            self._verify(self._test, loop, inspection)
        elif self._correction.state is TransactionState.RELEASING:
            self._watch(inspection)

    def _watch(self, inspection: Inspection) -> None:
        """Count the material that shows the release."""
        released = self._correction.released
        if released is not None and released.from_mm and inspection.judgement is not Judgement.INDETERMINATE:
            self._watched_m += inspection.span.clipped(released.from_mm).length_m

    def _verify(self, test: SequentialTest, loop: Loop, inspection: Inspection) -> None:
        correction = self._correction
        start_mm, limit = correction.verify_from_mm, loop.escalate.confidence
        events = sum(
            1
            for found in inspection.objects
            if found.defect == correction.defect
            and found.web.side is correction.side
            and found.confidence >= limit
            and found.web.s_mm >= start_mm
        )
        judged = inspection.judgement is not Judgement.INDETERMINATE
        test.add(inspection.span.clipped(start_mm).length_m if judged else 0.0, events)
        self._draw(test, events)

    def row(self) -> CorrectionRow:
        """The correction as it stands; the record's own curve once there is a verdict."""
        correction, test = self._correction, self._test
        curve = correction.curve
        known = curve[-1] if correction.state.is_verdict and curve else test
        return CorrectionRow(
            transaction=correction.transaction,
            defect=correction.defect,
            side=correction.side.value,
            state=correction.state.value,
            reason=correction.reason,
            tag=correction.tag,
            unit=correction.unit,
            old=correction.old,
            proposed=correction.proposed,
            in_force=correction.in_force,
            metres=known.metres if known else 0.0,
            events=known.events if known else 0,
            llr=(*self._llr, known.llr) if known else (),
            bound=test.bound if test else 0.0,
            is_final=correction.state.is_verdict,
            watched_m=self._watched_m,
            watch_m=self._loop.release.watch_m if self._loop is not None and correction.released is not None else 0.0,
        )

    def _draw(self, test: SequentialTest, events: int) -> None:
        """Keep points at every event and every half metre; thin them when there are too many."""
        if events or test.metres - self._shown_m >= STEP_M:
            self._shown_m = test.metres
            self._llr.append(test.llr)
        if len(self._llr) > MOST_POINTS:
            self._llr = self._llr[::2]
