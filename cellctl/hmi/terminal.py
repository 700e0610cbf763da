"""The live view in a terminal of 100 × 32: what runs, what is wrong, what the cell does about it, did it help."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from cellctl.hmi import marks
from cellctl.hmi.correction_lines import correction_lines
from cellctl.hmi.person_lines import person_lines
from cellctl.hmi.view import CellView, DefectRow, RegulatorRow, SensorRow

WIDTH = 100
MOST_DEFECTS = 6
MOST_CORRECTIONS = 3
MOST_REGULATORS = 2
MOST_SENSORS = 2
FEWER_DEFECTS = 5
FEWER_CORRECTIONS = 2
"""With regulators or sensors to show there is less room for the rest."""
MOST_FOR_A_PERSON = 6
FEWER_FOR_A_PERSON = 3


def render(view: CellView) -> RenderableType:
    """Draw the view; every part has a bounded height, so it fits whatever happens."""
    most = FEWER_CORRECTIONS if view.regulators or view.sensors else MOST_CORRECTIONS
    held = [_title("HELD VALUES"), _regulators(view)] if view.regulators else []
    seen = [_title("DEFECTS"), _defects(view)] if view.has_frames else []
    heard = [_title(_some("SENSORS", MOST_SENSORS, len(view.sensors))), _sensors(view)] if view.sensors else []
    return Group(
        _header(view),
        *seen,
        *heard,
        _title(_some("CORRECTIONS", most, len(view.corrections))),
        correction_lines(view.corrections, most),
        *held,
        _title("FOR A PERSON"),
        person_lines(view, FEWER_FOR_A_PERSON if view.regulators and view.sensors else MOST_FOR_A_PERSON),
        _title("CELL"),
        _health(view),
    )


def _title(words: str) -> Rule:
    return Rule(Text(words, marks.FAINT), align="left", style="grey30", characters="─")


def _some(words: str, shown: int, there: int) -> str:
    """The title, and how much of the part is shown when not all is."""
    return f"{words}, {shown} of {there}" if there > shown else words


def _header(view: CellView) -> Table:
    table = Table.grid(expand=True)
    table.add_column()
    table.add_column(justify="right")
    left = Text.assemble((view.cell, marks.STRONG), "   ", (view.state, marks.state_style(view.state)))
    left.append(f"   {view.changing or view.reason}", marks.FAINT)
    right = Text(style=marks.CALM)
    if view.has_web:
        right.append(f"{_number(view.speed_m_s, '.2f')} m/s   web {_number(view.encoder_m, '.1f')} m   ")
    right.append(f"{int(view.elapsed_s) // 60:02d}:{int(view.elapsed_s) % 60:02d}")
    left.truncate(WIDTH - right.cell_len - 2, overflow="ellipsis")
    table.add_row(left, right)
    return table


def _defects(view: CellView) -> RenderableType:
    most = FEWER_DEFECTS if view.regulators or view.sensors else MOST_DEFECTS
    table = _grid()
    table.add_column(width=28, no_wrap=True)
    for width in (22, 22, 22):
        table.add_column(justify="right", width=width, no_wrap=True)
    titles = (_some("class", most, len(view.defects)), "last 10 m", "whole run", "alarm rate")
    table.add_row(*(Text(title, marks.FAINT) for title in titles))
    for row in sorted(view.defects, key=_is_high, reverse=True)[:most]:
        table.add_row(*_defect(row))
    if not view.defects:
        table.add_row(Text("none seen", marks.CALM))
    return table


def _is_high(row: DefectRow) -> bool:
    return row.alarm_per_m is not None and row.recent_per_m >= row.alarm_per_m


def _defect(row: DefectRow) -> tuple[Text, Text, Text, Text]:
    alarm = f"{row.alarm_per_m:.2g} /m" if row.alarm_per_m is not None else ""
    return (
        Text(marks.subject(row.defect, row.side), marks.CALM),
        Text(f"{row.recent_per_m:.2f} /m ({row.recent})", marks.LOOK if _is_high(row) else marks.CALM),
        Text(f"{row.total_per_m:.2f} /m ({row.total})", marks.CALM),
        Text(alarm, marks.FAINT),
    )


def _sensors(view: CellView) -> RenderableType:
    """One line each; when there are more, those whose newest window is not OK come first."""
    rows = sorted(view.sensors, key=lambda row: not row.reason)[:MOST_SENSORS]
    return Group(*(_sensor(row) for row in rows))


def _sensor(row: SensorRow) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{row.name:<17}{row.judged:>7} windows judged, ", marks.CALM)
    line.append(f"{row.ng} NG", marks.LOOK if row.ng else marks.CALM)
    line.append(f", {row.indeterminate} indeterminate, ", marks.CALM)
    line.append(f"{row.lost} lost", marks.ACT if row.lost else marks.CALM)
    if row.reason:
        line.append(f"   {row.reason}", marks.LOOK)
    line.truncate(WIDTH, overflow="ellipsis")
    return line


def _regulators(view: CellView) -> RenderableType:
    """One line each; when there are more, those outside their tolerance come first."""
    rows = sorted(view.regulators, key=_is_outside, reverse=True)[:MOST_REGULATORS]
    return Group(*(_regulator(row) for row in rows))


def _is_outside(row: RegulatorRow) -> bool:
    return row.value is None or abs(row.value - row.target) > row.tolerance


def _regulator(row: RegulatorRow) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{row.characteristic:<17}", marks.CALM)
    value = "no gauge value" if row.value is None else f"{row.value:.4g} {row.unit}"
    line.append(f"{value:>14}", marks.LOOK if _is_outside(row) else marks.CALM)
    line.append(f"  target {row.target:g} ±{row.tolerance:g}", marks.FAINT)
    if row.frozen:
        line.append(f"   stands still: {row.frozen}", marks.CALM)
    elif row.measurements:
        line.append(f"   mean {row.mean:.4g}, {row.outside:.0%} outside, {_moves(row)}", marks.CALM)
    line.truncate(WIDTH, overflow="ellipsis")
    return line


def _moves(row: RegulatorRow) -> str:
    if row.authority != "auto":
        return f"moves nothing ({row.authority})"
    return f"{row.moves} {'move' if row.moves == 1 else 'moves'}"


def _health(view: CellView) -> RenderableType:
    return Group(*([_frames(view)] if view.has_frames else []), _stages(view), _processes(view))


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
    """Those that need a look first; the others by where they stand."""
    line = Text("processes   ", marks.FAINT, no_wrap=True, overflow="ellipsis")
    for process in view.processes:
        if not process.ok:
            line.append(f"{process.name} {process.state}   ", marks.ACT)
    for state in dict.fromkeys(process.state for process in view.processes if process.ok):
        line.append(f"{state}: ", marks.FAINT)
        names = (process.name for process in view.processes if process.ok and process.state == state)
        line.append(f"{' '.join(names)}   ", marks.CALM)
    return line


def _grid() -> Table:
    return Table.grid(padding=(0, 1, 0, 0))


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
