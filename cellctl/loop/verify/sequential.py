"""The test that proves a correction helped: a sequential probability ratio test on a Poisson rate.

Wald, "Sequential Analysis" (1947). H0: the rate is still the baseline λ_b. H1: it fell to rho·λ_b. After
`N` events in `A` metres the log-likelihood ratio is

    LLR = N · ln rho + (1 - rho)·λ_b·A

and the test stops at `+ln((1 - beta) / alpha)` for H1 or at `-ln((1 - alpha) / beta)` for H0, with alpha =
beta = risk. Between events the ratio rises in a straight line, so the points kept at the events hold the
whole curve.
"""

from __future__ import annotations

import math
from enum import StrEnum

from cellctl.config.resolved import Verify
from cellctl.model.correction import CurvePoint

MOST_POINTS = 128
"""Points of the curve that are kept; with rho = 0.25 a test has about a dozen events, so thinning is rare."""

MOST_PASSED = 2.0
"""A test also ends when this multiple of its longest length has passed the camera, inspected or not."""


class Decision(StrEnum):
    """What the test says so far."""

    OPEN = "open"
    IMPROVED = "improved"
    NOT_IMPROVED = "not improved"
    TRUNCATED = "truncated"


class SequentialTest:
    """One test from its first verified metre to its decision.

    Args:
        baseline_per_m: honest baseline rate λ_b, events per metre, above 0.
        rules: expected rate ratio rho, risk and truncation.
    """

    def __init__(self, baseline_per_m: float, rules: Verify) -> None:
        self.metres = 0.0
        self.events = 0
        self.decision = Decision.OPEN
        self.bound = math.log((1.0 - rules.risk) / rules.risk)
        self.truncate_m = rules.truncate * expected_metres(baseline_per_m, rules)
        self._per_event = math.log(rules.expect)
        self._per_metre = (1.0 - rules.expect) * baseline_per_m
        self._points: list[CurvePoint] = [CurvePoint(0.0, 0, 0.0)]

    @property
    def llr(self) -> float:
        """Log-likelihood ratio of H1 against H0 so far."""
        return self.events * self._per_event + self._per_metre * self.metres

    def add(self, metres: float, events: int) -> Decision:
        """Account for inspected metres and the events in them; a decided test stays decided.

        The events count first: where they lie within the metres is unknown, and this order can only delay an
        acceptance.
        """
        if self.decision is Decision.OPEN:
            self.events += events
            if events:
                self._keep()
            if self.llr > -self.bound:
                self.metres += metres
            self.decision = self._decide()
        return self.decision

    def _decide(self) -> Decision:
        if self.llr >= self.bound:
            return Decision.IMPROVED
        if self.llr <= -self.bound:
            return Decision.NOT_IMPROVED
        return Decision.TRUNCATED if self.metres >= self.truncate_m else Decision.OPEN

    def _keep(self) -> None:
        if len(self._points) >= MOST_POINTS:
            self._points = self._points[::2]
        self._points.append(CurvePoint(self.metres, self.events, self.llr))

    def found(self, baseline_per_m: float) -> str:
        """What was counted against which rate, in words."""
        return (
            f"{self.events} events in {self.metres:.1f} m against {baseline_per_m:.3g} /m before "
            f"(LLR {self.llr:.2f}, bound ±{self.bound:.2f})"
        )

    @property
    def curve(self) -> tuple[CurvePoint, ...]:
        """The start, a point at each event, and where the test stands now."""
        now = CurvePoint(self.metres, self.events, self.llr)
        return (*self._points, now) if now != self._points[-1] else tuple(self._points)


def expected_metres(baseline_per_m: float, rules: Verify) -> float:
    """Expected length of the test if the correction works, metres (Wald's approximation, without overshoot).

    For λ_b = 0.5 /m, rho = 0.24 and risk 5 %: 12.7 m; with overshoot simulation gives 13.2 m.
    """
    bound = math.log((1.0 - rules.risk) / rules.risk)
    drift_per_m = baseline_per_m * (rules.expect * math.log(rules.expect) + 1.0 - rules.expect)
    return (1.0 - 2.0 * rules.risk) * bound / drift_per_m
