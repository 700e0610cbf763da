"""What a regulator reports of itself from time to time: how well it holds its characteristic, and what it moved."""

from __future__ import annotations

from typing import ClassVar

from cellctl.model.message import Egress, Message


class Regulation(Message, frozen=True, kw_only=True):
    """One period of a regulator; `stamp` is its end.

    Attributes:
        regulator: name in the configuration.
        characteristic: what it holds.
        unit: of target, mean and deviation.
        target: where it is to be.
        since_ns: beginning of the period.
        measurements: gauge values that counted in the period.
        outside: share of them outside the tolerance, 0 to 1.
        mean: of them (0 without any).
        deviation: their standard deviation (0 without any).
        authority: `shadow`, `advisory` or `auto`, as it was in force.
        moves: set-point moves confirmed in force in the period.
        setpoints: set-point → value in force at the end of the period.
        wanted: set-point → where the law would have it.
        frozen: share of the decisions of the period at which it stood still, 0 to 1.
        reason: why it stood still at the last of them, else empty.
        fallbacks: decisions that an optimising law missed its deadline for, and took the last feasible plan.
    """

    egress: ClassVar[Egress] = Egress.FEATURES

    regulator: str
    characteristic: str
    unit: str
    target: float
    since_ns: int
    measurements: int
    outside: float
    mean: float
    deviation: float
    authority: str
    moves: int
    setpoints: dict[str, float]
    wanted: dict[str, float]
    frozen: float
    reason: str
    fallbacks: int = 0
