"""How long the command line takes to answer: `cellctl --help`, `--version`, and one command's own help.

`python benchmarks/startup.py [--rounds N]` prints a table and writes benchmarks/results/startup.json. The cases take
turns with `python -c pass`, which is the least that any Python program takes; the ratio is of the medians. `--help`
must answer within 150 ms.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "startup.json"
LIMIT_MS = 150.0
CELLCTL = str(Path(sys.executable).with_name("cellctl"))
PEER = "python -c pass"
CASES = {
    PEER: [sys.executable, "-c", "pass"],
    "cellctl --help": [CELLCTL, "--help"],
    "cellctl --version": [CELLCTL, "--version"],
    "cellctl check --help": [CELLCTL, "check", "--help"],
}
LIMITED = ("cellctl --help", "cellctl --version")


def taken_ms(command: list[str]) -> float:
    """From the start of the process to its end, ms."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return 1000.0 * (time.perf_counter() - start)


def main() -> int:
    """Measure, print, and write the figures; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21, help="how often each case runs")
    rounds = parser.parse_args().rounds
    for command in CASES.values():
        taken_ms(command)
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(rounds):
        for name, command in CASES.items():
            times[name].append(taken_ms(command))
    medians = {name: statistics.median(found) for name, found in times.items()}
    print(f"{'case':24}{'median ms':>10}{'max ms':>9}{'limit':>7}{'x python':>10}")
    rows = []
    for name, median in medians.items():
        limit = LIMIT_MS if name in LIMITED else None
        ratio = median / medians[PEER]
        print(f"{name:24}{median:10.1f}{max(times[name]):9.1f}{limit or '':>7}{ratio:10.2f}")
        rows.append({"case": name, "median_ms": median, "max_ms": max(times[name]), "limit_ms": limit, "ratio": ratio})
    RESULTS.parent.mkdir(exist_ok=True)
    figures = {"machine": platform.processor(), "rounds": rounds, "peer": PEER, "cases": rows}
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if all(medians[name] <= LIMIT_MS for name in LIMITED) else 1


if __name__ == "__main__":
    sys.exit(main())
