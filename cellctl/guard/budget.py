"""The drift budget over running hours: what was in force during the last window, in a few coarse slots."""

from __future__ import annotations

Slots = tuple[tuple[int, float, float], ...]
"""(running time at which the slot began in ns, lowest, highest value in force in it), oldest first."""

SLOTS = 16
"""Slots of one window; a value counts for up to two slots longer than the window, never shorter."""


def noted(seen: Slots, running_ns: int, window_ns: int, value: float) -> Slots:
    """The slots once `value` is seen in force.

    A slot counts until the end of the one that follows it: its last value was in force until that one began.
    """
    width_ns = window_ns // SLOTS
    if seen and running_ns - seen[-1][0] < width_ns:
        began_ns, lowest, highest = seen[-1]
        seen = (*seen[:-1], (began_ns, min(lowest, value), max(highest, value)))
    elif not seen or seen[-1][1:] != (value, value):
        seen = (*seen, (running_ns, value, value))
    over = sum(began_ns + width_ns < running_ns - window_ns for began_ns, _, _ in seen[1:])
    return seen[over:]


def extremes(seen: Slots) -> tuple[float, ...]:
    """The lowest and the highest value of all slots; empty when nothing was seen."""
    return (min(lowest for _, lowest, _ in seen), max(highest for _, _, highest in seen)) if seen else ()
