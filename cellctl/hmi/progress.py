"""How far a correction's verification has come: the loop's own test, fed with the same inspections.

A correction is sent when its state changes. Between VERIFYING and the verdict a face would stand still, so it
runs the same test along. What it shows is for the eye; the verdict comes from the loop alone.
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

    def update(self, correction: Correction) -> None:
        """Take the next record; with the verification the test begins."""
        self._correction = correction
        if correction.state is TransactionState.VERIFYING and self._loop is not None and self._test is None:
            self._test = SequentialTest(correction.baseline_per_m, self._loop.verify)

    def inspect(self, inspection: Inspection) -> None:
        """Let the test see one more frame."""
        correction, test = self._correction, self._test
        if test is None or self._loop is None or correction.state is not TransactionState.VERIFYING:
            return
        start_mm, limit = correction.verify_from_mm, self._loop.escalate.confidence
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
        )

    def _draw(self, test: SequentialTest, events: int) -> None:
        """Keep points at every event and every half metre; thin them when there are too many."""
        if events or test.metres - self._shown_m >= STEP_M:
            self._shown_m = test.metres
            self._llr.append(test.llr)
        if len(self._llr) > MOST_POINTS:
            self._llr = self._llr[::2]
