"""A lateness probe: how late this machine wakes a process that asks for every millisecond.

A timed run beside which the probe was ever more than 10 ms late says more about the machine than about the
program, and is marked NOISY.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from types import FrameType

import msgspec

PERIOD_NS = 1_000_000
LIMIT_MS = 10.0


class Lateness(msgspec.Struct, frozen=True):
    """What a probe saw.

    Attributes:
        wakes: how often it woke.
        late: wakes more than 10 ms after the time asked for.
        max_ms: the latest wake.
        stolen_ms: time the hypervisor gave to others meanwhile, all cores (0 where the kernel does not say).
    """

    wakes: int
    late: int
    max_ms: float
    stolen_ms: float

    @property
    def noisy(self) -> bool:
        """Whether timings taken meanwhile should be repeated; a probe that said nothing vouches for nothing."""
        return self.late > 0 or self.wakes == 0


class LatenessProbe:
    """Context manager; `result` holds after exit. The probe is a process of its own, so it never waits for our GIL."""

    def __init__(self) -> None:
        self.result = Lateness(0, 0, 0.0, 0.0)

    def __enter__(self) -> LatenessProbe:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cellctl.testing.lateness"], stdout=subprocess.PIPE, start_new_session=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        output, _error = self._process.communicate(timeout=10)
        if output:
            self.result = msgspec.json.decode(output, type=Lateness)


def _stolen_ms() -> float:
    """Steal time of all cores from /proc/stat, ms."""
    try:
        with open("/proc/stat", encoding="ascii") as file:  # noqa: PTH123  # opened twice in a probe's life
            return 10.0 * int(file.readline().split()[8])
    except (OSError, IndexError, ValueError):
        return 0.0


def _probe() -> None:
    running = True

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    wakes = late = max_ns = 0
    stolen = _stolen_ms()
    due = time.monotonic_ns() + PERIOD_NS
    while running:
        time.sleep(max(0, due - time.monotonic_ns()) / 1e9)
        behind = time.monotonic_ns() - due
        wakes += 1
        max_ns = max(max_ns, behind)
        late += behind > LIMIT_MS * 1e6
        due = max(due + PERIOD_NS, time.monotonic_ns())
    print(json.dumps({"wakes": wakes, "late": late, "max_ms": max_ns / 1e6, "stolen_ms": _stolen_ms() - stolen}))  # noqa: T201


if __name__ == "__main__":
    _probe()
