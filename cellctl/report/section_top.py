"""The head of a run's report: what it is about, what to know first, and what happened in five lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cellctl.config.resolved import ResolvedCell
from cellctl.errors import Text, joined, text
from cellctl.evidence import FrameTotals
from cellctl.model import EFFECTIVE_STATES, Judgement
from cellctl.report import numbers
from cellctl.report.document import Cell, Facts, Lines, Look, Paragraph, Section
from cellctl.report.rates import inspected_m
from cellctl.report.run_record import RunRecord
from cellctl.report.stages import reaction
from cellctl.report.words import subject

MOST_LOTS = 5
"""Named in the head; all are in the table of lots."""


def head(run: RunRecord) -> Facts:
    """Cell, product, lot and time."""
    rows: list[tuple[object, object]] = [(text("run folder"), run.folder.name)]
    cell = run.cell
    if cell is not None:
        rows += [
            (text("cell"), f"{cell.id} · {cell.path}" if cell.path else cell.id),
            (text("product and lot"), _made(run, cell)),
        ]
    begin, end = run.at(run.begin_ns), run.at(run.end_ns)
    if begin is not None and end is not None:
        length = numbers.duration(run.end_ns - run.begin_ns)
        rows.append((text("time on record"), f"{begin:%Y-%m-%d %H:%M:%S} – {end:%H:%M:%S} UTC · {length}"))
    return Facts(tuple(rows))


def _made(run: RunRecord, cell: ResolvedCell) -> str:
    """Every product with its lot, in the order in which they were made."""
    pairs = [(it.product, it.lot) for it in run.intervals] or [(cell.recipe.product, cell.lot)]
    made = [" · ".join(it for it in pair if it) for pair in dict.fromkeys(pairs)]
    more = f" … (+{len(made) - MOST_LOTS})" if len(made) > MOST_LOTS else ""
    return "; ".join(it for it in made[:MOST_LOTS] if it) + more or "–"


def warnings(run: RunRecord) -> Iterator[Paragraph]:
    """What the reader must know before anything else."""
    if not run.report.ok:
        failed = ", ".join(check.name for check in run.report.checks if not check.ok)
        yield _warning(text("The evidence of this run does NOT hold ({checks}): what follows is what its folder says, "
                            "not what is proven. The part on evidence names the faults.", checks=failed))  # fmt: skip
    if run.closed is None:
        yield _warning(
            text("This run was never closed: it is still going on, or it ended by a crash. The end may be missing.")
        )
    if run.cell is None:
        yield _warning(text("The configuration on record cannot be read, so this report shows only a part."))
    if run.unreadable:
        yield _warning(text("Records of a form that this version does not know, and that are not shown: {count}.",
                            count=run.unreadable))  # fmt: skip
    if run.has_world:
        yield Paragraph(
            text("This run was made in virtual time against a simulated plant. Nothing of it happened on a line.")
        )
    elif run.is_virtual:
        yield Paragraph(text("This run was made of files, in virtual time: its times are not those of a line."))


def _warning(words: Text) -> Paragraph:
    return Paragraph(words, Look.ATTENTION)


def five_lines(run: RunRecord) -> Section:
    """What happened, in five lines."""
    rows = (
        (text("Run"), _ran(run)),
        (text("Seen"), seen(run)),
        (text("Done"), _done(run)),
        (text("People"), _people(run)),
        (text("Evidence"), _evidence(run)),
    )
    return Section("summary", text("What happened"), (Lines(rows),))


def frames_of(run: RunRecord) -> dict[str, FrameTotals]:
    """Camera → its frames, added up from the coverage records."""
    totals: dict[str, FrameTotals] = {}
    for _, part in run.covered:
        totals[part.camera] = totals.get(part.camera, FrameTotals()).plus(part)
    return totals


def _ran(run: RunRecord) -> Cell:
    frames = frames_of(run)
    judged = sum(it.frames for it in frames.values())
    lost = sum(last - first + 1 for it in frames.values() for first, last in it.lost)
    unsure = sum(it.counts.get("INDETERMINATE", 0) for it in frames.values())
    length = numbers.duration(run.end_ns - run.begin_ns)
    metres = max(inspected_m(run).values(), default=0.0)
    words = text("{length}; {metres} m of web inspected. Cameras: {cameras}; frames judged: {judged}, lost: {lost}, "
                 "not to be judged: {unsure}.", length=length, metres=f"{metres:.0f}", cameras=len(frames),
                 judged=judged, lost=lost, unsure=unsure)  # fmt: skip
    if run.windows:
        words = joined((words, _listened(run)), " ")
    doubtful = any(it.lost_windows or it.judgement is Judgement.INDETERMINATE for it in run.windows)
    blind = not judged and not run.windows  # a run that saw nothing must not look like one without faults
    return Cell(words, Look.ATTENTION if lost or unsure or doubtful or blind else Look.PLAIN)


def _listened(run: RunRecord) -> Text:
    counts = Counter(it.judgement for it in run.windows)
    return text("Windows of vibration judged: {judged} (NG: {bad}), lost: {lost}, not to be judged: {unsure}.",
                judged=len(run.windows), bad=counts[Judgement.NG], unsure=counts[Judgement.INDETERMINATE],
                lost=sum(it.lost_windows for it in run.windows))  # fmt: skip


def seen(run: RunRecord) -> Cell:
    """The line on objects; that there was none is said of what could be judged, and of nothing else."""
    counts = Counter((it.object.defect, it.object.web.side.value) for it in run.seen.values())
    if not counts:
        frames = frames_of(run).values()
        unsure = any(it.lost or it.counts.get("INDETERMINATE", 0) for it in frames)
        if unsure and not any(inspected_m(run).values()):
            return Cell(text("Nothing: no frame could be judged."), Look.ATTENTION)
        return Cell(text("No object in what could be judged.") if unsure else text("No object."))
    (defect, side), most = counts.most_common(1)[0]
    return Cell(text("Objects: {count}, of {classes} classes. Most frequent: {subject}, {most} of them ({share}).",
                     count=counts.total(), classes=len({it[0] for it in counts}), subject=subject(defect, side),
                     most=most, share=numbers.share(most / counts.total())))  # fmt: skip


def _done(run: RunRecord) -> Cell:
    if not run.corrections:
        asked = len(run.advices)
        return Cell(text("No correction was made. Advices: {count}.", count=asked)
                    if asked else text("No correction was made, and none was advised."))  # fmt: skip
    states = Counter(it.state for it in run.corrections.values())
    listed = ", ".join(f"{count} {state.value}" for state, count in sorted(states.items()))
    bad = any(state not in EFFECTIVE_STATES for state in states)
    return Cell(text("Corrections: {count} ({listed}). {latency}", count=states.total(), listed=listed,
                     latency=_latency(run)), Look.ATTENTION if bad else Look.PLAIN)  # fmt: skip


def _latency(run: RunRecord) -> Text | str:
    stage = reaction(run)
    if stage is None:
        return ""
    return text("From exposure to the first increment in force: median {median}, longest {longest}.",
                median=numbers.milliseconds(stage.median_ns),
                longest=numbers.milliseconds(stage.longest_ns))  # fmt: skip


def _people(run: RunRecord) -> Cell:
    standing = len(standing_alarms(run))
    raised = sum(it.active for it in run.alarms)
    answered = {it.escalation for it in run.labels}
    unanswered = sum(it.id not in answered for it in run.escalations)
    words = text("Alarms raised: {raised}, standing at the end: {standing}. Nonconformities: {filed}. Questions: "
                 "{asked}, without an answer: {open}.", raised=raised, standing=standing,
                 filed=len(run.nonconformities), asked=len(run.escalations), open=unanswered)  # fmt: skip
    return Cell(words, Look.ATTENTION if standing or run.nonconformities else Look.PLAIN)


def standing_alarms(run: RunRecord) -> list[str]:
    """Ids of the alarms that had not returned to normal at the end of the record."""
    active = {it.id: it.active for it in run.alarms}
    return [name for name, stands in active.items() if stands]


def _evidence(run: RunRecord) -> Cell:
    if run.report.ok:
        return Cell(text("It holds: {count} records, all {checks} checks.", count=run.report.records,
                         checks=len(run.report.checks)))  # fmt: skip
    failed = sum(not check.ok for check in run.report.checks)
    return Cell(text("It does NOT hold: {failed} of {checks} checks fail.", failed=failed,
                     checks=len(run.report.checks)), Look.ATTENTION)  # fmt: skip
