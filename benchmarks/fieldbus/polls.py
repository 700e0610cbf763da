"""10,000 tags over 10 devices at 1 Hz: what the bus processes of a live cell take, and whether they miss a poll.

The cell is a real one: a supervisor, its recorder, and a process for every device. Polls are counted at the devices,
by the read that holds the first tag; a poll is missed where two of them lie further apart than one and a half periods.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.fieldbus import plc
from benchmarks.fieldbus.plc import FIRST_TAG, Options
from benchmarks.fieldbus.process import PlcProcess
from benchmarks.fieldbus.row import Row
from cellctl.runtime.loading import load_cell
from cellctl.runtime.supervision import LiveCell
from cellctl.runtime.topology import Role

DEVICES, TAGS = 10, 1000
PERIOD_S = 1.0
WARM_UP_S = 5.0
MOST = 0.35
"""Of one core, by all bus processes together."""
_HANDSHAKE = (
    "{heartbeat: heartbeat, sequence: cmd_seq, echo: seq_echo, accept: accept_code, plc_heartbeat: plc_heartbeat}"
)


class Shares(NamedTuple):
    """Share of one core that the bus processes took, and how long that was looked at."""

    share: float
    seconds: float
    started_ns: int
    ended_ns: int


def rows(quick: bool) -> Iterator[Row]:
    """One row."""
    seconds = 20.0 if quick else 600.0
    with tempfile.TemporaryDirectory() as folder, PlcProcess(Options(DEVICES, log_reads=True)) as devices:
        taken = _run(_cell(Path(folder), devices.ports), Path(folder) / "run", seconds)
        polls = [polled(log["reads"], taken.started_ns, taken.ended_ns) for log in devices.stop()]
    late_ms = np.concatenate([np.abs(np.diff(times) / 1e6 - PERIOD_S * 1e3) for times in polls])
    lost = sum(missed(times) for times in polls)
    complete = all(len(times) >= taken.seconds / PERIOD_S - 1 for times in polls)
    yield Row(
        f"{DEVICES * TAGS:,} tags over {DEVICES} devices at 1 Hz for {taken.seconds:.0f} s",
        sum(map(len, polls)), lost == 0 and complete and taken.share < MOST,
        f"{taken.share:.1%} of one core, {lost} missed polls, period off by p99 {np.percentile(late_ms, 99):.1f} ms",
        asked=f"< {MOST:.0%} of one core, 0 missed polls",
    )  # fmt: skip


def polled(reads: list[list[int]], started_ns: int, ended_ns: int) -> list[int]:
    """Times of the polls within a stretch of time, ns, from (time, first register, registers) of every read."""
    return [t for t, first, count in reads if first <= FIRST_TAG < first + count and started_ns <= t <= ended_ns]


def missed(times: list[int]) -> int:
    """Polls that should have been between those that were."""
    return sum(max(0, round((late - early) / 1e9 / PERIOD_S) - 1) for early, late in pairwise(times))


def _cell(folder: Path, ports: list[int]) -> Path:
    """A cell that has nothing but such devices."""
    plc.table(folder / "tags.csv", TAGS)
    common = f"driver: modbus-tcp, host: 127.0.0.1, tags: tags.csv, poll: {{fast: 1 s}}, handshake: {_HANDSHAKE}"
    devices = "\n".join(f"  d{number}: {{{common}, port: {port}}}" for number, port in enumerate(ports))
    path = folder / "cell.yaml"
    path.write_text(f"version: 2\ncell: {{id: many-tags, path: A/B/C/D/E}}\ndevices:\n{devices}\n", encoding="utf-8")
    return path


def _run(cell: Path, run_dir: Path, seconds: float) -> Shares:
    """Let the cell live for so long."""
    with LiveCell(load_cell(cell), run_dir) as live:
        live.start()
        _poll(live, WARM_UP_S)
        pids = [process.pid for process in live.processes.values() if process.spec.role is Role.BUS]
        started_ns, before_s = time.monotonic_ns(), sum(map(cpu_s, pids))
        _poll(live, seconds)
        ended_ns, after_s = time.monotonic_ns(), sum(map(cpu_s, pids))
        live.stop()
    looked_s = (ended_ns - started_ns) / 1e9
    return Shares((after_s - before_s) / looked_s, looked_s, started_ns, ended_ns)


def _poll(live: LiveCell, seconds: float) -> None:
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        live.poll()
        assert not live.failure, live.failure


def cpu_s(pid: int) -> float:
    """Processor time that a process has taken, user and system, s."""
    fields: list[Any] = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
