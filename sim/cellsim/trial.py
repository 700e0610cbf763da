"""A trial: one cell against one simulated line, timed, and afterwards compared with the line's own truth."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from cellctl.config.resolved import ResolvedCell
from cellctl.evidence import LEDGER_FILE, RecordKind, verify_run
from cellctl.evidence.canonical import restore
from cellctl.model import (
    Correction,
    Nonconformity,
    Outcome,
    PackMLState,
    WritePhase,
    WriteResult,
)
from cellctl.model.correction import Kind
from cellctl.runtime.control import Beat
from cellctl.runtime.histogram import Histogram
from cellctl.runtime.loading import load_cell
from cellctl.runtime.supervision import LiveCell
from cellctl.testing.lateness import Lateness, LatenessProbe
from cellsim.line import Line


@dataclass
class Tally:
    """What a trial has seen of the cell so far; `until` looks at it."""

    corrections: dict[str, Correction] = field(default_factory=dict)
    nonconformities: list[Nonconformity] = field(default_factory=list)
    exposure_to_in_force: Histogram = field(default_factory=Histogram)
    first_line_to_in_force: Histogram = field(default_factory=Histogram)
    seconds: float = 0.0

    def take(self, message: Any) -> None:
        """Take in one message of the cell."""
        match message:
            case Correction():
                self.corrections[message.transaction] = message
            case Nonconformity():
                self.nonconformities.append(message)
            case WriteResult(phase=WritePhase.FIRST_INCREMENT, outcome=Outcome.CONFIRMED, kind=Kind.STEP):
                self.exposure_to_in_force.add(message.stamp.t_ns - message.exposure_ns)
                self.first_line_to_in_force.add(message.stamp.t_ns - message.first_line_ns)


ARM_S = 5.0
"""Longest wait for what speaks against starting the cell to go."""


class Face(Protocol):
    """Shows a trial to a person."""

    def open(self, cell: ResolvedCell) -> None:
        """The cell is about to start."""
        ...

    def take(self, message: Any) -> None:
        """The cell said something."""
        ...

    def show(self, live: LiveCell) -> None:
        """Called at least every 50 ms while the trial runs."""
        ...

    def close(self, live: LiveCell) -> None:
        """The trial is over and the cell is about to be stopped."""
        ...


@dataclass(frozen=True)
class Outcomes:
    """What a trial ended with.

    Attributes:
        tally: what was seen live.
        lateness: of this machine during the run.
        beats: last words of every worker.
        drained: whether every worker handled all it was sent.
        failure: why the cell failed, else empty.
        interrupted: whether somebody stopped it.
        line: the line's own summary.
        truth: the line's record of every true object and episode.
        evidence_ok: whether the run's evidence holds.
        head: the ledger's head.
        judged: intervals of judged frame ids by camera, from the ledger.
        corrections: last record of every correction, from the ledger (what a face hears may be thinned out).
        results: every report of the guard, from the ledger.
        run_dir: the run folder.
    """

    tally: Tally
    lateness: Lateness
    beats: dict[str, Beat]
    drained: bool
    failure: str
    interrupted: bool
    line: dict[str, Any]
    truth: list[dict[str, Any]]
    evidence_ok: bool
    head: str
    judged: dict[str, list[list[int]]]
    corrections: tuple[Correction, ...]
    results: tuple[WriteResult, ...]
    run_dir: Path


def run_trial(
    config: Path,
    scenario: str,
    out: Path,
    *,
    until: Callable[[Tally], bool],
    limit_s: float,
    face: Face,
) -> Outcomes:
    """Start the line and the cell, let them run until `until` holds or the time is up, stop both, compare.

    Args:
        config: the cell's YAML, run with its stand-ins on free ports.
        scenario: name or path of the scenario.
        out: folder for this trial; what is in it is removed first.
        until: looks at the tally after every batch of messages.
        limit_s: cap on the running time.
        face: shows what happens.
    """
    shutil.rmtree(out, ignore_errors=True)
    tally = Tally()
    run_dir = out / "run"
    with LatenessProbe() as probe, Line(scenario, out=out / "line", plc_port=0, camera_port=0) as line:
        endpoints = {"plc": {"port": line.plc_port}, "wet_camera": {"port": line.camera_port}}
        cell = load_cell(config, simulated=True, endpoints=endpoints)
        face.open(cell)

        def listen(message: Any) -> None:
            tally.take(message)
            face.take(message)

        with LiveCell(cell, run_dir, listen) as live:
            live.start()
            _arm(live)
            begin = time.monotonic()
            while _goes_on(live) and not until(tally) and tally.seconds < limit_s:
                live.poll()
                face.show(live)
                tally.seconds = time.monotonic() - begin
            interrupted, failure = live.interrupted, live.failure or _held(live)
            face.close(live)
            drained = live.stop()
            beats = {name: process.beat for name, process in live.processes.items() if process.beat}
    report = verify_run(run_dir)
    ledger = _lines(run_dir / LEDGER_FILE)
    return Outcomes(
        tally=tally,
        lateness=probe.result,
        beats=beats,
        drained=drained,
        failure=failure,
        interrupted=interrupted,
        line=json.loads((out / "line" / "sim_summary.json").read_text()),
        truth=_lines(out / "line" / "truth.jsonl"),
        evidence_ok=report.ok,
        head=report.head,
        judged=_judged(ledger),
        corrections=_corrections(ledger),
        results=tuple(restore(record["body"], WriteResult) for record in _of_kind(ledger, RecordKind.RESULT)),
        run_dir=run_dir,
    )


def _goes_on(live: LiveCell) -> bool:
    """Whether the cell still acts and nobody asked it to end."""
    return live.state.state is PackMLState.EXECUTE and not live.interrupted


def _held(live: LiveCell) -> str:
    """Why the cell no longer acts, if it does not."""
    return "" if live.state.state is PackMLState.EXECUTE else f"{live.state.state.name}: {live.state.reason}"


def _arm(live: LiveCell) -> None:
    """Start the cell as soon as nothing speaks against it (the PLC may not have answered yet)."""
    end = time.monotonic() + ARM_S
    while live.arm() and time.monotonic() < end and not live.interrupted:
        live.poll()


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _of_kind(ledger: list[dict[str, Any]], kind: RecordKind) -> list[dict[str, Any]]:
    return [record for record in ledger if record["kind"] == kind]


def _judged(ledger: list[dict[str, Any]]) -> dict[str, list[list[int]]]:
    """Intervals of judged frame ids, as the ledger's closing record states them."""
    for record in _of_kind(ledger, RecordKind.RUN_CLOSED):
        return {camera: totals["judged"] for camera, totals in record["body"]["frames"].items()}
    return {}


def _corrections(ledger: list[dict[str, Any]]) -> tuple[Correction, ...]:
    """The last record of every correction, in the order of their proposals."""
    last: dict[str, Correction] = {}
    for record in _of_kind(ledger, RecordKind.CORRECTION):
        correction = restore(record["body"], Correction)
        last[correction.transaction] = correction
    return tuple(last.values())
