"""Native kernels against named peers and against what no program can do without, interleaved in one run.

`python -m benchmarks.kernels [--rounds N] [--only TEXT]` prints a table and writes benchmarks/results/kernels.json: a
list with one row for each case and peer; with --only it leaves that file alone. Trust the ratios; the times are those
of this machine. The exit status is 1 when a goal is missed or a peer is not there.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path
from typing import Any

from benchmarks.peers import collect, machine, timing

RESULTS = Path(__file__).parent / "results" / "kernels.json"
LEAST_ROUNDS = 30


def missed(row: dict[str, Any]) -> list[str]:
    """What was promised of a row and is not so."""
    goals = ["not measured"] if "skipped" in row else []
    if row.get("ratio_peer") is not None and row["ratio_peer"] < row["peer_goal"]:
        goals.append(f"{row['peer_goal']:g} times faster")
    if row.get("limit_goal") and row["ratio_limit"] > row["limit_goal"]:
        goals.append(f"{row['limit_goal']:g} times the limit")
    if row.get("rate_goal") and row["bytes_per_s"] < row["rate_goal"]:
        goals.append(f"{row['rate_goal'] / 1e9:g} GB/s")
    return goals


def heading(row: dict[str, Any]) -> str:
    """What the table says of a case, whatever its peers."""
    text = f"{row['case']}: {row['ours_us']:.1f} µs"
    if row["limit"]:
        goal = f", goal {row['limit_goal']:g}" if row["limit_goal"] else ""
        text += f"; {row['ratio_limit']:.2f} times as long as to {row['limit']}{goal}"
    if "bytes_per_s" in row:
        goal = f", goal {row['rate_goal'] / 1e9:g}" if row["rate_goal"] else ""
        text += f"; {row['bytes_per_s'] / 1e9:.2f} GB/s{goal}"
    return f"{text}; error {row['error']:.1e} {row['error_unit']}"


def against(row: dict[str, Any]) -> str:
    """What the table says of one peer."""
    low, high = row["ci95"]
    goal = f", goal {row['peer_goal']:g}" if row["peer_goal"] else ""
    failed = f"  MISSED: {', '.join(missed(row))}" if missed(row) else ""
    noisy = f"  NOISY: {', '.join(row['noise'])}" if row["noisy"] else ""
    ratio = f"{row['ratio_peer']:7.2f} [{low:.2f}, {high:.2f}]{goal}"
    return f"  {ratio} × {row['peer']}, {row['peer_us']:.1f} µs{failed}{noisy}"


def show(rows: list[dict[str, Any]]) -> None:
    """Print the rows of one case."""
    print(heading(rows[0]))
    for row in rows:
        if row.get("peer"):
            print(against(row), flush=True)


def measure(rounds: int, only: str) -> list[dict[str, Any]]:
    """All rows, printed as they come; the cases in random order."""
    peers = collect.load()
    rows: list[dict[str, Any]] = [
        {"case": name, "skipped": f"{package} is not installed; do: pip install '.[bench]'"}
        for name, package in peers.missing.items()
    ]
    cases = [case for module in peers.modules for case in module.cases() if only.lower() in case.name.lower()]
    for case in random.sample(cases, len(cases)):
        found = timing.compare(case, rounds)
        show(found)
        rows += found
    return rows


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS + 1, help="rounds of every case, 30 at least")
    parser.add_argument("--only", default="", help="only cases with this in their name")
    asked = parser.parse_args()
    if asked.rounds < LEAST_ROUNDS:
        parser.error(f"--rounds: expected at least {LEAST_ROUNDS}, got {asked.rounds}")
    collect.single_thread()
    machine.pin()
    rows = measure(asked.rounds, asked.only)
    if not rows:
        parser.error(f"--only: no case has {asked.only!r} in its name")
    if not asked.only:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    failed = [row for row in rows if missed(row)]
    print(f"{len(rows)} rows, {len(failed)} missed, {sum(bool(row.get('noisy')) for row in rows)} noisy")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
