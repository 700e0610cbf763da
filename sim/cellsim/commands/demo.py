"""`cellctl demo`: the simulated line and a cell, until one loop has closed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from cellctl.config.resolved import ResolvedCell
from cellctl.hmi.live import LiveView
from cellctl.hmi.picture import export_svg
from cellctl.model import TransactionState
from cellctl.model.correction import EFFECTIVE_STATES
from cellctl.runtime.supervision import Interrupted, LiveCell
from cellsim.figures import (
    correction_figures,
    flaws,
    frame_figures,
    machine_figures,
    nonconformity_figures,
    percentiles,
    simulator_figures,
)
from cellsim.trial import Outcomes, Tally, run_trial

FIXABLE = "coat_edge_spur"
UNFIXABLE = "agglomerate"
LIMIT_S = 200.0
"""Cap on the running time; with start and stop it stays below four minutes."""
LONG_LIMIT_S = 900.0
"""Likewise in the long form, which waits for 300 m in control before the set-point goes back."""
INTRODUCTION = (
    "A simulated coating line starts. From metre 20 on its right edge makes spurs, which the blade load can "
    "mend; from metre 60 on the slurry has agglomerates, which nothing here can mend. Watch what the cell does; "
)
SHORT = "it takes about 90 seconds.\n"
LONG = (
    "after 300 m in control it takes its correction back, to see whether the spurs come back without it. "
    "It takes about seven minutes.\n"
)


def demo(
    *,
    config: Path = Path("configs/coater.yaml"),
    scenario: str = "demo",
    out: Path = Path("out/demo"),
    times: int = 1,
    attempts: int = 1,
    long: bool = False,
) -> int:
    """Watch a cell see a defect, move a set-point and prove that it helped; takes about 90 seconds.

    Ends when one correction has its verdict and one nonconformity is filed. Exits 0 if the loop closed: a
    correction was EFFECTIVE, the unfixable defect was reported, no correction rests on what no set-point mends (by the
    line's own truth), the plant's log holds no envelope violation, every frame was judged, and the evidence holds.
    None of these is a time: a NOISY run is marked, and it is not repeated unless `--attempts` is given.

    Example: `cellctl demo`

    Args:
        config: the cell's YAML file; its section `simulate:` is used.
        scenario: what happens on the line.
        out: folder for the run, the line's own records and `summary.json`; what is in it is removed.
        times: show it so often, one after the other, and list the times.
        attempts: repeat a run up to this many times while the machine is NOISY.
        long: go on until the correction was taken back, the fault returned, and a second correction mended it again:
            PROVEN. Takes about seven minutes.
    """
    form = _PROOF if long else _VERDICT
    console = Console(highlight=False)
    shown: list[dict[str, Any]] = []
    for _ in range(times):
        summary = None
        for attempt in range(1, attempts + 1):
            summary = _show(console, config, scenario, out, attempt, form)
            if summary is None or not summary["noisy"]:
                break
        if summary is None:
            return 1
        shown.append(summary)
    if times > 1:
        _list(console, shown)
        (out / "times.json").write_text(json.dumps(shown, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if all(summary["closed"] for summary in shown) else 1


def _show(  # noqa: PLR0917  # what the command was called with
    console: Console, config: Path, scenario: str, out: Path, attempt: int, form: _Form
) -> dict[str, Any] | None:
    """One demonstration; None when it was interrupted."""
    console.print(INTRODUCTION + form.words)
    screen = _Screen(console, out)
    try:
        outcomes = run_trial(config, scenario, out, until=form.until, limit_s=form.limit_s, face=screen)
    except Interrupted:
        outcomes = None
    finally:
        screen.end()
    if outcomes is None or outcomes.interrupted:
        console.print("Interrupted; the plant is in its safe state and everything was ended.")
        return None
    summary = {**summarize(outcomes, form.goal), "attempt": attempt}
    (out / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    _print(console, summary, out)
    return summary


def _list(console: Console, shown: list[dict[str, Any]]) -> None:
    """One line per demonstration."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("", "loop", "seconds", "exposure to in force, ms", "frame age p99.9, ms", "dropped", "machine"):
        table.add_column(title, justify="right")
    for number, summary in enumerate(shown, 1):
        reach, frames = summary["exposure_to_in_force_ms"], summary["frames"]
        table.add_row(
            str(number),
            "closed" if summary["closed"] else "NOT closed",
            f"{summary['seconds']:.1f}",
            f"{reach['max']:.1f} (n={reach['n']})",
            f"{frames['age_ms']['p999']:.1f}",
            str(frames["dropped"]),
            _machine(summary),
        )
    console.print(table)


def _machine(summary: dict[str, Any]) -> str:
    """What the machine did to the times, in one word each."""
    return ("NOISY" if summary["noisy"] else "quiet") + ("" if summary["valid"] else ", INVALID")


class _Screen:
    """The live view."""

    def __init__(self, console: Console, out: Path) -> None:
        self._console = console
        self._out = out
        self._view: LiveView | None = None

    def open(self, cell: ResolvedCell) -> None:
        """Begin the view."""
        self._view = LiveView(cell, self._console)
        self._view.__enter__()
        self.take = self._view.take
        self.show = self._view.show

    def end(self) -> None:
        """Leave the last view on the screen."""
        if self._view is not None:
            self._view.__exit__(None, None, None)

    def close(self, live: LiveCell) -> None:
        """Draw the last view, keep it as data and as a picture, and say what comes now."""
        if self._view is None:
            return
        self._view.show(live, now=True)
        self.end()
        self._console.print("\nStopping: the set-points go back to the recipe, the evidence is closed …\n")
        view = self._view.view(live)
        (self._out / "view.json").write_bytes(msgspec.json.encode(view))
        export_svg(view, self._out / "view.svg")


def _closed(tally: Tally) -> bool:
    """One correction has its final verdict and one nonconformity is filed."""
    return bool(tally.nonconformities) and any(seen.state.is_verdict for seen in tally.corrections.values())


def _proven(tally: Tally) -> bool:
    """One correction was taken back, needed again and made again with success."""
    return bool(tally.nonconformities) and any(seen.state in PROVEN for seen in tally.corrections.values())


PROVEN = frozenset({TransactionState.PROVEN})


class _Form(NamedTuple):
    """How long a demonstration goes on, and what it has to end with."""

    words: str
    until: Callable[[Tally], bool]
    limit_s: float
    goal: frozenset[TransactionState]


_VERDICT = _Form(SHORT, _closed, LIMIT_S, EFFECTIVE_STATES)
_PROOF = _Form(LONG, _proven, LONG_LIMIT_S, PROVEN)


def summarize(outcomes: Outcomes, goal: frozenset[TransactionState] = EFFECTIVE_STATES) -> dict[str, Any]:
    """Everything that `summary.json` holds; the loop counts as closed when a correction reached the `goal`."""
    corrections = [correction_figures(seen, outcomes.truth) for seen in outcomes.corrections]
    effective = [seen for seen in corrections if seen["verdict"] in goal]
    reported = [report for report in outcomes.tally.nonconformities if report.defect == UNFIXABLE]
    simulator, found_flaws = simulator_figures(outcomes), flaws(outcomes)
    return {
        "closed": bool(any(seen["defect"] == FIXABLE for seen in effective) and reported and not found_flaws),
        "flaws": found_flaws,
        "seconds": round(outcomes.tally.seconds, 1),
        "noisy": outcomes.lateness.noisy,
        "valid": simulator["valid"],
        "corrections": corrections,
        "nonconformities": [nonconformity_figures(report) for report in outcomes.tally.nonconformities],
        "exposure_to_in_force_ms": percentiles(outcomes.tally.exposure_to_in_force),
        "first_line_to_in_force_ms": percentiles(outcomes.tally.first_line_to_in_force),
        "frames": frame_figures(outcomes),
        "simulator": simulator,
        "machine": machine_figures(outcomes),
        "envelope_violations": outcomes.line["envelope_violations"],
        "corrections_on_unfixable": sum(seen["on_unfixable"] for seen in corrections),
        "evidence": {"holds": outcomes.evidence_ok, "head": outcomes.head},
        "drained": outcomes.drained,
        "failure": outcomes.failure,
        "run": str(outcomes.run_dir),
    }


def _print(console: Console, summary: dict[str, Any], out: Path) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for seen in summary["corrections"]:
        test = seen["test"] or {"events": 0, "metres": 0.0}
        table.add_row(
            "correction",
            f"{seen['verdict']}: {seen['tag']} {seen['old']:.2f} → {seen['proposed']:.2f} {seen['unit']}; "
            f"{test['events']} objects in {test['metres']:.1f} m since, "
            f"{seen['baseline_per_m'] * test['metres']:.1f} expected without effect",
        )
    for report in summary["nonconformities"]:
        table.add_row("nonconformity", f"{report['id']} {report['defect']}: {report['cause']}; no set-point was moved")
    frames, reach = summary["frames"], summary["exposure_to_in_force_ms"]
    whole = [seen["exposure_to_target_ms"] for seen in summary["corrections"] if seen["exposure_to_target_ms"]]
    ramp = f"; the whole ramp {max(whole) / 1000:.1f} s" if whole else ""
    table.add_row("exposure → in force", f"first increment {reach['max']:.0f} ms, allowed 800 ms{ramp}")
    table.add_row("frames", f"{frames['judged']} of {frames['produced']} judged, {frames['dropped']} dropped, "
                            f"age p99.9 {frames['age_ms']['p999']:.1f} ms"
                            f"{'' if frames['age_ms']['valid'] else ' (INVALID: not of every frame)'}")  # fmt: skip
    table.add_row("plant's own log", f"{summary['envelope_violations']} envelope violations, "
                  f"{summary['corrections_on_unfixable']} corrections on causes that cannot be mended")  # fmt: skip
    table.add_row("evidence", "holds" if summary["evidence"]["holds"] else "does NOT hold")
    noisy = "NOISY: times say little; this run is not repeated unless --attempts is given"
    table.add_row("this machine", noisy if summary["noisy"] else "quiet enough for the times above")
    table.add_row("simulator", "in time" if summary["valid"] else
                  f"INVALID: the line itself was late ({summary['simulator']['late']} blocks)")  # fmt: skip
    table.add_row("run folder", f"{summary['run']}   (check it: cellctl verify {summary['run']})")
    table.add_row("figures", str(out / "summary.json"))
    console.print(table)
    console.print(
        "The loop closed." if summary["closed"] else f"The loop did NOT close. {'; '.join(summary['flaws'])}",
        style="bold",
    )
