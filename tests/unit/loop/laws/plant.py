"""A plant with a dead time in samples, for closing a law's loop in a test."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cellctl.loop.adjust.laws import Law, Sample


def close_loop(
    law: Law,
    disturbance: Iterable[float],
    *,
    delay: int,
    gain: float,
    target: float = 0.0,
    recipe: float = 0.0,
    actuator: Callable[[float], float] = lambda wanted: wanted,
    known_delay: int | None = None,
) -> tuple[list[float], list[float]]:
    """Characteristic and set-point of each sample; the set-point of sample k takes effect on material k + 1.

    `actuator` says what of a wish comes into force; `known_delay` is the delay that the law is told.
    """
    known = delay if known_delay is None else known_delay
    applied = [recipe] * (delay + known + 1)
    ahead = len(applied)
    made: list[float] = []
    for k, value in enumerate(disturbance):
        made.append(target + gain * (applied[-1] - recipe) + value)
        measured = made[k - delay] if k >= delay else target
        sample = Sample(measured, applied[-1 - known], applied[-1])
        applied.append(actuator(law.update(sample)))
    return made, applied[ahead:]
