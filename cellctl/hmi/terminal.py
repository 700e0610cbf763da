"""The live view in a terminal of 100 × 32: what runs, what is wrong, what the cell does about it, did it help."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from cellctl.hmi import marks
from cellctl.hmi.view import CellView, CorrectionRow, DefectRow

WIDTH = 100
MOST_DEFECTS = 6
MOST_CORRECTIONS = 3
MOST_REPORTS = 3
MOST_ALARMS = 3
CURVE_WIDTH = 12


def render(view: CellView) -> RenderableType:
    """Draw the view; every part has a bounded height, so it fits whatever happens."""
    return Group(
        _header(view),
        _title("DEFECTS"),
        _defects(view),
        _title("CORRECTIONS"),
        _corrections(view),
        _title("FOR A PERSON"),
        _for_a_person(view),
        _title("CELL"),
        _health(view),
    )


def _title(words: str) -> Rule:
    return Rule(Text(words, marks.FAINT), align="left", style="grey30", characters="─")


def _header(view: CellView) -> Table:
    table = Table.grid(expand=True)
    table.add_column()
    table.add_column(justify="right")
    left = Text.assemble((view.cell, marks.STRONG), "   ", (view.state, marks.state_style(view.state)))
    left.append(f"   {view.reason}", marks.FAINT)
    left.truncate(58, overflow="ellipsis")
    right = Text(style=marks.CALM)
    right.append(f"{_number(view.speed_m_s, '.2f')} m/s   web {_number(view.encoder_m, '.1f')} m   ")
    right.append(f"{int(view.elapsed_s) // 60:02d}:{int(view.elapsed_s) % 60:02d}")
    table.add_row(left, right)
    return table


def _defects(view: CellView) -> RenderableType:
    table = _grid()
    table.add_column(width=28, no_wrap=True)
    for width in (22, 22, 22):
        table.add_column(justify="right", width=width, no_wrap=True)
    table.add_row(*(Text(title, marks.FAINT) for title in ("class", "last 10 m", "whole run", "alarm rate")))
    for row in view.defects[:MOST_DEFECTS]:
        table.add_row(*_defect(row))
    if not view.defects:
        table.add_row(Text("none seen", marks.CALM))
    return table


def _defect(row: DefectRow) -> tuple[Text, Text, Text, Text]:
    high = row.alarm_per_m is not None and row.recent_per_m >= row.alarm_per_m
    alarm = f"{row.alarm_per_m:.2f} /m" if row.alarm_per_m is not None else ""
    return (
        Text(f"{row.defect} {_side(row.side)}", marks.CALM),
        Text(f"{row.recent_per_m:.2f} /m ({row.recent})", marks.LOOK if high else marks.CALM),
        Text(f"{row.total_per_m:.2f} /m ({row.total})", marks.CALM),
        Text(alarm, marks.FAINT),
    )


def _corrections(view: CellView) -> RenderableType:
    if not view.corrections:
        return Text("none: no rate calls for one", marks.CALM)
    lines: list[RenderableType] = []
    for row in view.corrections[:MOST_CORRECTIONS]:
        lines += [_correction(row), _test(row)]
    return Group(*lines)


def _correction(row: CorrectionRow) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{row.state:<24}", marks.verdict_style(row.state))
    line.append(f"{row.defect} {_side(row.side)}: ", marks.CALM)
    line.append(f"{row.tag.partition('.')[2]} {row.old:.2f} → {row.proposed:.2f} {row.unit}", marks.CALM)
    if row.in_force is not None:
        line.append(f", in force {row.in_force:.2f}", marks.CALM)
    return line


def _test(row: CorrectionRow) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    if not row.metres:
        line.append(" " * 24 + row.reason, marks.FAINT)
        return line
    events = "object" if row.events == 1 else "objects"
    line.append(f"{'did it help?':<24}", marks.FAINT)
    if row.bound > 0 and row.llr:
        line.append("no ", marks.FAINT).append_text(marks.gauge(row.llr[-1], row.bound))
        line.append(f" yes  {marks.sparkline(row.llr, row.bound, CURVE_WIDTH)}  ", marks.FAINT)
    line.append(f"{row.events} {events} in {row.metres:.1f} m", marks.CALM)
    return line


def _for_a_person(view: CellView) -> RenderableType:
    lines = [
        Text.assemble((f"{alarm.priority.upper():<8}", marks.priority_style(alarm.priority)),
                      (alarm.text, marks.CALM), no_wrap=True, overflow="ellipsis")
        for alarm in view.alarms[:MOST_ALARMS]
    ]  # fmt: skip
    lines += [
        Text.assemble((f"{report.id:<8}", marks.LOOK),
                      (f"{report.defect} {report.from_m:.1f} to {report.to_m:.1f} m, not fixable here: ", marks.CALM),
                      (report.cause, marks.CALM), no_wrap=True, overflow="ellipsis")
        for report in view.nonconformities[:MOST_REPORTS]
    ]  # fmt: skip
    hidden = len(view.alarms) + len(view.nonconformities) - len(lines)
    if hidden:
        lines.append(Text(f"and {hidden} more", marks.FAINT))
    return Group(*lines) if lines else Text("nothing", marks.CALM)


def _health(view: CellView) -> RenderableType:
    return Group(_frames(view), _stages(view), _processes(view))


def _frames(view: CellView) -> Text:
    line = Text(style=marks.CALM)
    line.append(f"frames   {view.received} received, {view.judged} judged, ")
    line.append(f"{view.dropped} dropped", marks.ACT if view.dropped else marks.CALM)
    line.append(", ")
    line.append(f"{view.indeterminate} indeterminate   {view.inspected_m:.1f} m inspected")
    if view.blind:
        line.append(f"   {view.blind}", marks.LOOK)
    line.truncate(WIDTH, overflow="ellipsis")
    return line


def _stages(view: CellView) -> Table:
    table = _grid()
    table.add_column(width=38, no_wrap=True)
    for _ in range(4):
        table.add_column(justify="right", width=12, no_wrap=True)
    if view.stages:
        titles = ("time of each stage, ms (newest 2048)", "p50", "p99", "max", "n")
        table.add_row(*(Text(title, marks.FAINT) for title in titles))
    for row in view.stages:
        times = (f"{value:.1f}" for value in (row.p50_ms, row.p99_ms, row.max_ms))
        table.add_row(*(Text(text, marks.CALM) for text in (row.stage, *times, str(row.n))))
    return table


def _processes(view: CellView) -> Text:
    line = Text("processes   ", marks.FAINT)
    for process in view.processes:
        line.append(f"{process.name} ", marks.CALM)
        line.append(f"{process.state}   ", marks.FAINT if process.ok else marks.ACT)
    return line


def _grid() -> Table:
    return Table.grid(padding=(0, 1, 0, 0))


def _side(side: str) -> str:
    return "" if side == "none" else side


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
