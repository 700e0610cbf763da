"""CPU time of the coater's physics per simulated second, by scenario and step length.

`python benchmarks/plant.py [--seconds N]` prints a table and writes benchmarks/results/plant.json. Sensors are read ten
times a simulated second, as the cell does. The limit is what a host at 200 times real time can spare for the plant:
1.5 ms with drying and 1.0 ms without. The cases take turns; the fastest of three rounds counts.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from dataclasses import replace
from pathlib import Path

from cellsim.plant import Coater, CoaterSettings, Setpoints
from cellsim.plant.vibration import RATE_HZ, Vibration, VibrationSettings
from cellsim.scenario import load_scenario

RESULTS = Path(__file__).parent / "results" / "plant.json"
ROUNDS = 3
STEPS_S = (0.01, 0.0256, 0.1)
LIMIT_MS = {True: 1.5, False: 1.0}


def cpu_ms(settings: CoaterSettings, step_s: float, seconds: float) -> float:
    """CPU time per simulated second, ms."""
    coater, recipe = Coater(settings), Setpoints.recipe()
    steps, every = round(seconds / step_s), max(1, round(0.1 / step_s))
    start = time.process_time()
    for number in range(steps):
        coater.advance(step_s, recipe)
        if number % every == 0:
            coater.sensors()
    return 1000.0 * (time.process_time() - start) / seconds


def vibration_ms() -> float:
    """CPU time for one second of vibration on three axes, ms."""
    source = Vibration(VibrationSettings(outer_m_s2=3.0, inner_m_s2=2.0), 1)
    start = time.process_time()
    for _ in range(10):
        source.block(RATE_HZ // 10)
    return 1000.0 * (time.process_time() - start)


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0, help="simulated seconds per case and round")
    seconds = parser.parse_args().seconds
    settings = {name: load_scenario(name).coater() for name in ("quiet", "coater")}
    cases = [(name, drying, step_s) for name in settings for drying in (True, False) for step_s in STEPS_S]
    best = dict.fromkeys(cases, float("inf"))
    vibration = float("inf")
    for _ in range(ROUNDS):
        for name, drying, step_s in cases:
            taken = cpu_ms(replace(settings[name], drying=drying), step_s, seconds)
            best[name, drying, step_s] = min(best[name, drying, step_s], taken)
        vibration = min(vibration, vibration_ms())
    rows = []
    print(f"{'scenario':10}{'drying':8}{'step ms':>9}{'CPU ms/s':>10}{'limit':>7}{'ratio':>7}")
    for (name, drying, step_s), taken in best.items():
        limit = LIMIT_MS[drying]
        print(
            f"{name:10}{'on' if drying else 'off':8}{1000 * step_s:9.1f}{taken:10.3f}{limit:7.1f}{taken / limit:7.2f}"
        )
        rows.append({"scenario": name, "drying": drying, "step_s": step_s, "cpu_ms_per_s": taken, "limit_ms": limit})
    print(f"one second of vibration, 3 axes: {vibration:.2f} ms")
    RESULTS.parent.mkdir(exist_ok=True)
    figures = {"machine": platform.processor(), "seconds": seconds, "cases": rows, "vibration_ms_per_s": vibration}
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
