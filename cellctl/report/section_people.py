"""What concerns people: alarms, orders, questions with their answers, nonconformities; and the material's intervals."""

from __future__ import annotations

from typing import Any

from cellctl.errors import text
from cellctl.model import Alarm, Escalation, Interval
from cellctl.report import numbers
from cellctl.report.document import Block, Cell, Column, Look, Paragraph, Section, Table
from cellctl.report.run_record import RunRecord
from cellctl.report.section_top import standing_alarms
from cellctl.report.words import subject

MOST_ROWS = 100
"""Of one table; beyond that nobody reads it, and the ledger has them all."""


def people(run: RunRecord) -> Section:
    """Alarms, questions and nonconformities."""
    blocks: tuple[Block, ...] = (_alarms(run), _orders(run), _questions(run), _nonconformities(run))
    return Section("people", text("Alarms, questions and nonconformities"), blocks)


def _alarms(run: RunRecord) -> Table:
    """One row for each alarm by its name: how often it was raised, and whether it stands."""
    standing = set(standing_alarms(run))
    raised: dict[str, list[Alarm]] = {}
    for alarm in run.alarms:
        if alarm.active:
            raised.setdefault(alarm.id, []).append(alarm)
    rows = []
    for name, alarms in sorted(raised.items(), key=lambda item: (item[0] not in standing, item[1][0].stamp.t_ns)):
        last = alarms[-1]
        stands = name in standing
        rows.append((
            Cell(text("stands at the end") if stands else text("returned to normal"),
                 Look.ATTENTION if stands else Look.PLAIN),
            last.priority.value, str(len(alarms)), numbers.clock(run.at(alarms[0].stamp.t_ns)),
            numbers.clock(run.at(last.stamp.t_ns)), last.text,
        ))  # fmt: skip
    columns = (Column(text("alarm")), Column(text("priority")), Column(text("raised"), True),
               Column(text("first at")), Column(text("last at")), Column(text("what it said last")))  # fmt: skip
    return _bounded(columns, rows, text("No alarm was raised."))


def _orders(run: RunRecord) -> Table:
    """One row for each change of the cell's state and each order of a person, in the order of time."""
    states = [(it.stamp.t_ns, it.state.name, it.reason, it.by) for it in run.states]
    orders = [(it.stamp.t_ns, it.order.value, it.subject, it.by) for it in run.instructions]
    rows = [(numbers.clock(run.at(t_ns)), what, about, by or text("the cell itself"))
            for t_ns, what, about, by in sorted(states + orders)]  # fmt: skip
    columns = (Column(text("changed or ordered at")), Column(text("state or order")), Column(text("why, or of what")),
               Column(text("by whom")))  # fmt: skip
    return _bounded(columns, rows, text("Nobody ordered anything."))


def _questions(run: RunRecord) -> Table:
    """One row for each kind of question: a doubt that comes again and again is one line, however often it was asked."""
    kinds: dict[tuple[str, str, str], list[Escalation]] = {}
    for it in run.escalations:
        kinds.setdefault((it.defect, it.side.value, it.question), []).append(it)
    columns = (Column(text("question")), Column(text("asked"), True), Column(text("first at")),
               Column(text("last at")), Column(text("what was asked, and why the last time")),
               Column(text("objects"), True), Column(text("answered"), True), Column(text("answer")))  # fmt: skip
    answers = _answers(run)
    rows = [_question(run, asked, answers) for asked in kinds.values()]
    return _bounded(columns, rows, text("No question was asked."))


def _answers(run: RunRecord) -> dict[str, list[str]]:
    """Question → what was answered, by whom."""
    answers: dict[str, list[str]] = {}
    for label in run.labels:
        note = f" ({label.note})" if label.note else ""
        answers.setdefault(label.escalation, []).append(f"{label.label} – {label.by}{note}")
    return answers


def _question(run: RunRecord, asked: list[Escalation], answers: dict[str, list[str]]) -> tuple[object, ...]:
    first, last = asked[0], asked[-1]
    answered = sum(it.id in answers for it in asked)
    said = dict.fromkeys(answer for it in asked for answer in answers.get(it.id, ()))
    return (
        first.id if len(asked) == 1 else f"{first.id} … {last.id}", str(len(asked)),
        numbers.clock(run.at(first.stamp.t_ns)), numbers.clock(run.at(last.stamp.t_ns)),
        f"{last.question} {last.reason}", str(sum(len(it.objects) for it in asked)), str(answered),
        "; ".join(said) if said else Cell(text("none"), Look.QUIET),
    )  # fmt: skip


def _nonconformities(run: RunRecord) -> Table:
    columns = (Column(text("nonconformity")), Column(text("class")), Column(text("material"), True),
               Column(text("lot")), Column(text("cause, as configured")), Column(text("filed because")))  # fmt: skip
    rows = [
        (Cell(it.id, Look.ATTENTION), subject(it.defect, it.side.value),
         f"{numbers.metres(it.span.from_mm)} – {numbers.metres(it.span.to_mm)}", it.lot, it.cause, it.reason)
        for it in run.nonconformities
    ]  # fmt: skip
    return _bounded(columns, rows, text("No nonconformity was filed."))


def _bounded(columns: tuple[Column, ...], rows: list[tuple[Any, ...]], empty: Any) -> Table:
    """The first rows; a note says how many more the ledger has."""
    more = len(rows) - MOST_ROWS
    note = text("{count} more are in the ledger.", count=more) if more > 0 else ""
    return Table(columns, tuple(rows[:MOST_ROWS]), empty, note)


def intervals(run: RunRecord) -> Section | None:
    """Which material belongs to which lot and recipe, and what was seen in it; None where the ledger does not say."""
    if not run.intervals:
        return None
    columns = (Column(text("material"), True), Column(text("length"), True), Column(text("lot")),
               Column(text("product")), Column(text("objects"), True), Column(text("per metre"), True),
               Column(text("ended by")))  # fmt: skip
    rows = [_interval(run, it) for it in run.intervals]
    note = Paragraph(text("By metres of the encoder. Material of a splice is in no lot's count of good metres."),
                     Look.QUIET)  # fmt: skip
    return Section("material", text("Lots, splices and recipes"), (_bounded(columns, rows, ""), note))


def _interval(run: RunRecord, it: Interval) -> tuple[object, ...]:
    length_m = (it.to_mm - it.from_mm) / 1000.0
    count = sum(it.from_mm <= seen.object.web.s_mm < it.to_mm for seen in run.seen.values())
    return (
        f"{numbers.metres(it.from_mm)} – {numbers.metres(it.to_mm)}", f"{length_m:.1f} m",
        text("{lot} (splice)", lot=it.lot) if it.splice else it.lot or "–", it.product or "–", str(count),
        numbers.number(count / length_m, 2) if length_m > 0.0 else "–", it.reason,
    )  # fmt: skip
