"""The transition table: every pair of state and event, and what the table must guarantee as a whole."""

from __future__ import annotations

import itertools

import pytest

from cellctl.loop.verify.transaction import (
    RETURN,
    TRANSITIONS,
    Event,
    following,
    is_back,
    step_event,
)
from cellctl.model import Kind, Outcome, Proposal, Stamp, TransactionState, WritePhase
from cellctl.model.quality import Quality
from tests.unit.loop.builders import LEFT, answer

E, S = Event, TransactionState

EXPECTED: dict[TransactionState, dict[Event, TransactionState]] = {
    S.PROPOSED: {
        E.ACCEPTED: S.GUARDED,
        E.REFUSED: S.REFUSED,
        E.UNCERTAIN: S.ROLLING_BACK,
        E.CONFOUNDED: S.ROLLING_BACK,
        E.SAFE_STATE: S.CONFOUNDED,
    },
    S.GUARDED: {
        E.FIRST_INCREMENT: S.WRITTEN,
        E.TARGET: S.IN_FORCE,
        E.UNCERTAIN: S.ROLLING_BACK,
        E.CONFOUNDED: S.ROLLING_BACK,
        E.TAKEN_OVER: S.CONFOUNDED,
        E.SAFE_STATE: S.CONFOUNDED,
    },
    S.WRITTEN: {
        E.TARGET: S.IN_FORCE,
        E.UNCERTAIN: S.ROLLING_BACK,
        E.CONFOUNDED: S.ROLLING_BACK,
        E.TAKEN_OVER: S.CONFOUNDED,
        E.SAFE_STATE: S.CONFOUNDED,
    },
    S.IN_FORCE: {
        E.DEAD_TIME: S.WAITING,
        E.UNCERTAIN: S.ROLLING_BACK,
        E.TAKEN_OVER: S.CONFOUNDED,
        E.UNVERIFIED: S.ROLLING_BACK,
        E.CONFOUNDED: S.ROLLING_BACK,
        E.SAFE_STATE: S.CONFOUNDED,
    },
    S.WAITING: {
        E.MATERIAL: S.VERIFYING,
        E.CONFOUNDED: S.ROLLING_BACK,
        E.TAKEN_OVER: S.CONFOUNDED,
        E.SAFE_STATE: S.CONFOUNDED,
    },
    S.VERIFYING: {
        E.IMPROVED: S.EFFECTIVE,
        E.NOT_IMPROVED: S.ROLLING_BACK,
        E.PROTECTED_WORSE: S.ROLLING_BACK,
        E.TRUNCATED: S.UNDECIDED,
        E.CONFOUNDED: S.ROLLING_BACK,
        E.TAKEN_OVER: S.CONFOUNDED,
        E.SAFE_STATE: S.CONFOUNDED,
    },
    S.ROLLING_BACK: {
        E.BACK_INEFFECTIVE: S.INEFFECTIVE_ROLLED_BACK,
        E.BACK_UNDECIDED: S.UNDECIDED,
        E.BACK_CONFOUNDED: S.CONFOUNDED,
        E.BACK_FAILED: S.UNDECIDED,
        E.TAKEN_OVER: S.CONFOUNDED,
        E.SAFE_STATE: S.CONFOUNDED,
    },
    S.REFUSED: {},
    S.EFFECTIVE: {E.RELEASE: S.RELEASING},
    S.INEFFECTIVE_ROLLED_BACK: {},
    S.UNDECIDED: {},
    S.CONFOUNDED: {},
    S.RELEASING: {E.STAYED_AWAY: S.RESTORED, E.SPOILT: S.RESTORED, E.RETURNED: S.STILL_NEEDED},
    S.RESTORED: {},
    S.STILL_NEEDED: {E.REPEATED: S.PROVEN},
    S.PROVEN: {},
}

PROPOSAL = Proposal(
    stamp=Stamp(0),
    transaction="edge_spur-left-1",
    loop="edge_spur",
    kind=Kind.STEP,
    tag=LEFT,
    target=21.0,
    unit="kPa",
    epoch=1,
    exposure_ns=0,
    first_line_ns=0,
    confidence=0.9,
    quality=Quality.GOOD,
)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(TransactionState, Event)))
def test_every_pair(state, event):
    """Each event leads from each state where the specification says, or nowhere."""
    assert following(state, event) is EXPECTED[state].get(event)


def test_only_verification_can_call_it_effective():
    """EFFECTIVE is entered from VERIFYING by IMPROVED, and in no other way."""
    ways = [pair for pair, state in TRANSITIONS.items() if state is S.EFFECTIVE]
    assert ways == [(S.VERIFYING, E.IMPROVED)]


def test_rolled_back_is_said_only_of_a_confirmed_roll_back():
    """INEFFECTIVE_ROLLED_BACK is entered from ROLLING_BACK alone."""
    ways = {state for (state, _), target in TRANSITIONS.items() if target is S.INEFFECTIVE_ROLLED_BACK}
    assert ways == {S.ROLLING_BACK}


def test_every_way_into_a_roll_back_has_a_way_out():
    """Whatever leads to ROLLING_BACK names the event that ends it, and the table knows that event there."""
    into = {event for (_, event), state in TRANSITIONS.items() if state is S.ROLLING_BACK}
    assert into == set(RETURN)
    assert all(following(S.ROLLING_BACK, event) for event in RETURN.values())


@pytest.mark.parametrize("state", [state for state in TransactionState if not state.is_verdict])
def test_a_safe_state_ends_every_open_transaction(state):
    """From every state that is no verdict, the safe state leads to CONFOUNDED."""
    assert following(state, E.SAFE_STATE) is S.CONFOUNDED


@pytest.mark.parametrize(
    ("phase", "outcome", "reason", "event"),
    [
        (WritePhase.DECIDED, Outcome.CONFIRMED, "", E.ACCEPTED),
        (WritePhase.FIRST_INCREMENT, Outcome.CONFIRMED, "", E.FIRST_INCREMENT),
        (WritePhase.TARGET, Outcome.CONFIRMED, "", E.TARGET),
        (WritePhase.DECIDED, Outcome.REFUSED, "drift: too far from the recipe", E.REFUSED),
        (WritePhase.FIRST_INCREMENT, Outcome.REFUSED, "clamp", E.UNCERTAIN),
        (WritePhase.TARGET, Outcome.REFUSED, "clamp", E.UNCERTAIN),
        (WritePhase.TARGET, Outcome.REFUSED, "taken over: somebody else", E.TAKEN_OVER),
        (WritePhase.DECIDED, Outcome.UNKNOWN, "", E.UNCERTAIN),
        (WritePhase.FIRST_INCREMENT, Outcome.UNKNOWN, "", E.UNCERTAIN),
        (WritePhase.TARGET, Outcome.UNKNOWN, "", E.UNCERTAIN),
    ],
)
def test_what_a_result_means(phase, outcome, reason, event):
    """Only a confirmation moves on; a refusal after acceptance and an unknown outcome are never assumed away."""
    assert step_event(answer(PROPOSAL, phase, 0, outcome=outcome, reason=reason)) is event


@pytest.mark.parametrize(
    ("kind", "phase", "outcome", "back"),
    [
        (Kind.ROLLBACK, WritePhase.TARGET, Outcome.CONFIRMED, True),
        (Kind.ROLLBACK, WritePhase.FIRST_INCREMENT, Outcome.CONFIRMED, None),
        (Kind.ROLLBACK, WritePhase.DECIDED, Outcome.CONFIRMED, None),
        (Kind.ROLLBACK, WritePhase.DECIDED, Outcome.REFUSED, False),
        (Kind.ROLLBACK, WritePhase.TARGET, Outcome.UNKNOWN, False),
        (Kind.STEP, WritePhase.TARGET, Outcome.CONFIRMED, None),
    ],
)
def test_when_a_roll_back_is_done(kind, phase, outcome, back):
    """Only the target confirmed in force says that the old value is back."""
    assert is_back(answer(PROPOSAL, phase, 0, kind=kind, outcome=outcome)) is back
