"""Corrections in two lines each: what was moved, and what the material says about it."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from cellctl.hmi import marks
from cellctl.hmi.view import CorrectionRow

CURVE_WIDTH = 12
INDENT = 24


def correction_lines(rows: tuple[CorrectionRow, ...], most: int) -> RenderableType:
    """Two lines for each correction, at most so many; those under way first."""
    if not rows:
        return Text("none: no rate calls for one", marks.CALM)
    shown = sorted(rows, key=_is_under_way, reverse=True)[:most]
    return Group(*(line for row in shown for line in (_move(row), _answer(row))))


def _is_under_way(row: CorrectionRow) -> bool:
    return not row.is_final or row.state == "RELEASING"


def _move(row: CorrectionRow) -> Text:
    line = _line()
    line.append(f"{row.state:<{INDENT}}", marks.verdict_style(row.state))
    line.append(f"{marks.subject(row.defect, row.side)}: ", marks.CALM)
    line.append(f"{marks.short(row.tag)} {row.old:.2f} → {row.proposed:.2f} {row.unit}", marks.CALM)
    if row.in_force is not None:
        line.append(f", in force {row.in_force:.2f}", marks.CALM)
    return line


def _answer(row: CorrectionRow) -> Text:
    """The watch after a release while it goes on, what it showed afterwards, and the test of the move before that."""
    if row.state == "RELEASING":
        return _watch(row)
    if row.state in marks.AFTER_RELEASE or not row.metres:
        return _line().append(" " * INDENT + row.reason, marks.FAINT)
    return _test(row)


def _watch(row: CorrectionRow) -> Text:
    line = _line().append(f"{'does it come back?':<{INDENT}}", marks.FAINT)
    if not row.watched_m or row.watch_m <= 0:
        return line.append(row.reason, marks.CALM)
    line.append_text(marks.bar(row.watched_m / row.watch_m))
    return line.append(f"  {min(row.watched_m, row.watch_m):.0f} of {row.watch_m:.0f} m without the move", marks.CALM)


def _test(row: CorrectionRow) -> Text:
    line = _line().append(f"{'did it help?':<{INDENT}}", marks.FAINT)
    if row.bound > 0 and row.llr:
        line.append("no ", marks.FAINT).append_text(marks.gauge(row.llr[-1], row.bound))
        line.append(" yes  ", marks.FAINT)
    if _waits_for_a_gauge(row):
        return line.append("the rate fell; waits for its gauge", marks.CALM)
    if row.bound > 0 and row.llr:
        line.append(f"{marks.sparkline(row.llr, row.bound, CURVE_WIDTH)}  ", marks.FAINT)
    events = "object" if row.events == 1 else "objects"
    return line.append(f"{row.events} {events} in {row.metres:.1f} m", marks.CALM)


def _waits_for_a_gauge(row: CorrectionRow) -> bool:
    """Whether the rate's test is done and there is no verdict: a protected characteristic is still to be measured."""
    return not row.is_final and row.bound > 0 and bool(row.llr) and row.llr[-1] >= row.bound


def _line() -> Text:
    return Text(no_wrap=True, overflow="ellipsis")
