"""Feeds broken Modbus to every decoder, and counts what comes out that is neither data nor an error of ours.

    python -m tests.fuzz.modbus [--inputs N] [--seed S] [TARGET …]

`server` is the codec by which SCADA reads the cell, with its answers. `client-tcp` and `client-rtu` are the way of a
controller's answers into the cell: pymodbus and the checks before it, over a wire whose other end is hostile. An input
is one stream of bytes, whole or in pieces; it follows from seed, target and the number of its batch. What is raised
other than an error of ours, logged with a traceback, or taken for an answer though it is none, is a failure; its bytes
are kept under out/fuzz/.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.captures import FILES, read_streams
from tests.fuzz.frames import ANSWERS, REQUESTS
from tests.fuzz.modbus_client import RTU, client_batch
from tests.fuzz.modbus_server import server_batch
from tests.fuzz.tally import Tally

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "fuzz-modbus.json"
KEPT = ROOT / "out" / "fuzz"
INPUTS = 1_000_000
BATCH = 5_000
PROCESSES = 2
WARM = 2
"""Batches of a process after which its memory may not grow any more."""


def seeds(data: Path | None) -> list[bytes]:
    """Data units that are sound: those of the specification, and of captured traffic where there is some."""
    units = {*REQUESTS, *ANSWERS}
    paths = [data / name for name in FILES] if data is not None else []
    for path in paths:
        for stream in read_streams(path) if path.is_file() else ():
            at = 0
            while at + 8 <= len(stream.data) and len(units) < 2000:
                size = int.from_bytes(stream.data[at + 4 : at + 6], "big")
                units.add(stream.data[at + 7 : at + 6 + size])
                at += 6 + max(size, 2)
    return sorted(units)


TARGETS: dict[str, Callable[[Random, list[bytes], int, Tally], None]] = {
    "server": server_batch,
    "client-tcp": client_batch,
    "client-rtu": partial(client_batch, kind=RTU),
}


def run_share(target: str, seed: int, batches: list[int], size: int, data: Path | None) -> Tally:
    """Some batches of one target, one after the other in this process."""
    tally, units = Tally(), seeds(data)
    warm = _resident_bytes()
    for number, batch in enumerate(batches):
        TARGETS[target](Random(f"{seed}/{target}/{batch}"), units, size, tally)
        if number < WARM:
            warm = _resident_bytes()
    tally.grown_bytes = _resident_bytes() - warm
    return tally


def _resident_bytes() -> int:
    """Most memory that this process has ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def run(target: str, inputs: int, seed: int, data: Path | None, processes: int = PROCESSES) -> Tally:
    """All batches of one target on several processes."""
    size = min(BATCH, inputs)
    batches = list(range(-(-inputs // size)))
    total = Tally()
    with ProcessPoolExecutor(processes) as pool:
        shares = [pool.submit(run_share, target, seed, batches[at::processes], size, data) for at in range(processes)]
        for share in shares:
            total.add(share.result())
    return total


def _keep(target: str, tally: Tally) -> Iterator[Path]:
    for number, (data, why) in enumerate(tally.examples):
        path = KEPT / f"{target}-{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{data}\n{why}\n", encoding="utf-8")
        yield path


HEAD = "decoder         inputs     taken uncaught  wrong  slowest ms   grown MB       s"


def show(target: str, tally: Tally, wall_s: float) -> str:
    """One line of the table."""
    return (f"{target:<12}{tally.inputs:>10}{tally.accepted:>10}{tally.uncaught:>9}{tally.wrong:>7}"
            f"{1e3 * tally.slowest_s:>12.1f}{tally.grown_bytes / 1e6:>11.1f}{wall_s:>8.0f}")  # fmt: skip


def main() -> int:
    """Feed, print a table, write the figures; status 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=INPUTS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="folder with captured traffic, for more sound frames to begin with")
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], default=[])
    options = parser.parse_args()
    print(HEAD)
    figures: dict[str, Any] = {"seed": options.seed}
    failed = False
    for target in options.targets or TARGETS:
        start_s = time.perf_counter()
        tally = run(target, options.inputs, options.seed, options.data)
        print(show(target, tally, time.perf_counter() - start_s), flush=True)
        for path in _keep(target, tally):
            print(f"  {path}")
        figures[target] = {name: value for name, value in vars(tally).items() if name != "examples"}
        failed |= tally.failed
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
