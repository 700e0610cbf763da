"""One camera's eye: blocks in, objects out, and for every block either a judgement or the reason why there is none."""

from __future__ import annotations

from typing import NamedTuple

from cellctl.inspect.candidates import CandidateFinder, Pixels
from cellctl.inspect.classifier import Classifier
from cellctl.inspect.parts import make_parts
from cellctl.inspect.rules import Pitch, Rules
from cellctl.inspect.track import Track
from cellctl.inspect.tracker import Tracker

_M = 1000.0


class Sight(NamedTuple):
    """What one block showed.

    Attributes:
        reason: why the block cannot be judged; empty when it can.
        objects: defects to report now.
        is_defect_open: whether a defect reaches into the next block.
        long: defects that were reported (now or before) and reach into the next block.
    """

    reason: str
    objects: tuple[Track, ...]
    is_defect_open: bool
    long: tuple[Track, ...] = ()


class Eye:
    """Inspects the blocks of one camera, in their order.

    Args:
        columns: pixels per line.
        pitch: scale of the pixels.
        rules: what counts as a candidate.
        classifier: of the product.
        report_length_m: an object of this length is reported while it is still open.
    """

    def __init__(
        self, columns: int, pitch: Pitch, rules: Rules, classifier: Classifier, report_length_m: float
    ) -> None:
        self._pitch = pitch
        self._columns = columns
        self._classifier = classifier
        self._finder = CandidateFinder(columns, pitch, rules, classifier.patch)
        self._missed = False
        self._tracker = Tracker(report_length_m * _M, reach_mm=pitch.column_mm)

    def look(self, pixels: Pixels, from_mm: float, *, follows: bool) -> Sight:
        """Inspect the next block.

        Args:
            pixels: shape (rows, columns), uint8.
            from_mm: material position of its first line.
            follows: whether it continues the block before without a gap.
        """
        if pixels.ndim != 2 or pixels.shape[1] != self._columns:
            return self.miss(f"shape {pixels.shape}: the camera began with {self._columns} columns")
        lost = "" if follows else self._interrupt("a gap")
        found = self._finder.look(pixels, follows=follows and not self._missed)
        if found.reason:
            return self.miss(found.reason)
        self._missed = False
        parts = make_parts(
            found,
            pixels,
            self._classifier,
            smallest=self._finder.smallest,
            from_mm=from_mm,
            pitch=self._pitch,
        )
        objects = tuple(track for track in self._tracker.update(parts) if self.is_defect(track))
        still = tuple(track for track in self._tracker.open if self.is_defect(track))
        return Sight(lost, objects, bool(still), tuple(track for track in still if track.is_reported))

    def miss(self, reason: str) -> Sight:
        """A block that cannot be judged; objects that were open are dropped, and the reason says so."""
        lost = self._interrupt("this block")
        self._missed = True
        return Sight(f"{reason}; {lost}" if lost else reason, (), is_defect_open=False)

    def is_defect(self, track: Track) -> bool:
        """Whether the object's most probable class is a defect; what is too small to classify is none."""
        probabilities = track.probabilities
        return probabilities is not None and int(probabilities.argmax()) != self._classifier.background

    def _interrupt(self, over: str) -> str:
        defects = sum(self.is_defect(track) and not track.is_reported for track in self._tracker.open)
        self._tracker.interrupt()
        return f"{defects} open object(s) dropped over {over}: their end was not seen" if defects else ""
