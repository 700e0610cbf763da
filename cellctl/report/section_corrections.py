"""The corrections: one table of all, and which of them get a page."""

from __future__ import annotations

from collections.abc import Iterator

from cellctl.errors import Translate, text
from cellctl.model import Correction
from cellctl.report import numbers
from cellctl.report.correction_page import Budget, page_of
from cellctl.report.document import Block, Cell, Column, Facts, Look, Paragraph, Section, Table
from cellctl.report.moves import Moves
from cellctl.report.run_record import RunRecord
from cellctl.report.words import MEANS, subject, verdict

MOST_PAGES = 120
"""Corrections with a page of their own; a page is some 15 kB without images."""


def overview(run: RunRecord, moves: Moves) -> Section:
    """All corrections in one table."""
    columns = (
        Column(text("no."), True), Column(text("correction")), Column(text("class")), Column(text("at"), True),
        Column(text("set-point")), Column(text("move"), True), Column(text("verdict")),
        Column(text("tested"), True), Column(text("reaction"), True),
    )  # fmt: skip
    rows = tuple(_row(number, it, moves) for number, it in enumerate(run.corrections.values(), 1))
    return Section("corrections", text("Corrections"),
                   (Table(columns, rows, empty=text("No correction was made in this run.")), *_key(run)))  # fmt: skip


def _key(run: RunRecord) -> Iterator[Block]:
    states = sorted({it.state for it in run.corrections.values()})
    if states:
        yield Paragraph(text("Tested: objects in the material of the test. Reaction: from the exposure of the deciding "
                             "object to the first increment in force."), Look.QUIET)  # fmt: skip
        yield Facts(tuple((state.value, MEANS.get(state, text("under way when the record ended"))) for state in states))


def _row(number: int, it: Correction, moves: Moves) -> tuple[object, ...]:
    at_m = moves.at_m.get((it.transaction, "step"))
    last = it.curve[-1] if it.curve else None
    tested = text("{events} in {metres} m", events=last.events, metres=f"{last.metres:.1f}") if last else "–"
    reaction = it.first_in_force_ns - it.exposure_ns if it.first_in_force_ns and it.exposure_ns else None
    return (
        str(number), Cell(it.transaction, link=moves.anchors[it.transaction]), subject(it.defect, it.side.value),
        f"{at_m:.1f} m" if at_m is not None else "–", it.tag,
        f"{numbers.number(it.old, 5)} → {numbers.value(it.proposed, it.unit)}", verdict(it.state), tested,
        numbers.milliseconds(reaction) if reaction is not None else "–",
    )  # fmt: skip


def chosen(run: RunRecord) -> list[tuple[int, Correction]]:
    """The corrections that get a page: all, or those that did not help and then the latest."""
    numbered = list(enumerate(run.corrections.values(), 1))
    if len(numbered) <= MOST_PAGES:
        return numbered
    urgent = sorted(numbered, key=lambda item: (item[1].state.was_effective, -item[0]))[:MOST_PAGES]
    return sorted(urgent, key=lambda item: item[0])


def pages(run: RunRecord, moves: Moves, say: Translate) -> Iterator[Section]:
    """A heading with what was left out, and one page for each chosen correction."""
    picked, budget = chosen(run), Budget()
    if not picked:
        return
    sections = [page_of(run, each, moves, budget, say, first=each == picked[0]) for each in picked]
    words: list[Block] = [Paragraph(text("One page for each: what was seen, what was moved, and what came of it."))]
    if len(picked) < len(run.corrections):
        words.append(Paragraph(text("{shown} of {count} corrections have a page: all that did not help (the latest "
                                    "{shown} of them at most), then the latest. The table above has all.",
                                    shown=len(picked), count=len(run.corrections)), Look.ATTENTION))  # fmt: skip
    if budget.omitted:
        words.append(Paragraph(text("{count} images are left out, to keep this file small; they lie in the run's "
                                    "folder.", count=budget.omitted), Look.ATTENTION))  # fmt: skip
    yield Section("details", text("Corrections one by one"), tuple(words), page=True)
    yield from sections
