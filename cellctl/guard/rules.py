"""The rules of the guard: one table, read from top to bottom; the first rule that fails is the refusal."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import NamedTuple

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import DriftOver
from cellctl.guard.case import Case
from cellctl.model.correction import Kind
from cellctl.model.guarding import extremes, within_s
from cellctl.model.packml import PackMLState

FAILURES_LATCH = 3  # a plant that did not confirm three moves in a row is not asked again in this epoch
ROUNDING_LSB = 1e-6  # slack for sums of decimal fractions (1.15 times 20), in least significant bits

WAYS_BACK = frozenset({Kind.ROLLBACK, Kind.RETURN})  # they end what is out already, so they are asked for at any cost
OLD_EVIDENCE = WAYS_BACK | {Kind.RELEASE}  # they follow from what was seen before the move, however long ago


class Rule(NamedTuple):
    """A name for the journal, the refusal in words, whether a case passes, and whether asking is a fault of the loop.

    The words may show parts of the case, as `{0.holder}`.
    """

    name: str
    refusal: str
    passes: Callable[[Case], bool]
    breach: bool = False


def _tag_is_free(case: Case) -> bool:
    """A way back may replace the running move of its own transaction, nothing else may."""
    owner = case.move.proposal if case.move else None
    own = owner is not None and owner.transaction == case.proposal.transaction
    return case.move is None or (own and case.proposal.kind in WAYS_BACK)


def _in_range(case: Case, value: float) -> bool:
    limits, slack = case.setpoint, ROUNDING_LSB * case.setpoint.resolution
    return limits.minimum - slack <= value <= limits.maximum + slack


def _distance_ok(case: Case, origin: float, limit: float) -> bool:
    return abs(case.proposal.target - origin) <= limit + case.setpoint.resolution / 2


def _drift_ok(case: Case) -> bool:
    """Whether no value that the budget counts from is too far away; a move towards the recipe never uses it."""
    point, seen = case.setpoint, extremes(case.memory.drift.get(case.proposal.tag, ()))
    origins = {
        DriftOver.RECIPE: (point.recipe,),
        DriftOver.LOT: seen or (case.in_force,),
        DriftOver.RUNNING: (*seen, case.in_force),
    }
    within = all(_distance_ok(case, origin, point.drift) for origin in origins[point.drift_over])
    return within or _towards_recipe(case)


def _towards_recipe(case: Case) -> bool:
    """Whether the target lies between the value in force and the recipe, as the wire carries it: that gives back."""
    dust, half = ROUNDING_LSB * case.setpoint.resolution, case.setpoint.resolution / 2
    in_force, recipe = case.in_force, case.setpoint.recipe
    return min(in_force - dust, recipe - half) <= case.proposal.target <= max(in_force + dust, recipe + half)


def _cooled_down(case: Case) -> bool:
    """Whether the set-point has rested since its last move; what ends or gives back a correction needs no rest."""
    ended_ns = case.memory.ended.get(case.proposal.tag)
    rested = ended_ns is None or case.memory.running_ns - ended_ns >= case.setpoint.cool_down_s * NS_PER_S
    return rested or case.proposal.kind in OLD_EVIDENCE


def _tries_left(case: Case) -> bool:
    """Whether one more correction may begin; the oldest of the last `tries` must be further back than the window."""
    begun, tries = case.memory.begun.get(case.proposal.tag, ()), case.setpoint.tries
    if case.proposal.kind is not Kind.STEP or not tries or len(begun) < tries:
        return True
    return case.memory.running_ns - begun[-tries] >= case.setpoint.tries_window_s * NS_PER_S


def _way_back_ok(case: Case) -> bool:
    """What is excused from the age of its evidence leads only to where its own correction began, or to the recipe."""
    transaction, value = case.memory.origins.get(case.proposal.tag, ("", math.nan))
    own = transaction == case.proposal.transaction and _distance_ok(case, value, 0.0)
    return case.proposal.kind not in WAYS_BACK or own or _towards_recipe(case)


RULES: tuple[Rule, ...] = (
    Rule("finite", "the target is no finite number", lambda c: abs(c.proposal.target) <= sys.float_info.max, True),
    Rule("tag", "no envelope is configured for this tag", lambda c: c.setpoint.tag == c.proposal.tag != "", True),
    Rule("unit", "the unit is not the tag's unit", lambda c: c.proposal.unit == c.setpoint.unit, True),
    Rule("authority", "the loop may not move it", lambda c: c.proposal.tag in c.rules.loops.get(c.proposal.loop, ()),
         True),
    Rule("tripped", "{0.tripped}; a person must reset the loop", lambda c: not c.tripped),
    Rule("taken over", "{0.holder} has it", lambda c: not c.holder),
    Rule("epoch", "decided in another epoch of the cell", lambda c: c.proposal.epoch == c.cell.epoch),
    Rule("re-arm", "the link was lost in this epoch", lambda c: c.cell.epoch > c.memory.lost_epoch),
    Rule("state", "the cell is not in Execute", lambda c: c.cell.state is PackMLState.EXECUTE),
    Rule("changeover", "a changeover of recipe or lot is under way", lambda c: not c.cell.changing),
    Rule("safe-state", "the cell is on its way to the safe state", lambda c: not c.cell.safe),
    Rule("state-age", "the cell's state is too old or from the future",
         lambda c: within_s(c.cell.stamp.t_ns, c.now_ns, c.rules.state_age_s)),
    Rule("slew", "the slew allows less than one step of the wire per second",
         lambda c: c.setpoint.slew_per_s >= c.setpoint.resolution * (1 - ROUNDING_LSB)),
    Rule("proposal-age", "the proposal is too old or from the future",
         lambda c: within_s(c.proposal.stamp.t_ns, c.now_ns, c.rules.proposal_age_s)),
    Rule("evidence", "what it rests on is not Good",
         lambda c: c.proposal.kind in OLD_EVIDENCE or c.proposal.quality.is_good),
    Rule("evidence-age", "the evidence is too old or from the future",
         lambda c: c.proposal.kind in OLD_EVIDENCE
         or within_s(c.proposal.exposure_ns, c.now_ns, c.rules.evidence_age_s)),
    Rule("sequence", "not newer than the last one of its source",
         lambda c: c.proposal.sequence > c.memory.sequences.get(c.proposal.source, -1), True),
    Rule("input", "the value in force is not Good, not fresh, or the link is down",
         lambda c: c.plant.usable(c.proposal.tag, c.now_ns, c.rules.input_age_s)),
    Rule("controller", "{0.plant.refuses}", lambda c: not c.plant.refuses),
    Rule("watched", "the value in force has not been watched for a second yet", lambda c: c.watched),
    Rule("busy", "another move of this set-point is running", _tag_is_free),
    Rule("outside", "the value in force lies outside the range", lambda c: _in_range(c, c.in_force)),
    Rule("range", "the target lies outside the range", lambda c: _in_range(c, c.proposal.target), True),
    Rule("per-event", "too far for one move", lambda c: _distance_ok(c, c.in_force, c.setpoint.per_event), True),
    Rule("drift", "beyond the drift budget", _drift_ok),
    Rule("cool-down", "the last move of this set-point ended too short a time ago", _cooled_down),
    Rule("tries", "so many corrections of this set-point were begun already", _tries_left),
    Rule("release", "a release goes towards the recipe and no further",
         lambda c: c.proposal.kind is not Kind.RELEASE or _towards_recipe(c)),
    Rule("way-back", "a way back leads to where its correction began, or towards the recipe", _way_back_ok),
    Rule("failures", "the plant did not confirm the last moves of this set-point",
         lambda c: c.proposal.kind in WAYS_BACK or c.memory.failures.get(c.proposal.tag, 0) < FAILURES_LATCH),
)  # fmt: skip


def refusal(case: Case) -> str:
    """`<name>: <words>` of the first rule that fails, empty when all pass."""
    return next((f"{rule.name}: {rule.refusal.format(case)}" for rule in RULES if not rule.passes(case)), "")


def is_breach(reason: str) -> bool:
    """Whether a refusal says that the loop asked for what no sound loop asks for."""
    return any(rule.breach and reason.startswith(f"{rule.name}: ") for rule in RULES)
