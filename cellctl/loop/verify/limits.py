"""How long a correction waits for others."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """How long to wait for others.

    Attributes:
        answer_s: for the next report of the guard, beside the time of the ramp itself.
        silence_s: for the next inspection.
        confirm_s: for a person's yes.
    """

    answer_s: float
    silence_s: float
    confirm_s: float = 60.0
