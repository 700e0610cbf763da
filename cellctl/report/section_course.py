"""The course of a run: defect rates, set-points, measured values, latency, and what defects there were."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import TypeVar

from cellctl.errors import Text, Translate, text
from cellctl.model import Regulation
from cellctl.report import numbers
from cellctl.report.chart_rates import draw_rates
from cellctl.report.chart_small import draw_pareto, draw_stages
from cellctl.report.chart_values import draw_measured, draw_setpoints
from cellctl.report.document import Block, Cell, Column, Figure, Look, Paragraph, Section, Table
from cellctl.report.rates import Move, RatePanel, inspected_m, panels
from cellctl.report.run_record import RunRecord
from cellctl.report.stages import ARRIVE, Stage, acted_stages, reaction, seen_stages
from cellctl.report.traces import Measured, Trace, measured, setpoint_traces
from cellctl.report.travel import Travel
from cellctl.report.words import axis, subject

T = TypeVar("T")
MOST_RATES, MOST_VALUES = 5, 7
"""Panels of one figure: with more it does not fit on a page."""


def rates(
    run: RunRecord, travel: Travel, moves: dict[tuple[str, str], list[Move]], say: Translate, *, advised: bool = False
) -> Section:
    """Defect rate over metres, with what the cell did."""
    found = panels(run, moves)
    busy = [panel for panel in found if panel.counted_m or panel.unsure_m or panel.moves]
    blocks: list[Block] = []
    metres = _metres(run, travel, busy)
    blocks += [_rate_figure(shown, metres, say, advised=advised) for shown in chunks(busy, MOST_RATES)]
    quiet = [subject(panel.defect, panel.side) for panel in found if panel not in busy]
    if quiet:
        blocks.append(Paragraph(text("Watched, and nothing was seen of: {classes}.", classes=_list(quiet, say))))
    if not found:
        blocks.append(Paragraph(text("No loop watches a class, or no frame was judged: there is no rate to show.")))
    return Section("rates", text("Defect rate over metres"), tuple(blocks))


def chunks(items: list[T], most: int) -> list[list[T]]:
    """As few groups as there can be of at most so many items, all about equally long."""
    count = -(-len(items) // most)
    bounds = [len(items) * number // count for number in range(count + 1)] if count else []
    return [items[begin:end] for begin, end in pairwise(bounds)]


def _metres(run: RunRecord, travel: Travel, shown: list[RatePanel]) -> tuple[float, float]:
    """The same metres as in the charts below; those of the material itself where no encoder is on record."""
    if travel.in_metres:
        return travel.whole(run.end_ns)
    edges = [it for panel in shown for it in (panel.edges_m[0], panel.edges_m[-1])]
    return min(edges, default=0.0), max(edges, default=1.0)


def _rate_figure(shown: list[RatePanel], metres: tuple[float, float], say: Translate, *, advised: bool) -> Figure:
    widths = sorted({panel.edges_m[1] - panel.edges_m[0] for panel in shown})
    lengths = " / ".join(numbers.number(width) for width in widths)
    named = _list([subject(panel.defect, panel.side) for panel in shown], say)
    alt = text("Defect rate over metres of {classes}; marks of moves: {moves}", classes=named,
               moves=sum(len(panel.moves) for panel in shown))  # fmt: skip
    caption = text("Objects that count (confident enough for their loop) per inspected metre, in stretches of "
                   "{lengths} m. Each tick under the axis is one object. The numbers are those of the table "
                   "below. A gap in the line: nothing was inspected there.", lengths=lengths)  # fmt: skip
    return Figure(draw_rates(shown, *metres, say, advised=advised), alt, caption)


def _list(items: list[Text | str], say: Translate) -> str:
    return "; ".join(it.said(say) if isinstance(it, Text) else it for it in items)


def setpoints(run: RunRecord, travel: Travel, say: Translate) -> Section | None:
    """What was asked for, and what was in force; None for a cell that moves nothing."""
    traces = setpoint_traces(run, travel)
    if not traces:
        return None
    moved = [trace for trace in traces if trace.moved and trace.in_force]
    blocks: list[Block] = []
    for part in chunks(moved, MOST_VALUES):
        alt = text("Set-points over metres: {tags}", tags=", ".join(it.setpoint.tag for it in part))
        caption = text("Value in force, read back from the controller. Triangles are confirmed moves of corrections; "
                       "the moves of regulators are in the line alone.")  # fmt: skip
        drawn = draw_setpoints(part, *travel.whole(run.end_ns), axis(in_metres=travel.in_metres).said(say), say)
        blocks.append(Figure(drawn, alt, caption))
    blocks.append(_setpoint_table(traces))
    return Section("setpoints", text("Set-points and values in force"), tuple(blocks))


def _setpoint_table(traces: list[Trace]) -> Table:
    columns = (
        Column(text("set-point")), Column(text("recipe"), True), Column(text("allowed"), True),
        Column(text("first in force"), True), Column(text("last in force"), True),
        Column(text("corrections' moves"), True), Column(text("regulator's moves"), True),
        Column(text("refused"), True),
    )  # fmt: skip
    rows = []
    for trace in traces:
        point, force = trace.setpoint, trace.in_force
        away = bool(force) and abs(force[-1][1] - point.recipe) > point.resolution
        rows.append((
            point.tag, numbers.value(point.recipe, point.unit),
            f"{numbers.number(point.minimum, 5)} … {numbers.value(point.maximum, point.unit)}",
            numbers.value(force[0][1], point.unit) if force else "–",
            Cell(numbers.value(force[-1][1], point.unit) if force else "–", Look.ATTENTION if away else Look.PLAIN),
            str(len(trace.asked)), str(trace.regulated),
            Cell(str(len(trace.refused)), Look.ATTENTION if trace.refused else Look.PLAIN),
        ))  # fmt: skip
    return Table(columns, tuple(rows))


def process(run: RunRecord, travel: Travel, say: Translate) -> Section | None:
    """Characteristics such as the film weight, then the other measured values; and what the regulators did.

    None for a cell that measures nothing.
    """
    if run.cell is None or not any((run.cell.web.speed, run.cell.characteristics, run.readings)):
        return None
    values = measured(run, travel)
    held = [it for it in values if it.characteristic is not None]
    others = [it for it in values if it.characteristic is None]
    blocks: list[Block] = []
    for part in chunks(held, MOST_VALUES):
        caption = text("Characteristics over the material that was under the gauge when they were measured.")
        blocks.append(_measured(run, part, travel, caption, say))
    if run.regulations:
        blocks.append(_regulators(run))
    blocks += [_measured(run, part, travel, "", say) for part in chunks(others, MOST_VALUES)]
    doubtful = [f"{it.tag} ({it.doubtful})" for it in values if it.doubtful]
    if doubtful:
        words = text("Readings that were not Good, and are left out: {tags}.", tags=", ".join(doubtful))
        blocks.append(Paragraph(words, Look.ATTENTION))
    if not values:
        blocks.append(Paragraph(text("No measured value is on record.")))
    weighed = any("weight" in it.name for it in run.cell.characteristics)
    title = text("Film weight and other measured values") if weighed else text("Measured values")
    return Section("process", title, tuple(blocks))


def _measured(run: RunRecord, values: list[Measured], travel: Travel, caption: Text | str, say: Translate) -> Figure:
    alt = text("Measured values over metres: {tags}", tags=", ".join(it.tag for it in values))
    drawn = draw_measured(values, *travel.whole(run.end_ns), axis(in_metres=travel.in_metres).said(say), say)
    return Figure(drawn, alt, caption)


def _regulators(run: RunRecord) -> Table:
    grouped: dict[str, list[Regulation]] = defaultdict(list)
    for report in run.regulations:
        grouped[report.regulator].append(report)
    columns = (
        Column(text("regulator")), Column(text("holds")), Column(text("target"), True), Column(text("mean"), True),
        Column(text("deviation"), True), Column(text("outside tolerance"), True), Column(text("readings"), True),
        Column(text("moves"), True), Column(text("stood still"), True),
    )  # fmt: skip
    rows = tuple(_regulator(name, reports) for name, reports in grouped.items())
    return Table(columns, rows, note=text("Over the whole run; the deviation is that within the reports' periods."))


def _regulator(name: str, reports: list[Regulation]) -> tuple[object, ...]:
    last, count = reports[-1], sum(it.measurements for it in reports)

    def over(field: str, power: int = 1) -> float:
        return sum(getattr(it, field) ** power * it.measurements for it in reports) / count if count else 0.0

    frozen = sum(it.frozen for it in reports) / len(reports)
    outside = over("outside")
    return (
        name, last.characteristic, numbers.value(last.target, last.unit),
        numbers.value(over("mean"), last.unit) if count else "–",
        f"{numbers.number(over('deviation', 2) ** 0.5)} {last.unit}" if count else "–",
        Cell(numbers.share(outside) if count else "–", Look.ATTENTION if outside > 0.05 else Look.PLAIN),
        str(count), str(sum(it.moves for it in reports)), numbers.share(frozen),
    )  # fmt: skip


def latency(run: RunRecord, say: Translate) -> Section:
    """From light to set-point, stage by stage."""
    acted, seen = acted_stages(run), seen_stages(run)
    blocks: list[Block] = []
    deadlines = {it.deadline_s for it in run.cell.loops} if run.cell is not None else set()
    deadline_ns = 1e9 * min(deadlines, default=0.0)
    until = [stage for stage in acted if stage.name is not ARRIVE]
    if sum(stage.longest_ns > 0 for stage in until) > 1:
        caption = text("Over the corrections of this run, up to the first increment: the median of each stage after "
                       "those before it; the thin line reaches to the longest.")  # fmt: skip
        alt = text("Latency per stage of {count} corrections", count=max(stage.count for stage in until))
        blocks.append(Figure(draw_stages(until, deadline_ns, say), alt, caption))
    blocks.append(_stage_table(run, seen, acted, deadline_ns))
    blocks += [Paragraph(words, Look.QUIET) for words in _latency_notes(run, seen, acted)]
    return Section("latency", text("Latency per stage"), tuple(blocks))


def _latency_notes(run: RunRecord, seen: list[Stage], acted: list[Stage]) -> Iterator[Text]:
    if run.is_virtual:
        yield text("In virtual time handlers take no time unless the configuration states how much; these figures "
                   "show the camera's block and the controller's scan, not a computer's speed.")  # fmt: skip
    if run.seen and not seen:
        yield text("When frames were received and judged is not on record in this run.")
    if acted:
        yield text("The last stage is the ramp that the envelope allows; it is not part of the deadline.")


def _stage_table(run: RunRecord, seen: list[Stage], acted: list[Stage], deadline_ns: float) -> Table:
    columns = (Column(text("stage")), Column(text("measured"), True), Column(text("median"), True),
               Column(text("longest"), True), Column(text("which")))  # fmt: skip
    rows = [_stage(stage, text("all objects: {stage}", stage=stage.name)) for stage in seen]
    rows += [_stage(stage, text("corrections: {stage}", stage=stage.name)) for stage in acted]
    whole = reaction(run)
    if whole is not None:
        late = 0.0 < deadline_ns < whole.longest_ns
        rows.append(_stage(whole, text("corrections: {stage}, deadline {deadline}", stage=whole.name,
                                       deadline=numbers.milliseconds(deadline_ns)), late=late))  # fmt: skip
    return Table(columns, tuple(rows), empty=text("Nothing was seen, so there is no latency to show."))


def _stage(stage: Stage, name: Text, *, late: bool = False) -> tuple[object, ...]:
    longest = Cell(numbers.milliseconds(stage.longest_ns), Look.ATTENTION if late else Look.PLAIN)
    return name, str(stage.count), numbers.milliseconds(stage.median_ns), longest, stage.of if stage.longest_ns else "–"


def pareto(run: RunRecord, say: Translate) -> Section:
    """Which classes there were, most frequent first."""
    counts = Counter(it.object.defect for it in run.seen.values())
    if not counts:
        return Section("pareto", text("Pareto of defects"), (Paragraph(text("No object was seen.")),))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    causes = {row.name: row.cause for row in run.cell.defects} if run.cell is not None else {}
    metres = max(inspected_m(run).values(), default=0.0)
    columns = (Column(text("class")), Column(text("objects"), True), Column(text("share"), True),
               Column(text("per metre"), True), Column(text("left / right / area"), True),
               Column(text("cause, as configured")))  # fmt: skip
    sides = Counter((it.object.defect, it.object.web.side.value) for it in run.seen.values())
    rows = tuple(
        (name, str(count), numbers.share(count / counts.total()),
         numbers.number(count / metres, 2) if metres else "–",
         " / ".join(str(sides[name, side]) for side in ("left", "right", "none")), causes.get(name, "–"))
        for name, count in ordered
    )  # fmt: skip
    alt = text("Pareto of {count} objects, most frequent {name}", count=counts.total(), name=ordered[0][0])
    figure = Figure(draw_pareto(ordered, say), alt)
    note = text("All objects, sure and unsure, of all cameras; per metre of the camera that inspected most.")
    return Section("pareto", text("Pareto of defects"), (figure, Table(columns, rows, note=note)))
