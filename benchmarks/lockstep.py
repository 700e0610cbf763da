"""How fast a cell runs in virtual time, and what the host itself costs per message and handler.

    python benchmarks/lockstep.py

Prints and writes benchmarks/results/lockstep.json. The real-time factors are of whole cells with ledger and journal
in files; the cost of the host is measured with plugins that do nothing, beside a bare heap of the same events.
"""

from __future__ import annotations

import json
import tempfile
import time
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

from cellctl.clock import NS_PER_MS, VirtualClock
from cellctl.model import Alarm, Priority, Stamp
from cellctl.runtime.loading import load_cell
from cellctl.runtime.lockstep import LockstepCell
from cellctl.runtime.lockstep.outbox import Outbox
from cellctl.runtime.lockstep.schedule import Schedule, Timer

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
RESULT = Path(__file__).resolve().parent / "results" / "lockstep.json"
LISTENERS = 5
MESSAGES = 20_000
REPEATS = 5


def cell_figures(config: str, seconds: float, **world: str) -> dict[str, Any]:
    """Run one cell; virtual seconds per second of wall and of CPU time, start and stop left out."""
    cell = load_cell(CONFIGS / config, lockstep=True, world=world)
    heard = 0

    def listen(_message: Any) -> None:
        nonlocal heard
        heard += 1

    with tempfile.TemporaryDirectory() as folder:
        live = LockstepCell(cell, Path(folder) / "run", listen=listen)
        live.start()
        live.run(2.0)
        refusal = live.arm()
        events, wall, cpu = live.handled, time.perf_counter(), time.process_time()
        live.run(seconds)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        events = live.handled - events
        live.stop()
    return {
        "config": config, "world": world, "virtual_s": seconds, "armed": not refusal, "messages_heard": heard,
        "events_per_s": round(events / seconds, 1), "times_real_time": round(seconds / wall, 1),
        "times_real_time_by_cpu": round(seconds / cpu, 1), "cpu_ms_per_virtual_s": round(1e3 * cpu / seconds, 3),
    }  # fmt: skip


def host_us() -> float:
    """CPU time of the host per message and handler, µs: stamp, schedule, deliver to handlers that do nothing."""
    schedule = Schedule(VirtualClock())
    outbox = Outbox(schedule, "source")
    handled = 0

    def handle(_message: Any) -> None:
        nonlocal handled
        handled += 1

    outbox.listeners = [(place, handle) for place in range(1, 1 + LISTENERS)]
    message = Alarm(stamp=Stamp(0), id="none", active=True, priority=Priority.LOW, text="nothing")
    Timer(schedule, 0, NS_PER_MS, lambda _: outbox.send(message))
    begin = time.process_time()
    schedule.run(MESSAGES * NS_PER_MS)
    return 1e6 * (time.process_time() - begin) / handled


def heap_us() -> float:
    """The same events through a bare heap of tuples, µs each: what no host in this language can go below."""
    heap: list[tuple[int, int, int]] = []
    number = 0
    begin = time.process_time()
    for turn in range(MESSAGES):
        for place in range(LISTENERS):
            number += 1
            heappush(heap, (turn, place, number))
        while heap:
            heappop(heap)
    return 1e6 * (time.process_time() - begin) / number


def main() -> None:
    """Measure, print, write."""
    cost = [(host_us(), heap_us()) for _ in range(REPEATS)]
    host, heap = min(pair[0] for pair in cost), min(pair[1] for pair in cost)
    figures = {
        "detector": cell_figures("coater.yaml", 600.0, scenario="demo"),
        "detector_full": cell_figures("coater-full.yaml", 1200.0, scenario="coater"),
        "rendered": cell_figures("coater.yaml", 30.0, scenario="demo", eyes="rendered"),
        "host": {"us_per_message_and_handler": round(host, 3), "bare_heap_us": round(heap, 3),
                 "ratio": round(host / heap, 2), "listeners": LISTENERS, "messages": MESSAGES},
    }  # fmt: skip
    for name in ("detector", "detector_full", "rendered"):
        row = figures[name]
        by_cpu = (
            f"{row['times_real_time_by_cpu']:.1f} × by CPU time, {row['cpu_ms_per_virtual_s']:.2f} ms per virtual s"
        )
        print(f"{name:14} {row['times_real_time']:8.1f} × real time ({by_cpu})")
    print(f"{'host':14} {host:8.2f} µs per message and handler; a bare heap {heap:.2f} µs, ratio {host / heap:.1f}")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
