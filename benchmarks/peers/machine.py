"""Whether the machine was left alone while something was measured, and keeping a process on one processor."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

MOST_STOLEN = 0.02
"""Share of a processor that the hypervisor may give to other guests."""
MOST_BY_OTHERS = 0.25
"""Share of one processor that other processes may take, of all that there are."""
MOST_SPREAD = 0.1
"""Spread of the middle half of the times of the same arithmetic, as a share of their median."""
_ARITHMETIC = bytes(1 << 16)
_STAT = Path("/proc/stat")
Times = npt.NDArray[np.float64]


def pin() -> None:
    """Keep this process on its last processor, where the system lets it: interrupts tend to go to the first one."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def calibrate() -> None:
    """Always the same arithmetic, out of the nearest cache."""
    hashlib.sha256(_ARITHMETIC).digest()


class Clocks(NamedTuple):
    """Seconds since some moment: on the wall, taken by this process, by all processes, and by other guests."""

    wall: float
    own: float
    busy: float
    stolen: float


def parse(stat: str) -> tuple[float, float]:
    """Ticks that all processors were busy, and that were stolen from them, out of the text of /proc/stat."""
    fields = stat.partition("\n")[0].split()
    user, nice, system, _, _, interrupts, soft, stolen = (float(field) for field in fields[1:9])
    return user + nice + system + interrupts + soft, stolen


def read_clocks() -> Clocks:
    """The clocks now; where there is no /proc/stat, as if nobody else were there."""
    wall, own = time.perf_counter(), time.process_time()
    if not _STAT.exists():
        return Clocks(wall, own, own, 0.0)
    tick_s = 1 / os.sysconf("SC_CLK_TCK")
    busy, stolen = parse(_STAT.read_text(encoding="ascii"))
    return Clocks(wall, own, busy * tick_s, stolen * tick_s)


def spread(times: Times) -> float:
    """Width of the middle half of some times, as a share of their median."""
    low, middle, high = np.percentile(times, (25, 50, 75))
    return float((high - low) / middle)


def disturbances(before: Clocks, after: Clocks, calibration: Times) -> list[str]:
    """What kept the machine from being quiet between two moments; empty when nothing did.

    Args:
        before: the clocks at the first moment.
        after: the clocks at the second.
        calibration: times of `calibrate` in between.
    """
    wall, own, busy, stolen = (late - early for late, early in zip(after, before, strict=True))
    shares = {
        "stolen by other guests": (stolen / wall, MOST_STOLEN),
        "of a processor taken by others": ((busy - own) / wall, MOST_BY_OTHERS),
        "spread of the same arithmetic": (spread(calibration), MOST_SPREAD),
    }
    return [f"{share:.0%} {what}" for what, (share, most) in shares.items() if share > most]
