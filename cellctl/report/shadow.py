"""What loops that did not act would have done: each advice, what was expected of it, and what became of the rate."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from cellctl.errors import Text, Translate, text
from cellctl.model import Advice, AdviceState
from cellctl.report import numbers
from cellctl.report.document import Block, Cell, Column, Document, Look, Paragraph, Section, Table
from cellctl.report.rates import Move, inspected_m
from cellctl.report.run_record import RunRecord
from cellctl.report.section_course import rates
from cellctl.report.section_evidence import evidence
from cellctl.report.section_top import head, warnings
from cellctl.report.style import styled
from cellctl.report.travel import Travel
from cellctl.report.words import BECAME, subject

A = AdviceState
WORTH = text(
    "A predicted gain is the word of the influence matrix in the configuration. Nothing was moved, so nothing here "
    "shows that a move would have helped. What was measured is what became of the rate by itself."
)
"""What such a prediction is worth."""
WORTH_OF_WORDS = text(
    "These loops say in words what a person should do; how much that helps is not known. What was measured is what "
    "became of the rate, whether anybody followed the advice or not."
)
"""The same where nothing is predicted."""
Z95 = 1.959964
ENOUGH = 10
"""Advices with a clear answer before a share of them is worth a number: of fewer the interval is most of the scale."""
ADVISING = frozenset({"shadow", "advisory"})
"""Levels at which a loop advises."""


class Sums(msgspec.Struct, frozen=True):
    """The advices of one loop on one edge.

    Attributes:
        loop: its name and edge.
        advices: how many.
        persisted: after which the rate stayed up.
        fell: after which it fell by itself.
        other: without either answer.
        gain: mean share of the rate that was expected to go; None of a loop that advises in words: nobody knows.
        metres: inspected material in which nothing was moved after an advice.
        objects: of the class in it.
        drift: largest share of the drift budget that a move would have taken.
    """

    loop: str
    advices: int
    persisted: int
    fell: int
    other: int
    gain: float | None
    metres: float
    objects: int
    drift: float


def sums(run: RunRecord) -> list[Sums]:
    """One for each loop and edge that gave an advice."""
    grouped: dict[str, list[Advice]] = defaultdict(list)
    for it in run.advices.values():
        grouped[it.loop if it.side == "none" else f"{it.loop} {it.side.value}"].append(it)
    return [_sum(name, advices) for name, advices in grouped.items()]


def _sum(name: str, advices: list[Advice]) -> Sums:
    states = Counter(it.state for it in advices)
    ends = [it.curve[-1] for it in advices if it.curve]
    return Sums(
        loop=name,
        advices=len(advices),
        persisted=states[A.PERSISTED],
        fell=states[A.FELL],
        other=len(advices) - states[A.PERSISTED] - states[A.FELL],
        gain=None if any(it.words for it in advices) else sum(it.gain for it in advices) / len(advices),
        metres=sum(point.metres for point in ends),
        objects=sum(point.events for point in ends),
        drift=max(it.drift_share for it in advices),
    )


def interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (J. Am. Stat. Assoc. 22, 1927); `count` above 0."""
    share, square = hits / count, Z95 * Z95
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z95 / (1 + square / count) * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def verdict_on(run: RunRecord) -> Text:
    """How far a later success may be trusted, from what became of the rates here."""
    states = Counter(it.state for it in run.advices.values())
    decided = states[A.PERSISTED] + states[A.FELL]
    if not decided:
        return text(
            "No advice ended with a clear answer, so this run says nothing on how often a fault ends by itself."
        )
    if decided < ENOUGH:
        return text(
            "After {fell} of {decided} advices with a clear answer the rate fell by itself: a move would have been "
            "given credit for that. So few say nothing on how far later verdicts EFFECTIVE may be trusted: at least "
            "{enough} are needed.", fell=states[A.FELL], decided=decided, enough=ENOUGH,
        )  # fmt: skip
    low, high = interval(states[A.FELL], decided)
    return text(
        "After {fell} of {decided} advices with a clear answer the rate fell by itself: a move would have been given "
        "credit for that. So at least this share of later verdicts EFFECTIVE is not to be trusted until a release has "
        "shown that the move is needed: {low} to {high} (95 % interval).", fell=states[A.FELL], decided=decided,
        low=numbers.share(low), high=numbers.share(high),
    )  # fmt: skip


def shadow_text(run: RunRecord) -> Iterator[Text]:
    """The same in a few lines, for a terminal."""
    metres = max(inspected_m(run).values(), default=0.0)
    if run.advices:
        yield text("Advices: {count}; inspected: {metres} m in {length}", count=len(run.advices),
                   metres=f"{metres:.0f}", length=numbers.duration(run.end_ns - run.begin_ns))  # fmt: skip
    else:
        yield _none(run)
    for it in sums(run):
        yield text("{loop}: advices: {advices}; share of the objects expected to go: {gain}; the rate stayed up after "
                   "{persisted}, fell by itself after {fell}, no clear answer after {other}", loop=it.loop,
                   advices=it.advices, gain=_share(it.gain), persisted=it.persisted,
                   fell=it.fell, other=it.other)  # fmt: skip
    if run.advices:
        yield _worth(run)
        yield verdict_on(run)
    yield from (warning.words for warning in warnings(run) if warning.look is Look.ATTENTION)


def shadow_report(run: RunRecord, say: Translate) -> Document:
    """The report of what loops would have done."""
    travel = Travel(run)
    with styled():
        sections = [
            Section("summary", text("What the loops would have done"), tuple(_summary(run))),
            rates(run, travel, marks(run, travel), say, advised=True),
            advices(run, travel),
            evidence(run),
        ]
    return Document(
        title=text("Shadow report: {cell}", cell=run.cell.id if run.cell is not None else run.folder.name),
        facts=head(run),
        warnings=tuple(warnings(run)),
        sections=tuple(sections),
        end_ns=run.end_unix_ns,
    )


def _summary(run: RunRecord) -> Iterator[Block]:
    if not run.advices:
        yield Paragraph(_none(run))
        return
    columns = (
        Column(text("loop")), Column(text("advices"), True), Column(text("expected to go, mean"), True),
        Column(text("rate stayed up"), True), Column(text("fell by itself"), True),
        Column(text("no clear answer"), True), Column(text("material after them"), True),
        Column(text("objects in it"), True), Column(text("expected to go of these"), True),
        Column(text("drift budget, most"), True),
    )  # fmt: skip
    rows = tuple(
        (it.loop, str(it.advices), _share(it.gain), str(it.persisted), str(it.fell), str(it.other),
         f"{it.metres:.0f} m", str(it.objects), "–" if it.gain is None else numbers.number(it.gain * it.objects, 2),
         numbers.share(it.drift))
        for it in sums(run)
    )  # fmt: skip
    metres = max(inspected_m(run).values(), default=0.0)
    yield Paragraph(text("Inspected: {metres} m. Advices: {count}.", metres=f"{metres:.0f}", count=len(run.advices)))
    yield Table(columns, rows)
    yield Paragraph(_worth(run))
    yield Paragraph(verdict_on(run))


def _worth(run: RunRecord) -> Text:
    return WORTH if any(it.gain is not None for it in sums(run)) else WORTH_OF_WORDS


def _share(gain: float | None) -> str | Text:
    return text("not known") if gain is None else numbers.share(gain)


def _none(run: RunRecord) -> Text:
    loops = (*run.cell.loops, *run.cell.advising) if run.cell is not None else ()
    levels = ", ".join(dict.fromkeys(f"{it.name} {it.authority}" for it in loops))
    if not loops:
        return text("This cell has no loop that could advise.")
    if not any(it.authority in ADVISING for it in loops):
        return text("No loop of this run was in shadow or advisory, so there is no advice to report of; their "
                    "authority: {levels}. See `cellctl report` for what they did.", levels=levels)  # fmt: skip
    return text("No advice was given. The loops' authority: {levels}. A loop advises in shadow or advisory, when the "
                "rate of its class rises above its alarm rate.", levels=levels)  # fmt: skip


def marks(run: RunRecord, travel: Travel) -> dict[tuple[str, str], list[Move]]:
    """Each advice as a mark on the web, where the blade stood when it was given."""
    found: dict[tuple[str, str], list[Move]] = defaultdict(list)
    for number, it in enumerate(run.advices.values(), 1):
        at_m = travel.at(run.advised_ns[it.transaction]) if travel.in_metres else it.evidence[-1].s_mm / 1000.0
        found[it.defect, it.side.value].append(Move(number, it.state.value, True, at_m, None, None, None))
    return found


def advices(run: RunRecord, travel: Travel) -> Section:
    """Every advice: what, why, at what price, and what became of the rate."""
    columns = (
        Column(text("no."), True), Column(text("advice")), Column(text("at")), Column(text("class")),
        Column(text("set-point")), Column(text("move"), True), Column(text("expected to go"), True),
        Column(text("would get worse")), Column(text("drift budget"), True), Column(text("what became of the rate")),
    )  # fmt: skip
    rows = tuple(_advice(run, travel, number, it) for number, it in enumerate(run.advices.values(), 1))
    note = text("Expected: from the influence matrix. Drift budget: share of it that would be in use after the move.")
    table = Table(columns, rows, text("No advice was given."), note if rows else "")
    return Section("advices", text("Advices"), (table,))


def _advice(run: RunRecord, travel: Travel, number: int, it: Advice) -> tuple[object, ...]:
    given = run.advised_ns[it.transaction]
    place = text("{time}, {place} m", time=numbers.clock(run.at(given)), place=f"{travel.at(given):.0f}")
    worse = ", ".join(f"{name} × {factor:.2f}" for name, factor in sorted(it.side_effects.items()))
    level = f"{it.transaction} ({it.level})"
    return (
        str(number), level, place if travel.in_metres else numbers.clock(run.at(given)),
        subject(it.defect, it.side.value), it.tag or "–",
        it.words or f"{numbers.number(it.old, 5)} → {numbers.value(it.proposed, it.unit)}",
        _share(None if it.words else it.gain), worse or "–", numbers.share(it.drift_share),
        Cell(text("{state}: {became} ({reason})", state=it.state.value, became=BECAME[it.state], reason=it.reason)),
    )  # fmt: skip
