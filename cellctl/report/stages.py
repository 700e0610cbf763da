"""How long each stage of the way from light to set-point took, from the times on record."""

from __future__ import annotations

import msgspec

from cellctl.errors import Text, text
from cellctl.model import Correction, TransactionState
from cellctl.report.numbers import drawable
from cellctl.report.run_record import RunRecord

RECEIVE, JUDGE, DECIDE = text("exposure → received"), text("received → judged"), text("judged → decided")
INTEND, ACT = text("decided → intent on disk"), text("intent → first increment in force")
ARRIVE = text("first increment → target")
UNSEEN = text("exposure → decided")
TOTAL = text("exposure → first increment in force")


class Stage(msgspec.Struct, frozen=True):
    """One stage: how often it was measured, its median and its longest, ns, and whose that was."""

    name: Text
    count: int
    median_ns: int
    longest_ns: int
    of: str


def seen_stages(run: RunRecord) -> list[Stage]:
    """From exposure to judgement of every object's frame; empty when those times are not on record."""
    received: list[tuple[int, str]] = []
    judged: list[tuple[int, str]] = []
    for name, it in run.seen.items():
        if it.received_ns and it.judged_ns:
            received.append((it.received_ns - it.object.exposure_ns, name))
            judged.append((it.judged_ns - it.received_ns, name))
    return [_stage(RECEIVE, received), _stage(JUDGE, judged)] if received else []


def acted_stages(run: RunRecord) -> list[Stage]:
    """From the exposure of the deciding object to the whole move in force, over all corrections that came so far."""
    found: dict[str, list[tuple[int, str]]] = {}
    names: dict[str, Text] = {}
    for correction in unasked(run):
        for name, length in stages_of(run, correction):
            names[name.template] = name
            found.setdefault(name.template, []).append((length, correction.transaction))
    return [_stage(names[key], found[key]) for key in ORDER if key in found]


ORDER = tuple(it.template for it in (UNSEEN, RECEIVE, JUDGE, DECIDE, INTEND, ACT, ARRIVE))


def unasked(run: RunRecord) -> list[Correction]:
    """The corrections that waited for nobody: a loop with authority `confirm` moves when a person says yes."""
    loops = run.cell.loops if run.cell is not None else ()
    asking = {(loop.name, loop.side) for loop in loops if loop.authority == "confirm"}
    return [it for it in run.corrections.values() if (it.loop, it.side) not in asking]


def reaction(run: RunRecord) -> Stage | None:
    """From exposure to the first increment in force, over all corrections."""
    found = [
        (it.first_in_force_ns - it.exposure_ns, it.transaction)
        for it in unasked(run)
        if it.first_in_force_ns and it.exposure_ns and drawable(it.first_in_force_ns / 1e9, it.exposure_ns / 1e9)
    ]
    return _stage(TOTAL, found) if found else None


def stages_of(run: RunRecord, correction: Correction) -> list[tuple[Text, int]]:
    """The stages of one correction; one whose time is not on record is part of the next."""
    if not correction.exposure_ns:
        return []
    seen = run.seen.get(correction.evidence[-1].object_id) if correction.evidence else None
    decided = correction.times_ns.get(TransactionState.PROPOSED, 0)
    intent = run.intents.get((correction.transaction, "step"))
    known = seen is not None and seen.judged_ns > 0 and seen.object.exposure_ns == correction.exposure_ns
    marks = (
        (RECEIVE, seen.received_ns if known and seen is not None else 0),
        (JUDGE, seen.judged_ns if known and seen is not None else 0),
        (DECIDE if known else UNSEEN, decided),
        (INTEND, intent.t_ns if intent is not None else 0),
        (ACT, correction.first_in_force_ns),
        (ARRIVE, correction.target_in_force_ns),
    )
    stages, before = [], correction.exposure_ns
    for name, at_ns in marks:
        if at_ns:
            stages.append((name, at_ns - before))
            before = at_ns
    return stages


def _stage(name: Text, lengths: list[tuple[int, str]]) -> Stage:
    ordered = sorted(lengths)
    longest, of = ordered[-1]
    return Stage(name, len(ordered), ordered[len(ordered) // 2][0], longest, of)
