"""The life of one correction as a table; every rule of what may follow what lives in this file.

    PROPOSED → GUARDED → WRITTEN → IN_FORCE → WAITING → VERIFYING → EFFECTIVE | UNDECIDED
        │          └─────────┴─────────┴─────────┴─────────┴──────→ ROLLING_BACK → a verdict
        └→ REFUSED

    EFFECTIVE → RELEASING → RESTORED | STILL_NEEDED → PROVEN

What becomes of the set-point is part of the table:

- *not improved, or a protected class got worse*: it goes back, INEFFECTIVE_ROLLED_BACK;
- *confounded*: it goes back, CONFOUNDED. Nothing is known about the move, and an unproven move does not
  stay;
- *a write whose outcome is unknown, or no verification configured*: it goes back, UNDECIDED;
- *truncated*: it stays, UNDECIDED. The rate lies between "no effect" and "effect", so taking the move back
  could make things worse; a person decides;
- *taken over, or brought to the recipe by the safe state*: somebody else moved it, and the cell does not
  move it again, CONFOUNDED;
- *the cell ends or is held, and its safe state is `hold`*: nobody moves it again, it stays, CONFOUNDED, and a
  high alarm says where it was left.

After EFFECTIVE the set-point is held, and later released: it goes back towards the recipe, and the material made from
then on is watched. The fault *stayed away*, or the watch was *spoilt*: RESTORED. It *returned*: STILL_NEEDED, and the
move is made again as a correction of its own. When that one is EFFECTIVE too, the first is PROVEN: the fault went,
came back and went again with our move.

An event that the table does not list for a state changes nothing: a late answer of a superseded move, for
example. What should have come and did not is caught by the time limits.
"""

from __future__ import annotations

from enum import StrEnum

from cellctl.loop.verify.sequential import Decision
from cellctl.model.correction import Kind, Outcome, TransactionState, WritePhase, WriteResult

S = TransactionState


class Event(StrEnum):
    """Everything that can happen to a correction."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    FIRST_INCREMENT = "first increment in force"
    TARGET = "target in force"
    UNCERTAIN = "outcome of a write not confirmed"
    DEAD_TIME = "waiting for material made after the move"
    UNVERIFIED = "verification is off"
    MATERIAL = "verified material at the camera"
    IMPROVED = "improved"
    NOT_IMPROVED = "not improved"
    PROTECTED_WORSE = "protected class got worse"
    TRUNCATED = "truncated"
    CONFOUNDED = "confounded"
    TAKEN_OVER = "taken over"
    SAFE_STATE = "safe state"
    BACK_INEFFECTIVE = "back, ineffective"
    BACK_UNDECIDED = "back, undecided"
    BACK_CONFOUNDED = "back, confounded"
    BACK_FAILED = "roll-back not confirmed"
    RELEASE = "release accepted"
    STAYED_AWAY = "the fault stayed away"
    SPOILT = "watch spoilt"
    RETURNED = "the fault returned"
    REPEATED = "repeated with success"


E = Event

_UNDER_WAY = (S.PROPOSED, S.GUARDED, S.WRITTEN, S.IN_FORCE, S.WAITING, S.VERIFYING)
_SET_BY_OTHERS = (S.GUARDED, S.WRITTEN, S.IN_FORCE, S.WAITING, S.VERIFYING, S.ROLLING_BACK)

TRANSITIONS: dict[tuple[TransactionState, Event], TransactionState] = {
    (S.PROPOSED, E.ACCEPTED): S.GUARDED,
    (S.PROPOSED, E.REFUSED): S.REFUSED,
    (S.GUARDED, E.FIRST_INCREMENT): S.WRITTEN,
    (S.GUARDED, E.TARGET): S.IN_FORCE,  # a move of one increment may be reported once
    (S.WRITTEN, E.TARGET): S.IN_FORCE,
    (S.IN_FORCE, E.DEAD_TIME): S.WAITING,
    (S.IN_FORCE, E.UNVERIFIED): S.ROLLING_BACK,
    (S.WAITING, E.MATERIAL): S.VERIFYING,
    (S.VERIFYING, E.IMPROVED): S.EFFECTIVE,
    (S.VERIFYING, E.NOT_IMPROVED): S.ROLLING_BACK,
    (S.VERIFYING, E.PROTECTED_WORSE): S.ROLLING_BACK,
    (S.VERIFYING, E.TRUNCATED): S.UNDECIDED,
    **{(state, E.UNCERTAIN): S.ROLLING_BACK for state in (S.PROPOSED, S.GUARDED, S.WRITTEN, S.IN_FORCE)},
    **{(state, E.CONFOUNDED): S.ROLLING_BACK for state in _UNDER_WAY},
    **{(state, E.TAKEN_OVER): S.CONFOUNDED for state in _SET_BY_OTHERS},
    **{(state, E.SAFE_STATE): S.CONFOUNDED for state in (*_UNDER_WAY, S.ROLLING_BACK)},
    (S.ROLLING_BACK, E.BACK_INEFFECTIVE): S.INEFFECTIVE_ROLLED_BACK,
    (S.ROLLING_BACK, E.BACK_UNDECIDED): S.UNDECIDED,
    (S.ROLLING_BACK, E.BACK_CONFOUNDED): S.CONFOUNDED,
    (S.ROLLING_BACK, E.BACK_FAILED): S.UNDECIDED,
    (S.EFFECTIVE, E.RELEASE): S.RELEASING,
    (S.RELEASING, E.STAYED_AWAY): S.RESTORED,
    (S.RELEASING, E.SPOILT): S.RESTORED,
    (S.RELEASING, E.RETURNED): S.STILL_NEEDED,
    (S.STILL_NEEDED, E.REPEATED): S.PROVEN,
}

RETURN: dict[Event, Event] = {
    E.NOT_IMPROVED: E.BACK_INEFFECTIVE,
    E.PROTECTED_WORSE: E.BACK_INEFFECTIVE,
    E.UNCERTAIN: E.BACK_UNDECIDED,
    E.UNVERIFIED: E.BACK_UNDECIDED,
    E.CONFOUNDED: E.BACK_CONFOUNDED,
}
"""What led to a roll-back → the event when the old value is in force again, and so the verdict."""

VERDICT: dict[Decision, Event] = {
    Decision.IMPROVED: E.IMPROVED,
    Decision.NOT_IMPROVED: E.NOT_IMPROVED,
    Decision.TRUNCATED: E.TRUNCATED,
}

FAILURES = frozenset({S.INEFFECTIVE_ROLLED_BACK, S.UNDECIDED})
"""Verdicts that count as a failed try of the episode; the others say nothing of the cause."""

_STEP_PHASE: dict[WritePhase, Event] = {
    WritePhase.DECIDED: E.ACCEPTED,
    WritePhase.FIRST_INCREMENT: E.FIRST_INCREMENT,
    WritePhase.TARGET: E.TARGET,
}


def following(state: TransactionState, event: Event) -> TransactionState | None:
    """The state after `event`, or None when the event means nothing in `state`."""
    return TRANSITIONS.get((state, event))


def step_event(result: WriteResult) -> Event:
    """What a result of the move itself means; anything but a confirmation is uncertain once accepted."""
    if result.outcome is Outcome.CONFIRMED:
        return _STEP_PHASE[result.phase]
    if result.outcome is Outcome.REFUSED and result.phase is WritePhase.DECIDED:
        return E.REFUSED
    return E.TAKEN_OVER if result.was_taken_over else E.UNCERTAIN


def is_back(result: WriteResult) -> bool | None:
    """Whether a result of a way back ends it: True confirmed, False failed, None still under way."""
    if result.kind is Kind.STEP:
        return None
    if result.outcome is not Outcome.CONFIRMED:
        return False
    return True if result.phase is WritePhase.TARGET else None


def has_moved(result: WriteResult) -> bool:
    """Whether a report means that a set-point may have moved."""
    return result.outcome is not Outcome.REFUSED and result.phase is not WritePhase.DECIDED
