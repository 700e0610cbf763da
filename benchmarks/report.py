"""How long a report of a two-hour run takes, and how large it is.

    python benchmarks/report.py

Runs the coater and the full coater for two hours of virtual time, then writes each report twice: as a command in a
process of its own, start-up included, and inside this process, part by part. The physical limit is a process that only
starts Python, loads matplotlib and reads the run's files once. Prints and writes benchmarks/results/report.json.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from cellctl.report.html import to_html
from cellctl.report.pdf import to_pdf
from cellctl.report.run_record import read_run
from cellctl.report.run_report import run_report
from cellctl.runtime.loading import load_cell
from cellctl.runtime.lockstep import LockstepCell

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
RESULT = Path(__file__).resolve().parent / "results" / "report.json"
HOURS = 2.0
REPEATS = 3
MOST_S, MOST_BYTES = 5.0, 5_000_000
"""What a report may take and may be."""
FLOOR = "import sys, matplotlib.backends.backend_svg; [open(path, 'rb').read() for path in sys.argv[1:]]"


def two_hours(config: str, run_dir: Path) -> None:
    """Run a cell in virtual time."""
    live = LockstepCell(load_cell(CONFIGS / config, lockstep=True), run_dir)
    live.start()
    live.run(2.0)
    live.arm()
    live.run(HOURS * 3600.0 - 2.0)
    live.stop()


def seconds(command: list[str]) -> float:
    """Wall time of a process, the shortest of a few."""
    taken = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.perf_counter() - begin)
    return min(taken)


def parts(run_dir: Path) -> dict[str, float]:
    """Seconds of each part of the work, without start-up."""
    marks = [time.perf_counter()]
    run = read_run(run_dir)
    marks.append(time.perf_counter())
    document = run_report(run, str)
    marks.append(time.perf_counter())
    to_html(document, str)
    marks.append(time.perf_counter())
    to_pdf(document, str)
    marks.append(time.perf_counter())
    names = ("check_and_read_s", "build_s", "html_s", "pdf_s")
    return {name: round(after - before, 3) for name, before, after in zip(names, marks, marks[1:], strict=False)}


def measure(config: str) -> dict[str, Any]:
    """One cell: the run's size, the reports' sizes, and what they took."""
    with tempfile.TemporaryDirectory() as folder:
        run_dir, out = Path(folder) / "run", Path(folder) / "report.html"
        two_hours(config, run_dir)
        files = [path for path in run_dir.rglob("*") if path.is_file()]
        command = [sys.executable, "-m", "cellctl", "report", str(run_dir), "--out", str(out)]
        html_s = seconds(command)
        pdf_s = seconds([*command, "--pdf"])
        floor_s = seconds([sys.executable, "-c", FLOOR, *map(str, files)])
        figures: dict[str, Any] = {
            "config": config, "hours": HOURS, "run_bytes": sum(path.stat().st_size for path in files),
            "html_bytes": out.stat().st_size, "pdf_bytes": out.with_suffix(".pdf").stat().st_size,
            "command_s": round(html_s, 3), "command_with_pdf_s": round(pdf_s, 3), "floor_s": round(floor_s, 3),
            "times_the_floor": round(html_s / floor_s, 2), **parts(run_dir),
        }  # fmt: skip
    figures["within_limits"] = html_s <= MOST_S and figures["html_bytes"] <= MOST_BYTES
    return figures


def main() -> None:
    """Measure, print, write."""
    rows = {config.removesuffix(".yaml"): measure(config) for config in ("coater.yaml", "coater-full.yaml")}
    print("two hours of    run MB  HTML MB  PDF MB  HTML s  +PDF s  floor s  ratio")
    for name, row in rows.items():
        print(f"{name:14} {row['run_bytes'] / 1e6:7.1f} {row['html_bytes'] / 1e6:8.2f} {row['pdf_bytes'] / 1e6:7.2f} "
              f"{row['command_s']:7.2f} {row['command_with_pdf_s']:7.2f} {row['floor_s']:8.2f} "
              f"{row['times_the_floor']:6.1f}")  # fmt: skip
    kept = all(row["within_limits"] for row in rows.values())
    print(f"limits: {MOST_BYTES / 1e6:.0f} MB, {MOST_S:.0f} s: {'kept' if kept else 'NOT kept'}")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
