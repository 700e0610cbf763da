"""The account of a bench run: what became of every object that the line placed, not of the survivors alone."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

from cellctl.clock import NS_PER_MS
from cellctl.model import Correction, Kind, Outcome, WritePhase, WriteResult
from cellctl.runtime.histogram import Histogram
from cellsim.figures import FIXABLE, MATCH_MM
from cellsim.trial import Outcomes

STOPPED = "the run ended"
HANDLED_NS = 200 * NS_PER_MS
"""An object is handled within this time after its exposure; a side that was busy at any moment of it explains it."""
_BY_THE_STOP = ("state:", "safe-state:", "safe state")


def account(outcomes: Outcomes) -> dict[str, Any]:
    """Objects and proposals of the measured stretch, each counted once.

    The stretch reaches from the object of the first correction to that of the last one, as the ledger holds them.
    Of the objects that the line placed there, `acted_on` led to a proposal, `busy` came while the move before on their
    side was not finished, and `unaccounted` did neither: missed, or kept from acting. Of the proposals, `confirmed`
    had their first increment confirmed, `refused` were refused for `reasons`, `stopped` were cut off by the end of the
    run, and of `unknown` the guard could not say, or nobody said, what became of them.
    """
    ends = _ends(outcomes)
    objects = _objects(outcomes.corrections, outcomes.truth)
    refused = {reason: count for (end, reason), count in ends.items() if end == "refused"}
    return {
        "objects_placed": sum(objects.values()),
        **{name: objects[name] for name in ("acted_on", "busy", "unaccounted")},
        "proposals": sum(ends.values()),
        "confirmed": _count(ends, "confirmed"),
        "refused": sum(refused.values()),
        "reasons": refused,
        "stopped": _count(ends, "stopped"),
        "unknown": _count(ends, "unknown"),
    }


def is_balanced(figures: dict[str, Any]) -> bool:
    """Whether every object and every proposal is explained, and none by an unknown outcome.

    A refusal is an explanation, with its reason; its move counts as a miss in the percentiles (`with_misses`).
    """
    unexplained = figures["unknown"] + figures["unaccounted"]
    ended = figures["confirmed"] + figures["stopped"] + figures["refused"]
    placed = figures["acted_on"] + figures["busy"]
    return bool(unexplained == 0 and figures["proposals"] == ended and figures["objects_placed"] == placed)


def with_misses(times: Histogram, missed: int) -> dict[str, float | None]:
    """Percentiles, ms, in which every missed move took longer than any other; None where that is the answer."""
    total = times.n + missed
    ranks = {name: q * total / times.n if times.n else 2.0 for name, q in (("p50", 0.5), ("p99", 0.99))}
    return {name: round(times.quantile_ms(q), 2) if q <= 1.0 else None for name, q in ranks.items()}


def first_increments(results: tuple[WriteResult, ...]) -> tuple[Histogram, Histogram]:
    """Exposure → first increment in force of every step in the ledger, from the block's last and first line."""
    from_exposure, from_first_line = Histogram(), Histogram()
    for result in results:
        if _is_in_force(result):
            from_exposure.add(result.stamp.t_ns - result.exposure_ns)
            from_first_line.add(result.stamp.t_ns - result.first_line_ns)
    return from_exposure, from_first_line


def _count(ends: Counter[tuple[str, str]], wanted: str) -> int:
    return sum(count for (end, _), count in ends.items() if end == wanted)


def _ends(outcomes: Outcomes) -> Counter[tuple[str, str]]:
    """How the proposals ended, each with a reason where there is one."""
    said: dict[str, list[WriteResult]] = {}
    for result in outcomes.results:
        said.setdefault(result.transaction, []).append(result)
    return Counter(_end(correction, said.get(correction.transaction, [])) for correction in outcomes.corrections)


def _end(correction: Correction, results: list[WriteResult]) -> tuple[str, str]:
    if any(result.outcome is Outcome.UNKNOWN for result in results):
        return "unknown", ""
    steps = [result for result in results if result.kind is Kind.STEP]
    if any(_is_in_force(result) for result in steps):
        return "confirmed", ""
    reason = next((result.reason for result in steps if result.outcome is Outcome.REFUSED), "")
    if (reason or correction.reason).startswith(_BY_THE_STOP):
        return "stopped", STOPPED
    return ("refused", reason) if reason else ("unknown", "")


def _is_in_force(result: WriteResult) -> bool:
    return (
        result.kind is Kind.STEP and result.phase is WritePhase.FIRST_INCREMENT and result.outcome is Outcome.CONFIRMED
    )


def _objects(corrections: tuple[Correction, ...], truth: list[dict[str, Any]]) -> Counter[str]:
    """What became of the objects of the fixable class that were placed in the measured stretch."""
    if not corrections:
        return Counter()
    ordered = sorted(corrections, key=lambda seen: seen.alarm_s_mm)
    first, last = ordered[0], ordered[-1]
    sides = {side: list(group) for side, group in groupby(sorted(ordered, key=_side), key=_side)}
    ns_per_mm = (last.exposure_ns - first.exposure_ns) / max(1.0, last.alarm_s_mm - first.alarm_s_mm)
    found: Counter[str] = Counter()
    for thing in truth:
        if thing["record"] != "object" or thing["defect"] != FIXABLE:
            continue
        low_mm, high_mm = thing["from_mm"] - MATCH_MM, thing["to_mm"] + MATCH_MM
        if high_mm < first.alarm_s_mm or low_mm > last.alarm_s_mm:
            continue
        exposed_ns = first.exposure_ns + (thing["s_mm"] - first.alarm_s_mm) * ns_per_mm
        found[_became(sides.get(thing["side"], []), low_mm, high_mm, exposed_ns)] += 1
    return found


def _became(corrections: list[Correction], low_mm: float, high_mm: float, exposed_ns: float) -> str:
    """What became of one object, given its side's corrections."""
    if any(low_mm <= seen.s_mm <= high_mm for correction in corrections for seen in correction.evidence):
        return "acted_on"
    busy = any(_is_open(correction, exposed_ns) for correction in corrections)
    return "busy" if busy else "unaccounted"


def _is_open(correction: Correction, exposed_ns: float) -> bool:
    """Whether a correction was under way when an object exposed then was handled."""
    times_ns = correction.times_ns.values()
    return bool(times_ns) and min(times_ns) <= exposed_ns + HANDLED_NS and exposed_ns <= max(times_ns)


def _side(correction: Correction) -> str:
    return correction.side.value
