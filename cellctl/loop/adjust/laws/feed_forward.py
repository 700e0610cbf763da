"""Feed-forward: act on what is measured before the film is made, so that no dead time counts."""

from __future__ import annotations

import math

import msgspec

from cellctl.loop.adjust.laws.smith import share_of


class Influence(msgspec.Struct, frozen=True, gc=False):
    """How one measured cause asks for the set-point: by `(x/nominal)^exponent`.

    For a loaded blade the film is `h = h₀·(µv/µ₀v₀)^a·(P/P₀)^(−β)`, so holding h takes `Δln P = (a/β)·Δln(µv)`:
    speed and viscosity have the exponent a/β (1 for the default a = β = 0.35). A set-point that thickens the film in
    proportion has −a. A batch with other solids x_s has β⁻¹ for a blade load and −1 for a gap or a pump.

    Args:
        nominal: value of the cause at the recipe, above 0.
        exponent: of the set-point's ratio, with its sign.
        lead_s: time constant of the set-point's own lag, in seconds: what the move must run ahead of.
        lag_s: time constant with which the cause reaches the film, in seconds, also the filter of the signal.
    """

    nominal: float
    exponent: float
    lead_s: float = 0.0
    lag_s: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a nominal value that has no logarithm, and a lead without a filter."""
        if not self.nominal > 0.0:
            raise ValueError(f"expected a nominal value above 0, got {self.nominal:g}")
        if self.lead_s < 0.0 or self.lag_s < 0.0 or (self.lead_s > 0.0 and self.lag_s == 0.0):
            raise ValueError(f"expected a lag above 0 beside a lead, got lead {self.lead_s:g} s, lag {self.lag_s:g} s")


class FeedForward:
    """Static inverse of several causes, each through a lead–lag for the mismatch of time constants.

    `u = u₀·Π exp(w_i)`, `w = (lead·s + 1)/(lag·s + 1) · exponent·ln(x/nominal)`. Source: static inverse of the
    lubrication balance of a loaded blade; lead–lag as in Seborg, Edgar and Mellichamp (feedforward control).

    A feedback law beside it works on what is left: subtract `offset` of that time from the set-points it is given
    and add the present one to its target.

    Args:
        recipe: u₀, the set-point at nominal values.
        influences: one for each cause.
        period_s: time between samples, in seconds.
    """

    def __init__(self, recipe: float, influences: tuple[Influence, ...], *, period_s: float) -> None:
        if not influences or not period_s > 0.0:
            raise ValueError(f"expected at least one cause and a period above 0, got {len(influences)}, {period_s:g}")
        self.recipe = recipe
        self.influences = influences
        self._period_s = period_s
        self._lagged: list[float | None] = [None] * len(influences)
        self._offset = 0.0

    @property
    def offset(self) -> float:
        """What the causes ask for now beside the recipe, in the unit of the set-point."""
        return self._offset

    def update(self, values: tuple[float, ...], *, frozen: bool = False) -> float:
        """The target for these values of the causes, in the unit of the set-point.

        Args:
            values: one for each influence, above 0.
            frozen: a value is bad: the last answer stands.
        """
        if not frozen:
            parts = [self._part(index, value) for index, value in enumerate(values)]
            self._offset = self.recipe * math.expm1(sum(parts))
        return self.recipe + self._offset

    def _part(self, index: int, value: float) -> float:
        cause = self.influences[index]
        wanted = cause.exponent * math.log(value / cause.nominal)
        before = self._lagged[index]
        slow = wanted if before is None else before + share_of(self._period_s, cause.lag_s) * (wanted - before)
        self._lagged[index] = slow
        if before is None or cause.lag_s == 0.0:
            return wanted
        # after an exact lag, the lead adds lead/lag of what the lag has yet to do
        return slow + cause.lead_s / cause.lag_s * (wanted - slow)
