"""Which frames or windows were judged, and how: as intervals of their ids, not as one record each."""

from __future__ import annotations

import msgspec

from cellctl.model import Features, Inspection, Judgement, WebSpan

Interval = tuple[int, int]
"""First and last frame id, both inside."""


class Indeterminate(msgspec.Struct, frozen=True, omit_defaults=True):
    """Frames `first` to `last` could not be judged, all for the same reason; `origin` is the file they came from."""

    first: int
    last: int
    reason: str
    origin: str = ""


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one camera's frames, or one sensor's windows, since the record before.

    Attributes:
        camera: device name; also that of a sensor, whose windows are counted as frames are.
        judged: intervals of frames with a judgement (INDETERMINATE is one), ascending.
        lost: intervals of frames that never came.
        repeated: frame ids that came again or out of order.
        counts: judgement → number of frames.
        indeterminate: the frames that could not be judged, with the reason.
        inspected_m: material judged OK or NG, m.
        from_mm: begin of the material in the first of these frames, in the coordinate of `WebRef.s_mm`.
        to_mm: end of the material in the last of them.
    """

    camera: str
    judged: tuple[Interval, ...]
    lost: tuple[Interval, ...]
    repeated: tuple[int, ...]
    counts: dict[str, int]
    indeterminate: tuple[Indeterminate, ...]
    inspected_m: float
    from_mm: float = 0.0
    to_mm: float = 0.0


class FrameTotals(msgspec.Struct, frozen=True):
    """One camera's frames, or one sensor's windows, over the whole run, as the closing record states them."""

    judged: tuple[Interval, ...] = ()
    lost: tuple[Interval, ...] = ()
    repeated: int = 0
    counts: dict[str, int] = {}
    inspected_m: float = 0.0

    def plus(self, part: Coverage) -> FrameTotals:
        """The totals with one more coverage record."""
        counts = {key: self.counts.get(key, 0) + part.counts.get(key, 0) for key in self.counts | part.counts}
        return FrameTotals(
            judged=_joined(self.judged + part.judged),
            lost=_joined(self.lost + part.lost),
            repeated=self.repeated + len(part.repeated),
            counts=counts,
            inspected_m=self.inspected_m + part.inspected_m,
        )

    @property
    def frames(self) -> int:
        """Frames with a judgement."""
        return sum(self.counts.values())


class CoverageCounter:
    """Collects the judgements of one camera or sensor between two coverage records."""

    def __init__(self, device: str, last: int = -1) -> None:
        self._device = device
        self._last = last
        self._judged: list[Interval] = []
        self._lost: list[Interval] = []
        self._repeated: list[int] = []
        self._counts: dict[str, int] = {}
        self._indeterminate: list[Indeterminate] = []
        self._inspected_m = 0.0
        self._span: WebSpan | None = None

    def see(self, inspection: Inspection) -> None:
        """Count one judged frame and the lost ones before it."""
        it = inspection
        if not self._count(it.frame_id, it.lost_frames, it.judgement, it.reason, it.origin):
            return
        self._span = WebSpan(self._span.from_mm if self._span else inspection.span.from_mm, inspection.span.to_mm)
        if inspection.judgement is not Judgement.INDETERMINATE:
            self._inspected_m += inspection.span.length_m

    def see_window(self, features: Features) -> None:
        """Count one judged window and the lost ones before it."""
        it = features
        self._count(it.window_id, it.lost_windows, it.judgement, it.reason, it.origin)

    def _count(self, number: int, lost: int, judgement: Judgement, reason: str, origin: str) -> bool:
        """Count one; False when it came before."""
        if number <= self._last:
            self._repeated.append(number)
            return False
        if lost:
            self._lost.append((number - lost, number - 1))
        self._last = number
        self._extend(number)
        self._counts[judgement.value] = self._counts.get(judgement.value, 0) + 1
        if judgement is Judgement.INDETERMINATE:
            self._doubt(number, reason, origin)
        return True

    def take(self) -> Coverage | None:
        """What was collected since the last call; None when nothing came."""
        if not self._judged and not self._repeated:
            return None
        span = self._span or WebSpan(0.0, 0.0)
        coverage = Coverage(
            camera=self._device,
            judged=tuple(self._judged),
            lost=tuple(self._lost),
            repeated=tuple(self._repeated),
            counts=self._counts,
            indeterminate=tuple(self._indeterminate),
            inspected_m=self._inspected_m,
            from_mm=span.from_mm,
            to_mm=span.to_mm,
        )
        self._clear()
        return coverage

    def _clear(self) -> None:
        self._judged, self._lost, self._repeated = [], [], []
        self._counts, self._indeterminate, self._inspected_m, self._span = {}, [], 0.0, None

    def _extend(self, frame: int) -> None:
        """One more that was judged, usually the one behind the last."""
        judged = self._judged
        if judged and judged[-1][1] == frame - 1:
            judged[-1] = (judged[-1][0], frame)
        else:
            judged.append((frame, frame))

    def _doubt(self, number: int, reason: str, origin: str) -> None:
        last = self._indeterminate[-1] if self._indeterminate else None
        if last is not None and (last.last, last.reason, last.origin) == (number - 1, reason, origin):
            self._indeterminate[-1] = Indeterminate(last.first, number, reason, origin)
        else:
            self._indeterminate.append(Indeterminate(number, number, reason, origin))


def _joined(intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Neighbouring intervals as one; order and overlaps are kept as they are."""
    joined: list[Interval] = []
    for first, last in intervals:
        if joined and joined[-1][1] == first - 1:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return tuple(joined)
