"""One line of the table of figures."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """What one case showed.

    Attributes:
        case: what was done, with its sizes.
        n: how often.
        passed: whether what must hold held at every one of them.
        figure: what was measured, with its unit, such as `p99 3.1 ms`.
        peer: who else did the same in the same run; empty where nobody did.
        peer_figure: what was measured there.
        asked: what the figure must be.
    """

    case: str
    n: int
    passed: bool
    figure: str
    peer: str = ""
    peer_figure: str = ""
    asked: str = ""
