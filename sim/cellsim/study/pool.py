"""Jobs on all cores: the result does not depend on how many there are, or on which ends first."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any, NamedTuple

Advance = Callable[[float], None]
"""Called with the weight of a job that has ended."""


class Job(NamedTuple):
    """A function of its arguments alone; both can be pickled.

    Attributes:
        work: what to do.
        arguments: everything that it depends on, seeds included.
        weight: expected seconds, for the progress bar and the order: heavy jobs go first.
    """

    work: Callable[..., Any]
    arguments: tuple[Any, ...]
    weight: float = 1.0


def run_jobs(jobs: Sequence[Job], advance: Advance, cores: int | None = None) -> list[Any]:
    """The results in the order of the jobs.

    Args:
        jobs: what to do.
        advance: told the weight of each job that has ended.
        cores: number of processes; the machine's own number when None, and no process at all for 1.
    """
    count = cores or os.cpu_count() or 1
    if count == 1:
        return [_told(job, advance) for job in jobs]
    results: list[Any] = [None] * len(jobs)
    order = sorted(range(len(jobs)), key=lambda number: -jobs[number].weight)
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as pool:
        running = {pool.submit(jobs[number].work, *jobs[number].arguments): number for number in order}
        for done in as_completed(running):
            number = running[done]
            results[number] = done.result()
            advance(jobs[number].weight)
    return results


def _told(job: Job, advance: Advance) -> Any:
    result = job.work(*job.arguments)
    advance(job.weight)
    return result
