"""What the guard reported of the corrections' moves, and where on the web they came into force."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from cellctl.model import Kind, Outcome, WritePhase, WriteResult
from cellctl.report.numbers import drawable
from cellctl.report.rates import Move, move_of
from cellctl.report.run_record import RunRecord


@dataclass
class Moves:
    """What the guard reported, by transaction, and where the encoder stood when each kind of move was in force.

    `anchors` are the ids of the pages, by transaction: numbers, because a name may hold anything.
    """

    results: dict[str, list[WriteResult]] = field(default_factory=lambda: defaultdict(list))
    at_m: dict[tuple[str, str], float] = field(default_factory=dict)
    anchors: dict[str, str] = field(default_factory=dict)


def moves_of(run: RunRecord) -> Moves:
    """The reports of all corrections' moves."""
    moves = Moves(anchors={name: f"correction-{number}" for number, name in enumerate(run.corrections, 1)})
    for result in run.results:
        if result.kind is Kind.REGULATE:
            continue
        moves.results[result.transaction].append(result)
        in_force = result.phase is WritePhase.TARGET and result.outcome is Outcome.CONFIRMED
        if in_force and result.encoder_mm and drawable(result.encoder_mm):
            moves.at_m[result.transaction, result.kind.value] = result.encoder_mm / 1000.0
    return moves


def on_the_web(run: RunRecord, moves: Moves) -> dict[tuple[str, str], list[Move]]:
    """(class, edge) → its corrections on the web's metres."""
    found: dict[tuple[str, str], list[Move]] = defaultdict(list)
    for number, it in enumerate(run.corrections.values(), 1):
        found[it.defect, it.side.value].append(move_of(number, it, moves.at_m))
    return found
