"""The two tests behind a verdict, computed again from what the record says.

Written from the published formulas and from nothing in the room that makes the verdicts: the evidence room does not
import it, so a fault there cannot hide here.

- Wald, "Sequential Analysis" (1947), for Poisson counts: after `events` in `metres` the log-likelihood ratio of
  "the rate fell to ρ times the baseline" against "it did not" is `events·ln ρ + (1 - ρ)·baseline·metres`, and the
  test ends at ±ln((1 - β)/α), with α = β = risk.
- Przyborowski & Wilenski, Biometrika 31 (1940): given the total, the events after a move are binomial with the share
  of the metres after it, if the rate did not change.
"""

from __future__ import annotations

import math

from cellctl.config.resolved import Verify

PROTECT_RISK = 0.05
"""One-sided risk at which a protected class counts as worse; `docs/loop.md` states it."""

MOST_COUNTED = 1_000_000
"""More events of one class are no count of a web; it bounds the sum."""


def log_likelihood_ratio(metres: float, events: int, baseline_per_m: float, expect: float) -> float:
    """Of the rate `expect`·baseline against the baseline; `baseline_per_m` in events per metre."""
    return events * math.log(expect) + (1.0 - expect) * baseline_per_m * metres


def decision_bound(rules: Verify) -> float:
    """Where the test ends: at plus this value for an improvement, at minus this value against one.

    Infinite for a risk that no test can have: it would never end.
    """
    if not 0.0 < rules.risk < 1.0:
        return math.inf
    alpha = beta = rules.risk
    return math.log((1.0 - beta) / alpha)


def chance_of_worse(before: tuple[int, float], after: tuple[int, float]) -> float:
    """One-sided p-value of at least so many events after the move, each as (events, metres).

    1 when there is nothing to compare. ValueError for counts and lengths that cannot be.
    """
    (events_before, metres_before), (events, metres) = before, after
    total = events_before + events
    plausible = min(events_before, events) >= 0 and total <= MOST_COUNTED
    if not (plausible and 0.0 <= metres_before < math.inf and 0.0 <= metres < math.inf):
        raise ValueError(f"no counts of a web: {before}, {after}")
    if not (events and metres_before and metres):
        return 1.0
    log_after = math.log(metres / (metres_before + metres))
    log_before = math.log(metres_before / (metres_before + metres))
    return math.fsum(
        math.exp(_log_choose(total, number) + number * log_after + (total - number) * log_before)
        for number in range(events, total + 1)
    )


def _log_choose(total: int, number: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(number + 1) - math.lgamma(total - number + 1)
