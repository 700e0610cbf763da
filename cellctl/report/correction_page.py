"""The page of one correction: what was seen, what was moved, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cellctl.config.resolved import Loop
from cellctl.errors import Text, Translate, joined, text
from cellctl.evidence.checks.poisson import decision_bound
from cellctl.model import Correction, Kind, Outcome, TransactionState, WriteResult
from cellctl.report import numbers
from cellctl.report.chart_small import draw_test
from cellctl.report.document import (
    Block,
    Cell,
    Column,
    Facts,
    Figure,
    Look,
    Paragraph,
    Picture,
    Pictures,
    Section,
    Table,
)  # fmt: skip
from cellctl.report.moves import Moves
from cellctl.report.numbers import drawable
from cellctl.report.run_record import RunRecord
from cellctl.report.stages import stages_of
from cellctl.report.words import MEANS, subject

MOST_IMAGES = 3
"""Of one correction."""
IMAGE_BYTES = 1_500_000
"""Of all images in a report: with the charts and pages it stays below 5 MB."""
MOST_RESULTS = 12
"""Reports of moves on one page."""


LIFE = {state.value: place for place, state in enumerate(TransactionState)}
"""State → its place in a correction's life, for those entered at the same time."""


@dataclass
class Budget:
    """How many bytes of images a report still may hold, and how many images were left out."""

    left: int = IMAGE_BYTES
    omitted: int = 0

    def take(self, png: bytes | None) -> bytes | None:
        """The image if there is room for it."""
        if png is None or len(png) > self.left:
            self.omitted += png is not None
            return None
        self.left -= len(png)
        return png


def page_of(
    run: RunRecord, numbered: tuple[int, Correction], moves: Moves, budget: Budget, say: Translate, *, first: bool
) -> Section:
    """Everything on record of one correction; `first` stays on the page of the heading above it."""
    number, it = numbered
    loop = _loop(run, it)
    means = MEANS.get(it.state, text("under way when the record ended"))
    look = Look.PLAIN if it.state.was_effective else Look.ATTENTION
    blocks: list[Block] = [
        Paragraph(text("{state}: {means}.", state=it.state.value, means=means), look),
        Paragraph(text("In the record's words: {reason}", reason=it.reason or "–")),
        *_pictures(run, it, budget),
        Facts(tuple(_facts(run, it, moves))),
        *_test(it, loop, say),
        *_protected(it),
        _moves(run, moves.results.get(it.transaction, [])),
        _states(run, it),
    ]
    title = text("{number} · {transaction}", number=number, transaction=it.transaction)
    return Section(moves.anchors[it.transaction], title, tuple(blocks), page=not first, level=2)


def _loop(run: RunRecord, it: Correction) -> Loop | None:
    loops = run.cell.loops if run.cell is not None else ()
    return next((loop for loop in loops if (loop.name, loop.side) == (it.loop, it.side)), None)


def _pictures(run: RunRecord, it: Correction, budget: Budget) -> Iterator[Block]:
    """The objects that raised the alarm, the deciding one first."""
    items: list[Picture] = []
    for item in reversed(it.evidence):
        png = budget.take(run.image(item.roi)) if item.roi and len(items) < MOST_IMAGES else None
        if png is not None:
            caption = text("{object} at {place}: {defect}, confidence {confidence}", object=item.object_id,
                           place=numbers.metres(item.s_mm), defect=item.defect,
                           confidence=f"{item.confidence:.2f}")  # fmt: skip
            items.append(Picture(png, text("Image of {object}", object=item.object_id), caption))
    if items:
        yield Pictures(tuple(items))
    elif any(item.roi for item in it.evidence):
        yield Paragraph(text("The images of its objects are missing, damaged, or there was no room for them here."),
                        Look.ATTENTION)  # fmt: skip
    else:
        yield Paragraph(text("No image belongs to its objects: they were modelled, or too many came at once."),
                        Look.QUIET)  # fmt: skip


def _facts(run: RunRecord, it: Correction, moves: Moves) -> Iterator[tuple[object, object]]:
    yield text("class and lot"), text("{subject} · lot {lot}", subject=subject(it.defect, it.side.value),
                                      lot=it.lot or "–")  # fmt: skip
    objects = text("objects: {count}, the deciding one at {place}", count=len(it.evidence),
                   place=numbers.metres(it.alarm_s_mm))  # fmt: skip
    yield text("raised by"), objects
    yield text("rule"), it.rule
    yield text("set-point"), _set_point(it, moves.results.get(it.transaction, []))
    at_m = moves.at_m.get((it.transaction, "step"))
    if at_m is not None:
        yield text("in force at"), text("{place} m of the encoder, {time} UTC", place=f"{at_m:.1f}",
                                        time=numbers.clock(run.at(it.target_in_force_ns)))  # fmt: skip
    yield text("intent in the journal"), _intent(run, it)
    if it.registers:
        listed = tuple(dict.fromkeys(numbers.grouped(item) for item in it.registers))
        yield text("register bytes, first and last"), Cell("  |  ".join(listed), code=True)
    stages = stages_of(run, it)
    if stages:
        yield text("latency"), _stages(stages)
    if it.verify_from_mm and it.curve:
        yield text("tested"), text("{metres} m made from {place} on, {events} objects in it; before: {baseline}",
                                   metres=f"{it.curve[-1].metres:.1f}", place=numbers.metres(it.verify_from_mm),
                                   events=it.curve[-1].events, baseline=numbers.rate(it.baseline_per_m)
                                   if it.baseline_per_m else text("one object that went on"))  # fmt: skip
    yield from _release(run, it, moves)


def _set_point(it: Correction, results: list[WriteResult]) -> Text:
    """What the move itself wrote and put in force; what came of it after a way back is said as later."""
    steps = [result for result in results if result.kind is Kind.STEP]
    written = next((step.written for step in reversed(steps) if step.written is not None), it.written)
    in_force = next((step.in_force for step in reversed(steps) if step.in_force is not None), it.in_force)
    reached, later = numbers.value(in_force, it.unit), numbers.value(it.in_force, it.unit)
    values = {"tag": it.tag, "old": numbers.value(it.old, it.unit), "proposed": numbers.value(it.proposed, it.unit),
              "written": numbers.value(written, it.unit), "in_force": reached}  # fmt: skip
    if it.in_force is None or later == reached:
        return text("{tag}: {old} → {proposed}; written {written}, in force {in_force}", **values)
    return text("{tag}: {old} → {proposed}; written {written}, in force {in_force}, later {later}", later=later,
                **values)  # fmt: skip


def _stages(stages: list[tuple[Text, int]]) -> Text:
    """All stages in one line."""
    return joined(text("{stage} {length}", stage=name, length=numbers.milliseconds(length)) for name, length in stages)


def _intent(run: RunRecord, it: Correction) -> Text:
    intent = run.intents.get((it.transaction, "step"))
    if intent is None:
        return text("none found")
    return text("record {sequence} of {file}, stored at {time} UTC", sequence=intent.sequence, file=intent.file,
                time=numbers.clock(run.at(intent.t_ns)))  # fmt: skip


def _release(run: RunRecord, it: Correction, moves: Moves) -> Iterator[tuple[object, object]]:
    if it.confirms:
        yield text("repeats"), Cell(it.confirms, link=moves.anchors.get(it.confirms, ""))
    released = it.released
    if released is None:
        yield text("taken back"), text("no")
    else:
        watched = text("{metres} m watched, {objects} objects came", metres=f"{released.metres:.1f}",
                       objects=len(released.objects))  # fmt: skip
        spoilt = text("the watch was spoilt and says nothing")
        yield text("taken back"), text(
            "to {target}, in force at {time} UTC; {watch}", target=numbers.value(released.target, it.unit),
            time=numbers.clock(run.at(released.in_force_ns) if released.in_force_ns else None),
            watch=watched if released.judged else spoilt,
        )  # fmt: skip
    if it.confirmed_by:
        yield text("proven by"), Cell(it.confirmed_by, link=moves.anchors.get(it.confirmed_by, ""))


def _test(it: Correction, loop: Loop | None, say: Translate) -> Iterator[Block]:
    if loop is None or not it.curve or not drawable(*(value for it in it.curve for value in (it.metres, it.llr))):
        return
    last = it.curve[-1]
    if loop.watch.persists_m:
        yield Paragraph(text("Its test looks for one object: {events} went on at its place within {metres} m made "
                             "after the move. It compares no rate.", events=last.events,
                             metres=f"{last.metres:.1f}"))  # fmt: skip
    elif len(it.curve) > 1 or last.metres:
        bound = decision_bound(loop.verify)
        if not drawable(bound):
            return
        alt = text("Test of {transaction}: log-likelihood ratio {ratio} after {metres} m, bounds ±{bound}",
                   transaction=it.transaction, ratio=f"{last.llr:.2f}", metres=f"{last.metres:.1f}",
                   bound=f"{bound:.2f}")  # fmt: skip
        caption = text("Did the rate fall to {expect} of {baseline}? Rising: metres without an object. Falling: an "
                       "object. The risk of a wrong answer at either bound is {risk}.",
                       expect=numbers.share(loop.verify.expect), baseline=numbers.rate(it.baseline_per_m),
                       risk=numbers.share(loop.verify.risk))  # fmt: skip
        yield Figure(draw_test(it.curve, loop.verify.expect, bound, say), alt, caption)


def _protected(it: Correction) -> Iterator[Block]:
    """Classes and characteristics that must not get worse, before and after."""
    columns: tuple[Column, ...]
    if it.protected:
        columns = (Column(text("protected class")), Column(text("before"), True), Column(text("after"), True))
        rows = tuple(
            (name, text("{events} in {metres} m", events=before, metres=f"{before_m:.1f}"),
             text("{events} in {metres} m", events=after, metres=f"{after_m:.1f}"))
            for name, (before, before_m, after, after_m) in sorted(it.protected.items())
        )  # fmt: skip
        yield Table(columns, rows)
    if it.protected_values:
        columns = (Column(text("protected characteristic")), Column(text("mean before"), True),
                   Column(text("mean after"), True), Column(text("shift"), True), Column(text("allowed"), True),
                   Column(text("margin"), True), Column(text("over"), True))  # fmt: skip
        values = []
        for name, shift in sorted(it.protected_values.items()):
            moved = shift.after.mean - shift.before.mean
            wide = abs(moved) - shift.margin > shift.change
            values.append((
                name, numbers.number(shift.before.mean, 5), numbers.number(shift.after.mean, 5),
                Cell(f"{moved:+.3g}", Look.ATTENTION if wide else Look.PLAIN), f"±{numbers.number(shift.change)}",
                numbers.number(shift.margin), f"{shift.length_m:.1f} m",
            ))  # fmt: skip
        yield Table(columns, tuple(values))


def _moves(run: RunRecord, results: list[WriteResult]) -> Table:
    columns = (Column(text("report of the guard")), Column(text("moment")), Column(text("outcome")),
               Column(text("at"), True), Column(text("encoder"), True), Column(text("target"), True),
               Column(text("in force"), True), Column(text("why not"))) if results else ()  # fmt: skip
    rows = tuple(
        (it.kind.value, it.phase.value,
         Cell(it.outcome.value, Look.PLAIN if it.outcome is Outcome.CONFIRMED else Look.ATTENTION),
         numbers.clock(run.at(it.stamp.t_ns)), f"{it.encoder_mm / 1000.0:.2f} m",
         numbers.value(it.proposed, it.unit), numbers.value(it.in_force, it.unit), it.reason or "–")
        for it in results[:MOST_RESULTS]
    )  # fmt: skip
    more = len(results) - MOST_RESULTS
    note = text("{count} more are in the ledger.", count=more) if more > 0 else ""
    return Table(columns, rows, text("The guard reported nothing of it."), note)


def _states(run: RunRecord, it: Correction) -> Table:
    columns = (Column(text("state")), Column(text("entered at")), Column(text("after the state before"), True))
    rows, before = [], 0
    for state, at_ns in sorted(it.times_ns.items(), key=lambda item: (item[1], LIFE.get(item[0], 0))):
        rows.append((state, numbers.clock(run.at(at_ns)), numbers.span(at_ns - before) if before else "–"))
        before = at_ns
    return Table(columns, tuple(rows))
