"""What a regulator did in one period, counted for its report."""

from __future__ import annotations

import math

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Characteristic
from cellctl.config.resolved.regulator import Regulator
from cellctl.model.message import Stamp
from cellctl.model.regulation import Regulation


class Tally:
    """Counts measurements, decisions and moves between two reports.

    Attributes:
        moves: confirmed in force since the last report.
        wanted: set-point → where the law would have it, latest.
        advised: whether a move was wanted that the authority does not allow.
    """

    def __init__(self, regulator: Regulator, held: Characteristic) -> None:
        self._regulator = regulator
        self._held = held
        self._since_ns = 0
        self._fallbacks = 0
        self.wanted: dict[str, float] = {}
        self._clear()

    def begin(self, now_ns: int) -> None:
        """The first period begins."""
        self._since_ns = now_ns

    def see(self, value: float) -> None:
        """Count one measurement."""
        self._values.append(value)

    def decided(self, frozen: str) -> None:
        """Count one decision; `frozen` says why it stood still, if it did."""
        self._decisions += 1
        self._frozen += bool(frozen)
        self._reason = frozen

    def due(self, now_ns: int) -> bool:
        """Whether the period is over."""
        return now_ns - self._since_ns >= self._regulator.report_s * NS_PER_S

    def report(self, in_force: dict[str, float], fallbacks: int, now_ns: int) -> Regulation:
        """The report of the period; the next one begins."""
        values, held = self._values, self._held
        count = len(values)
        mean = sum(values) / count if count else 0.0
        spread = math.sqrt(sum((value - mean) ** 2 for value in values) / count) if count else 0.0
        outside = sum(abs(value - held.target) > held.tolerance for value in values)
        made = Regulation(
            stamp=Stamp(now_ns), regulator=self._regulator.name, characteristic=held.name, unit=held.unit,
            target=held.target, since_ns=self._since_ns, measurements=count,
            outside=outside / count if count else 0.0, mean=mean, deviation=spread,
            authority="advisory" if self._regulator.authority == "confirm" else self._regulator.authority,
            moves=self.moves, setpoints=in_force, wanted=dict(self.wanted),
            frozen=self._frozen / self._decisions if self._decisions else 1.0, reason=self._reason,
            fallbacks=fallbacks - self._fallbacks,
        )  # fmt: skip
        self._since_ns, self._fallbacks = now_ns, fallbacks
        self._clear()
        return made

    def _clear(self) -> None:
        self._values: list[float] = []
        self._decisions = self._frozen = self.moves = 0
        self._reason = ""
        self.advised = False
