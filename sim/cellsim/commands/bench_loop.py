"""`cellctl bench-loop`: how long from light to set-point, over a thousand moves."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from cellctl.config.resolved import ResolvedCell
from cellctl.runtime.supervision import Interrupted, LiveCell
from cellsim.account import account, first_increments, is_balanced, with_misses
from cellsim.figures import flaws, frame_figures, machine_figures, percentiles, simulator_figures
from cellsim.trial import Outcomes, Tally, run_trial

LIMIT_S = 395.0
ATTEMPTS = 3
DECLARED = {
    "objects": "one spur in the middle of a known camera block every 0.3 m of web, left and right in turn",
    "threshold": "one object",
    "move": "+0.5 % of the recipe, then back to the recipe: the drift budget counts the net distance",
    "verification": "off; every move ends UNDECIDED and is taken back",
    "from": "exposure of the last line of the block in which the object closed (first_line: of its first line)",
    "to": "first increment confirmed: sequence echoed and in-force register read back by the cell",
    "account": "every object placed from that of the first to that of the last correction: acted on, or busy",
    "same_as_live": "processes, camera stream, inspection, classifier, guard, journal, PLC",
}


def bench_loop(
    *,
    moves: int = 1000,
    config: Path = Path("configs/bench.yaml"),
    scenario: str = "bench",
    out: Path = Path("out/bench-loop"),
    result: Path = Path("benchmarks/results/loop.json"),
) -> int:
    """Measure exposure → first increment in force on the whole cell; repeats a run on a noisy machine.

    Every attempt's figures are printed, and the last finished attempt's are kept in the result file.

    Example: `cellctl bench-loop --moves 100`

    Args:
        moves: how many moves to measure.
        config: the bench cell.
        scenario: the line that places the objects.
        out: folder for the run.
        result: where the figures go.
    """
    console = Console(highlight=False)
    noisy = 0
    for attempt in range(1, ATTEMPTS + 1):
        try:
            outcomes = run_trial(
                config, scenario, out, limit_s=LIMIT_S, face=_Progress(console, moves),
                until=lambda tally: tally.exposure_to_in_force.n >= moves,
            )  # fmt: skip
        except Interrupted:
            outcomes = None
        if outcomes is None or outcomes.interrupted:
            console.print("Interrupted; everything was ended, and no figures of this attempt were kept.")
            return 1
        noisy += outcomes.lateness.noisy
        figures = _figures(outcomes, moves, attempt, noisy)
        _print(console, figures, f"attempt {attempt} of at most {ATTEMPTS}")
        result.parent.mkdir(parents=True, exist_ok=True)
        result.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        if not outcomes.lateness.noisy:
            break
    console.print(f"figures of attempt {figures['attempts']}: {result}")
    return 0 if figures["complete"] else 1


class _Progress:
    """One line every ten seconds."""

    def __init__(self, console: Console, moves: int) -> None:
        self._console = console
        self._moves = moves
        self._tally = Tally()
        self._due = 0.0

    def open(self, cell: ResolvedCell) -> None:
        """Begin to count."""
        self._console.print(f"{cell.id}: one object every 0.3 s")

    def take(self, message: Any) -> None:
        """Count the moves."""
        self._tally.take(message)

    def show(self, _live: LiveCell) -> None:
        """Print where the count stands."""
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + 10.0
            self._console.print(f"{self._tally.exposure_to_in_force.n} of {self._moves} moves")

    def close(self, live: LiveCell) -> None:
        """Nothing to keep."""


def _figures(outcomes: Outcomes, moves: int, attempt: int, noisy: int) -> dict[str, Any]:
    simulator = simulator_figures(outcomes)
    frames = frame_figures(outcomes)
    found, found_flaws = account(outcomes), flaws(outcomes)
    from_exposure, from_first_line = first_increments(outcomes.results)
    return {
        "complete": found["confirmed"] >= moves and is_balanced(found) and not found_flaws,
        "flaws": found_flaws,
        "declared": DECLARED,
        "account": found,
        "exposure_to_in_force_ms": percentiles(from_exposure),
        "with_misses_ms": with_misses(from_exposure, found["refused"]),
        "first_line_to_in_force_ms": percentiles(from_first_line),
        "frames": frames,
        "simulator": simulator,
        "valid": simulator["valid"],
        "noisy": outcomes.lateness.noisy,
        "attempts": attempt,
        "noisy_attempts": noisy,
        "machine": machine_figures(outcomes),
        "envelope_violations": outcomes.line["envelope_violations"],
        "cpu_s": {name: round(beat.notes.get("cpu_s", 0.0), 2) for name, beat in outcomes.beats.items()},
        "seconds": round(outcomes.tally.seconds, 1),
        "stages_ms": {
            f"{name}.{stage}": {"p50": round(found.p50, 3), "p99": round(found.p99, 3), "max": round(found.max, 3)}
            for name, beat in outcomes.beats.items()
            for stage, found in beat.stages.items()
        },
        "failure": outcomes.failure,
    }


def _print(console: Console, figures: dict[str, Any], title: str) -> None:
    reach, age, found = figures["exposure_to_in_force_ms"], figures["frames"]["age_ms"], figures["account"]
    console.print(
        f"{title}: {'complete' if figures['complete'] else 'NOT complete'}\n"
        f"exposure → in force: p50 {reach['p50']} ms, p99 {reach['p99']} ms, max {reach['max']} ms, n={reach['n']}\n"
        f"objects placed {found['objects_placed']}: {found['acted_on']} acted on, {found['busy']} while busy, "
        f"{found['unaccounted']} unaccounted for\n"
        f"proposals {found['proposals']}: {found['confirmed']} confirmed, {found['refused']} refused, "
        f"{found['stopped']} cut off by the end, {found['unknown']} unknown\n"
        f"frame age: p99.9 {age['p999']} ms{'' if age['valid'] else ' (INVALID: not of every frame)'}; "
        f"{figures['frames']['dropped']} dropped; envelope violations {figures['envelope_violations']}\n"
        f"{'NOISY' if figures['noisy'] else 'quiet'} machine, "
        f"{'valid' if figures['valid'] else 'INVALID: the simulator was late'}"
    )
    for flaw in (*figures["flaws"], *(f"{count} refused: {why}" for why, count in found["reasons"].items())):
        console.print(f"  {flaw}", markup=False)
