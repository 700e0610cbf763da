"""The rules of the guard: one table, read from top to bottom; the first rule that fails is the refusal."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from cellctl.guard.case import Case
from cellctl.model.correction import Kind
from cellctl.model.guarding import within_s
from cellctl.model.packml import PackMLState

FAILURES_LATCH = 3  # a plant that did not confirm three moves in a row is not asked again in this epoch
ROUNDING_LSB = 1e-6  # slack for sums of decimal fractions (1.15 times 20), in least significant bits

WAYS_BACK = frozenset({Kind.ROLLBACK, Kind.RETURN})  # they end what is out already, so they are asked for at any cost
OLD_EVIDENCE = WAYS_BACK | {Kind.RELEASE}  # they follow from what was seen before the move, however long ago


class Rule(NamedTuple):
    """A name for the journal, the refusal in words, and whether a case passes."""

    name: str
    refusal: str
    passes: Callable[[Case], bool]


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
    """The budget counts the net distance from the recipe; a move towards the recipe never uses it."""
    target, recipe = case.proposal.target, case.setpoint.recipe
    return abs(target - recipe) < abs(case.in_force - recipe) or _distance_ok(case, recipe, case.setpoint.drift)


def _towards_recipe(case: Case) -> bool:
    """Whether the target lies between the value in force and the recipe: that gives authority back."""
    ends, slack = (case.in_force, case.setpoint.recipe), case.setpoint.resolution / 2
    return min(ends) - slack <= case.proposal.target <= max(ends) + slack


def _way_back_ok(case: Case) -> bool:
    """What is excused from the age of its evidence leads only to where its own correction began, or to the recipe."""
    transaction, value = case.memory.origins.get(case.proposal.tag, ("", math.nan))
    own = transaction == case.proposal.transaction and _distance_ok(case, value, 0.0)
    return case.proposal.kind not in WAYS_BACK or own or _towards_recipe(case)


RULES: tuple[Rule, ...] = (
    Rule("finite", "the target is no finite number", lambda c: math.isfinite(c.proposal.target)),
    Rule("tag", "no envelope is configured for this tag", lambda c: c.setpoint.tag == c.proposal.tag != ""),
    Rule("unit", "the unit is not the tag's unit", lambda c: c.proposal.unit == c.setpoint.unit),
    Rule("epoch", "decided in another epoch of the cell", lambda c: c.proposal.epoch == c.cell.epoch),
    Rule("re-arm", "the link was lost in this epoch", lambda c: c.cell.epoch > c.memory.lost_epoch),
    Rule("state", "the cell is not in Execute", lambda c: c.cell.state is PackMLState.EXECUTE),
    Rule("changeover", "a changeover of recipe or lot is under way", lambda c: not c.cell.changing),
    Rule("safe-state", "the cell is on its way to the safe state", lambda c: not c.cell.safe),
    Rule("state-age", "the cell's state is too old or from the future",
         lambda c: within_s(c.cell.stamp.t_ns, c.now_ns, c.rules.state_age_s)),
    Rule("slew", "the slew allows less than one step of the wire per second",
         lambda c: c.setpoint.slew_per_s >= c.setpoint.resolution * (1 - ROUNDING_LSB)),
    Rule("authority", "the loop may not move it", lambda c: c.proposal.tag in c.rules.loops.get(c.proposal.loop, ())),
    Rule("proposal-age", "the proposal is too old or from the future",
         lambda c: within_s(c.proposal.stamp.t_ns, c.now_ns, c.rules.proposal_age_s)),
    Rule("evidence-age", "the evidence is too old or from the future",
         lambda c: c.proposal.kind in OLD_EVIDENCE
         or within_s(c.proposal.exposure_ns, c.now_ns, c.rules.evidence_age_s)),
    Rule("sequence", "not newer than the last one of its source",
         lambda c: c.proposal.sequence > c.memory.sequences.get(c.proposal.source, -1)),
    Rule("input", "the value in force is not Good, not fresh, or the link is down",
         lambda c: c.plant.usable(c.proposal.tag, c.now_ns, c.rules.input_age_s)),
    Rule("controller", "the controller takes no moves now", lambda c: not c.plant.refuses),
    Rule("watched", "the value in force has not been watched for a second yet", lambda c: c.watched),
    Rule("busy", "another move of this set-point is running", _tag_is_free),
    Rule("outside", "the value in force lies outside the range", lambda c: _in_range(c, c.in_force)),
    Rule("range", "the target lies outside the range", lambda c: _in_range(c, c.proposal.target)),
    Rule("per-event", "too far for one move", lambda c: _distance_ok(c, c.in_force, c.setpoint.per_event)),
    Rule("drift", "too far from the recipe", _drift_ok),
    Rule("release", "a release goes towards the recipe and no further",
         lambda c: c.proposal.kind is not Kind.RELEASE or _towards_recipe(c)),
    Rule("way-back", "a way back leads to where its correction began, or towards the recipe", _way_back_ok),
    Rule("failures", "the plant did not confirm the last moves of this set-point",
         lambda c: c.proposal.kind in WAYS_BACK or c.memory.failures.get(c.proposal.tag, 0) < FAILURES_LATCH),
)  # fmt: skip


def refusal(case: Case) -> str:
    """`<name>: <words>` of the first rule that fails, empty when all pass."""
    return next((f"{rule.name}: {rule.refusal}" for rule in RULES if not rule.passes(case)), "")
