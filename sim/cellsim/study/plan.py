"""A study: jobs to run, and how their results become rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cellsim.study.pool import Job
from cellsim.study.rows import Row


class Plan(NamedTuple):
    """One study.

    Attributes:
        name: as it is chosen on the command line.
        jobs: independent of each other.
        rows: from the jobs' results, in their order, to the figures.
    """

    name: str
    jobs: tuple[Job, ...]
    rows: Callable[[list[Any]], list[Row]]


class Scale(NamedTuple):
    """How much to run: 1 for the real study; `--quick` shows that everything works, not that a line holds."""

    share: float
    quick: bool

    def of(self, number: int, least: int = 1) -> int:
        """So many of the full number."""
        return max(least, round(number * self.share))
