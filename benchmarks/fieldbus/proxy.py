"""Some 500 faults between cell and PLC: what the cell says of each move is held against the PLC's own log.

    python -m benchmarks.fieldbus proxy

Each case is a bus process of its own with its guard and its journal, a proxy and a PLC, on real sockets. Several run
beside each other in one loop; where that loop was late itself, the case is played again.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.fieldbus.proxied.cases import matrix
from benchmarks.fieldbus.proxied.oracle import Judgement, judge
from benchmarks.fieldbus.proxied.rig import GaveUpError, before_others
from benchmarks.fieldbus.proxied.scene import Case, play
from benchmarks.fieldbus.row import Row
from cellctl.clock import NS_PER_S

BESIDE = 6
"""Cases that run at once in one loop: a third of what one core can do, so that the loop is seldom late by much."""
LOOPS = 2
"""Loops, each in a process of its own."""
QUICK = 20
"""With `--quick` every twentieth case."""
LATE_MS = 20.0
"""A case in which this very loop came back later than that after the fault is played again: its times say nothing of
the cell."""
PLAYS = 3
"""So often at most; the last one counts, however late the loop was."""
_LOOK_S = 0.005


class Lateness:
    """How late the loop comes back to one who sleeps."""

    def __init__(self) -> None:
        self._late: list[tuple[float, float]] = []

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            asked_s = time.monotonic()
            await asyncio.sleep(_LOOK_S)
            now_s = time.monotonic()
            self._late.append((now_s, (now_s - asked_s - _LOOK_S) * 1000))

    def worst_ms(self, from_s: float) -> float:
        """The worst since a time, ms."""
        return max((late_ms for at_s, late_ms in self._late if from_s <= at_s), default=0.0)


class Found:
    """What a run of cases showed.

    Attributes:
        judged: case → its last play.
        wrong: what the oracle found in any play, also in those whose times do not count.
        replays: likewise.
        gave_up: cases that came to no end.
        uncaught: what pymodbus let escape into the loop, on the cell's side or on the PLC's.
        again: plays whose times do not count, because the loop was late.
        late_ms: how late it was at the worst in the plays that count.
    """

    def __init__(self) -> None:
        self.judged: dict[str, Judgement] = {}
        self.wrong: list[str] = []
        self.replays: list[str] = []
        self.gave_up: list[str] = []
        self.uncaught: list[str] = []
        self.again = 0
        self.late_ms = 0.0

    def take(self, name: str, judged: Judgement) -> None:
        """One play more."""
        self.judged[name] = judged
        self.wrong += [f"{name}: {line}" for line in judged.wrong]
        self.replays += [f"{name}: {line}" for line in judged.replays]

    def join(self, other: Found) -> None:
        """What another loop found."""
        self.judged |= other.judged
        for name in ("wrong", "replays", "gave_up", "uncaught"):
            getattr(self, name).extend(getattr(other, name))
        self.again += other.again
        self.late_ms = max(self.late_ms, other.late_ms)

    def late(self) -> list[str]:
        """Times that were too long."""
        return [f"{name}: {line}" for name, it in self.judged.items() for line in it.late]

    def largest(self, field: str) -> float:
        """The largest of one time over all cases that have it."""
        return max((value for it in self.judged.values() if (value := getattr(it, field)) is not None), default=0.0)


async def run(cases: list[Case], folder: Path, beside: int = BESIDE) -> Found:
    """Play the cases, `beside` of them at once."""
    found, lateness, turn = Found(), Lateness(), asyncio.Semaphore(beside)

    async def one(number: int, case: Case) -> None:
        async with turn:
            await _settle(case, folder / str(number), found, lateness)

    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: found.uncaught.append(str(context)))
    watch = asyncio.create_task(lateness.watch())
    await asyncio.gather(*(one(number, case) for number, case in enumerate(cases)))
    watch.cancel()
    return found


async def _settle(case: Case, folder: Path, found: Found, lateness: Lateness) -> None:
    """Play one case until the loop was in time."""
    for number in range(1, PLAYS + 1):
        from_s, gave_up = time.monotonic(), ""
        try:
            played = await play(case, folder / str(number))
        except GaveUpError as error:
            gave_up = str(error)
        else:
            found.take(case.name, await asyncio.to_thread(judge, played))
            from_s = played.struck_ns / NS_PER_S
        late_ms = lateness.worst_ms(from_s)
        if late_ms <= LATE_MS or number == PLAYS:
            found.gave_up += [f"{case.name}: {gave_up}"] if gave_up else []
            found.late_ms = max(found.late_ms, late_ms)
            return
        found.again += 1


def rows(quick: bool) -> Iterator[Row]:
    """The three rows: outcomes, replays, times."""
    cases = matrix()[:: QUICK if quick else 1]
    found = Found()
    with ProcessPoolExecutor(LOOPS, mp_context=get_context("spawn")) as pool:
        for part in pool.map(_part, [cases[first::LOOPS] for first in range(LOOPS)]):
            found.join(part)
    for line in (*found.wrong, *found.replays, *found.late(), *found.gave_up):
        print(f"     {line}")
    yield _outcomes(found, len(cases))
    yield _replays(found, len(cases))
    yield _times(found)


def _part(cases: list[Case]) -> Found:
    """The cases of one loop, in its own process."""
    with before_others(), TemporaryDirectory() as folder:
        return asyncio.run(run(cases, Path(folder)))


def _outcomes(found: Found, count: int) -> Row:
    said = Counter(outcome for it in found.judged.values() for outcome in it.outcomes)
    return Row(
        "faults at the proxy: what is said of each move, by the PLC's log",
        count,
        not found.wrong and not found.gave_up,
        f"{len(found.wrong)} wrong; {len(found.gave_up)} came to no end; "
        + ", ".join(f"{number} {name}" for name, number in sorted(said.items()))
        + f"; {len(found.uncaught)} errors escaped into the loop",
        asked="each CONFIRMED by the value in force, or REFUSED with nothing in force, or UNKNOWN",
    )


def _replays(found: Found, count: int) -> Row:
    return Row(
        "faults at the proxy: blocks sent again, or more than 200 ms after the last word on their move",
        count,
        not found.replays,
        f"{len(found.replays)} replays; oldest block taken {found.largest('age_ms'):.0f} ms after it left the cell",
        asked="0",
    )


def _times(found: Found) -> Row:
    late = found.late()
    held = sorted(it.held_ms for it in found.judged.values() if it.held_ms is not None)
    trips = sum(it.watchdog_ms is not None for it in found.judged.values())
    return Row(
        "faults at the proxy: from the request that met the fault to the cell held; from the last beat to the watchdog",
        len(held),
        not late and bool(held),
        f"held: median {held[len(held) // 2]:.0f} ms, worst {held[-1]:.0f} ms; "
        f"watchdog ({trips} trips): worst {found.largest('watchdog_ms'):.0f} ms; "
        f"all set-points at the recipe: worst {found.largest('home_ms') / 1000:.1f} s; "
        f"loop late by at most {found.late_ms:.0f} ms ({found.again} plays again)",
        asked="≤ 250 ms (time-out 200 ms); ≤ 550 ms (watchdog 500 ms)",
    )
