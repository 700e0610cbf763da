"""From a proposal in the bus's queue to the wire, and to the value in force, while 1,000 tags are polled at 10 Hz.

The controller runs in a process of its own, scans every 10 ms and notes when a command block arrives: that moment is
later than the one at which the request left, never earlier.

A run beside which the machine woke a probe more than 10 ms late is made again, twice at most, and says NOISY if the
last one was no better.
"""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import NamedTuple

from benchmarks.fieldbus import plc, rig
from benchmarks.fieldbus.figures import percentile_ms, spread
from benchmarks.fieldbus.plc import Options
from benchmarks.fieldbus.process import PlcProcess
from benchmarks.fieldbus.rig import MemoryJournal
from benchmarks.fieldbus.row import Row
from cellctl.evidence.journal import Journal
from cellctl.model.correction import Outcome
from cellctl.runtime.bus import JournalPort
from cellctl.runtime.worker.bus_host import SWITCH_S
from cellctl.testing.lateness import LatenessProbe

TAGS = 1000
POLL_S = 0.1
SCAN_S = 0.01
WIRE_MS, IN_FORCE_MS = 5.0, 20.0
PAUSE_S = (0.01, 0.07)
"""Between two moves: so that they fall at every moment of a poll and of a scan."""
ON_DISK = Path("out/fieldbus")
PLAYS = 3


class Moved(NamedTuple):
    """The times of one move, monotonic ns."""

    delivered: int
    stored: int
    written: int
    in_force: int
    confirmed: bool
    reason: str


def rows(quick: bool) -> Iterator[Row]:
    """Two rows for either place of the journal."""
    moves = 100 if quick else 1000
    sys.setswitchinterval(SWITCH_S)  # as in the process of a bus
    gc.collect()
    gc.freeze()
    taken, heard = _quietest(MemoryJournal, moves)
    yield from _judged("in memory", taken, heard)
    ON_DISK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ON_DISK) as folder, ExitStack() as open_files:
        numbers = count()

        def fresh() -> JournalPort:
            journal = Journal(Path(folder) / f"journal-{next(numbers)}.jsonl")
            open_files.callback(journal.close)
            return journal

        taken, heard = _quietest(fresh, moves)
        kept = spread([it.stored - it.delivered for it in taken if it.stored] or [0])
        yield from _judged("on disk", taken, f"; of it the journal {kept}{heard}")


def _quietest(journal: Callable[[], JournalPort], moves: int) -> tuple[list[Moved], str]:
    """The first run that the machine did not disturb, else the last one; and what a probe saw beside it."""
    for _ in range(PLAYS):
        with LatenessProbe() as probe:
            taken = asyncio.run(_measure(journal(), moves))
        seen = probe.result
        if not seen.noisy:
            break
    how = f"NOISY, {seen.late} wakes late" if seen.noisy else "quiet"
    return taken, f"; machine {how}, a probe woke at most {seen.max_ms:.1f} ms late"


async def _measure(journal: JournalPort, moves: int) -> list[Moved]:
    """Move the two loads by one count, up and down in turn; every block of the log belongs to one move."""
    taken: list[Moved] = []
    with tempfile.TemporaryDirectory() as folder, PlcProcess(Options(scan_s=SCAN_S)) as controller:
        table = plc.table(Path(folder) / "tags.csv", TAGS)
        bus = rig.device(controller.ports[0], table, poll={"fast": f"{POLL_S * 1e3:.0f} ms"})
        async with rig.running(bus, journal) as line:
            for number in range(moves):
                await asyncio.sleep(random.uniform(*PAUSE_S))
                tag, up = (rig.LEFT, rig.RIGHT)[number % 2], number // 2 % 2 == 0
                proposal = line.proposal(tag, rig.RECIPE + up * rig.RESOLUTION)
                result = await line.move(proposal)
                confirmed = result.outcome is Outcome.CONFIRMED
                at = (proposal.stamp.t_ns, result.intent_ns, result.written_ns, result.stamp.t_ns)
                taken.append(Moved(*at, confirmed, result.reason))
        arrived = [t_ns for t_ns, _ in controller.stop()[0]["blocks"]]
    if len(arrived) != sum(bool(it.written) for it in taken):
        return [it._replace(confirmed=False, reason="blocks on the wire and moves differ") for it in taken]
    blocks = iter(arrived)
    return [it._replace(written=next(blocks)) if it.written else it for it in taken]


def _judged(where: str, taken: list[Moved], beside: str) -> Iterator[Row]:
    """The row of the way to the wire, and that of the way to the value in force."""
    failed = [it.reason for it in taken if not it.confirmed]
    sent = [it for it in taken if it.confirmed] or taken
    wire, force = [it.written - it.delivered for it in sent], [it.in_force - it.written for it in sent]
    ours = wire if where == "in memory" else [it.written - it.stored for it in sent]
    wrong = f"; {len(failed)} not CONFIRMED: {failed[0]}" if failed else ""
    load = f"{TAGS} tags polled at {1 / POLL_S:.0f} Hz, journal {where}"
    yield Row(
        f"proposal in the queue → block at the PLC; {load}", len(taken),
        percentile_ms(ours, 99) <= WIRE_MS and not failed, spread(wire) + beside + wrong,
        asked=f"p99 ≤ {WIRE_MS:.0f} ms without the journal's fsync",
    )  # fmt: skip
    yield Row(
        f"block at the PLC → CONFIRMED in force; PLC scans every {SCAN_S * 1e3:.0f} ms, {load}", len(taken),
        percentile_ms(force, 99) <= IN_FORCE_MS + SCAN_S * 1e3 and not failed, spread(force) + wrong,
        peer="Neuron, as published", peer_figure="523 ms on average, 778 ms at worst",
        asked=f"p99 ≤ {IN_FORCE_MS:.0f} ms and one scan",
    )  # fmt: skip
