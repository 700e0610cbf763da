"""One set-point of a regulator: what it did to which material, and whether it is still ours to move."""

from __future__ import annotations

from collections import deque

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Setpoint
from cellctl.config.resolved.regulator import RegulatorInput
from cellctl.loop.adjust.by_metre import ByMetre
from cellctl.loop.adjust.laws.smith import share_of
from cellctl.model.correction import Kind, Outcome, Proposal, WritePhase, WriteResult
from cellctl.model.tags import TagValue

HALF = 0.51
"""Share of a least significant bit within which two values on the wire are the same."""


class InputTrack:
    """Follows one set-point by its value in force.

    Attributes:
        in_force: latest Good value in force, NaN before the first.
        effect: set-point by the metre of web it acted on, its delay and lag included.
        taken_over: the value that somebody else has set, else None.

    Args:
        put: the regulator's input.
        setpoint: its envelope.
        patience_s: longest wait for the guard's final report beside the ramp.
        lags: whether `effect` follows the lag of the input; False when the law does that itself.
    """

    def __init__(self, put: RegulatorInput, setpoint: Setpoint, patience_s: float, *, lags: bool = True) -> None:
        self.put = put
        self.setpoint = setpoint
        self.in_force = float("nan")
        self.effect = ByMetre(setpoint.resolution / 20.0)
        self.taken_over: float | None = None
        self._patience_s = patience_s
        self._lag_s = put.lag_s if lags else 0.0
        self._expected: float | None = None
        self._since_ns = 0
        self._asked = ""
        self._due_ns = 0
        self._delayed: deque[tuple[int, float]] = deque()
        self._lagged: float | None = None
        self._seen_ns = 0

    @property
    def moving(self) -> bool:
        """Whether a move asked for has no final report yet."""
        return bool(self._asked)

    def follow(self, latest: TagValue, encoder_mm: float) -> None:
        """Take the value in force and write down what it does to the web that passes now."""
        value = latest.value
        self.in_force = value
        if not self._asked and latest.t_ns > self._since_ns:
            self._compare(value)
        self.effect.record(encoder_mm - self.put.acts_at_m * 1000.0, self._after_lag(value, latest.t_ns))

    def ask(self, proposal: Proposal, now_ns: int) -> None:
        """A move was proposed; wait for the guard's final report."""
        ramp_s = abs(proposal.target - self.in_force) / self.setpoint.slew_per_s
        self._asked = proposal.transaction
        self._due_ns = now_ns + round((2.0 * ramp_s + self._patience_s) * NS_PER_S)

    def result(self, result: WriteResult) -> bool:
        """Take a report about this set-point; True when it ends a move of this regulator.

        Moves of the cell's own loops are no take-over: after any of them the value in force is taken as it is.
        """
        final = result.outcome is not Outcome.CONFIRMED or result.phase is WritePhase.TARGET
        own = result.transaction == self._asked and result.kind is Kind.REGULATE
        if final and own and result.reason.startswith("taken over"):
            self.taken_over = self.in_force
        if final:
            self._adopt(result.stamp.t_ns)
            self._expected = result.in_force if result.outcome is Outcome.CONFIRMED else None
        if final and own:
            self._asked = ""
        return final and own

    def overdue(self, now_ns: int) -> bool:
        """Whether the guard has not answered in time; the move is then given up, and nothing is assumed of it."""
        if not self._asked or now_ns <= self._due_ns:
            return False
        self._asked = ""
        self._adopt(now_ns)
        return True

    def start_over(self, now_ns: int) -> None:
        """The value in force is right as it stands (a new epoch, or handed back)."""
        self.taken_over = None
        self._asked = ""
        self._adopt(now_ns)

    def _adopt(self, now_ns: int) -> None:
        """The next value in force is the one to expect."""
        self._expected = None
        self._since_ns = now_ns

    def _compare(self, value: float) -> None:
        if self._expected is None:
            self._expected = value
        elif abs(value - self._expected) > HALF * self.setpoint.resolution:
            self.taken_over = self._expected = value

    def _after_lag(self, value: float, t_ns: int) -> float:
        """The value as the web feels it: after the actuator's delay, through its first-order lag."""
        put = self.put
        if put.delay_s:
            queue = self._delayed
            queue.append((t_ns, value))
            while len(queue) > 1 and t_ns - queue[1][0] >= put.delay_s * NS_PER_S:
                queue.popleft()
            value = queue[0][1]
        if self._lagged is None or not self._lag_s:
            self._lagged = value
        else:
            self._lagged += share_of((t_ns - self._seen_ns) / NS_PER_S, self._lag_s) * (value - self._lagged)
        self._seen_ns = t_ns
        return self._lagged
