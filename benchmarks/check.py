"""Wall time of `cellctl check` for a large cell, and what refusing a hostile file costs.

`python benchmarks/check.py [--rounds N]` prints two tables and writes benchmarks/results/check.json.

The large cell is written by this file: 1,000 lines of YAML in the manner of the shipped ones, and 10,000 tags. It is
checked in a fresh process each time; required are at most 1.5 s. The peer reads the same two files with PyYAML's C
loader and the csv module, and checks nothing; the limit is the start of Python and of that loader alone. The three take
turns. A hostile file is refused in a process of its own; required are at most 100 ms and 32 MB beyond what the process
has before.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results" / "check.json"
LINES, TAGS = 1000, 10_000
CHECK_S, REFUSAL_S, REFUSAL_MB = 1.5, 0.1, 32.0
PEER = """
import csv, sys, yaml
with open(sys.argv[1]) as file: yaml.load(file, Loader=yaml.CSafeLoader)
with open(sys.argv[2]) as file: list(csv.DictReader(file))
"""
REFUSAL = """
import resource, sys, time
sys.path.insert(0, sys.argv[2])
from cellctl.config import parse_yaml
from cellctl.errors import ConfigError
from tests.unit.config.hostile import HOSTILE
text = HOSTILE[sys.argv[1]]
try: parse_yaml("a: [1, &x 2]", "f")
except ConfigError: pass
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
try: parse_yaml(text, "f")
except ConfigError: took = time.perf_counter() - start
print(took, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""

HEAD = """version: 2
cell: {id: large, path: ACME/SITE1/AREA/LINE/L1, mode: production}

web:
  encoder: plc.encoder_pos
  speed: plc.web_speed
  stations: {blade: 0 m, camera: 1.5 m}

devices:
  plc:
    driver: modbus-tcp
    host: 127.0.0.1
    tags: tags.csv
    handshake: {heartbeat: heartbeat, sequence: cmd_seq, echo: seq_echo, accept: accept_code}
  camera: {driver: sim-camera, host: 127.0.0.1, port: 5021}

plugins:
  inspect: {use: web-inspector, from: camera}

recipes:
  large:
    web_speed: 1 m/s
    model: cellctl:coating.onnx
    setpoints:
"""
LOOP = """  loop_{n}:
    authority: shadow
    priority: {priority}
    watch: {{defect: {defect}, normal: 0.01 /m, alarm: 0.2 /m, evidence: 1.9}}
    adjust: {{tag: plc.sp_{n}, law: step, by: 5 %, up_to: 1}}
    protect: {{classes: []}}
    verify: {{expect: 0.24, risk: 5 %}}
"""
ENVELOPE = "    plc.sp_{n}: {{min: 17 kPa, max: 23 kPa, slew: 2 %/s, per_event: 5 %, drift: 15 %}}\n"
FIXED = (
    "heartbeat,HR0,uint16,1,,0,65535,rw,,,counter of the cell", "cmd_seq,HR1,uint16,1,,0,65535,rw,,,sequence",
    "seq_echo,IR1,uint16,1,,0,65535,r,,fast,echo", "accept_code,IR2,uint16,1,,0,65535,r,,fast,judgement",
    "web_speed,IR10,uint16,1,mm/s,0,5000,r,,fast,speed of the web",
    "encoder_pos,IR12,uint32,0.1,mm,0,400000000,r,,fast,position of the web",
)  # fmt: skip


def write_cell(folder: Path, lines: int = LINES, tags: int = TAGS) -> Path:
    """A sound cell of exactly so many lines, and a table of so many tags beside it."""
    fixed = HEAD.count("\n") + 6
    loops = (lines - fixed) // (LOOP.count("\n") + 2)
    text = HEAD + "".join(f"      plc.sp_{n}: 20 kPa\n" for n in range(loops))
    influence = ", ".join(f"plc.sp_{n}: -2.4" for n in range(loops))
    text += f"\ndefects:\n  coat_edge_spur: {{cause: edge dam, influence: {{{influence}}}}}\nloops:\n"
    text += "".join(LOOP.format(n=n, priority=n + 1, defect="coat_edge_spur") for n in range(loops))
    text += "guard:\n  envelope:\n" + "".join(ENVELOPE.format(n=n) for n in range(loops))
    text += "# the end\n" * (lines - text.count("\n"))
    (folder / "cell.yaml").write_text(text, encoding="utf-8")
    (folder / "tags.csv").write_text(_table(loops, tags), encoding="utf-8")
    return folder / "cell.yaml"


def _table(loops: int, tags: int) -> str:
    header = "name,address,type,scale,unit,minimum,maximum,access,in_force,poll,description"
    rows = [header, *FIXED]
    rows += [f"sp_{n},HR{n + 2},int16,0.01,kPa,15,25,rw,IR{n + 100},fast,set-point {n}" for n in range(loops)]
    units = ("kPa", "mm/s", "°C", "l/min", "", "g/m2", "ppm", "µm")
    rows += [f"value_{n},IR{n + 1000},int16,0.1,{units[n % 8]},-3000,3000,r,,slow,\"measured value {n}, as shown\""
             for n in range(tags - loops - len(FIXED))]  # fmt: skip
    return "\n".join(rows) + "\n"


def _took_s(*command: str) -> tuple[float, float]:
    """Wall and CPU time of a fresh process, s; on a machine that does other things too the CPU time is what is ours."""
    start, before = time.perf_counter(), os.times()
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - start, cpu_s


def measure_check(rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Wall and CPU times of check, peer and limit, in turns, s."""
    with tempfile.TemporaryDirectory() as name:
        cell = write_cell(Path(name))
        table = cell.with_name("tags.csv")
        assert cell.read_text().count("\n") == LINES
        assert table.read_text().count("\n") == TAGS + 1
        cases = {
            "check": ("-m", "cellctl", "check", str(cell)),
            "peer": ("-c", PEER, str(cell), str(table)),
            "limit": ("-c", "import yaml, csv"),
        }
        times: dict[str, list[tuple[float, float]]] = {case: [] for case in cases}
        for command in cases.values():
            _took_s(*command)  # bytecode and disk are warm
        for _ in range(rounds):
            for case, command in cases.items():
                times[case].append(_took_s(*command))
    return times


def measure_refusals() -> dict[str, tuple[float, float]]:
    """Case → seconds and megabytes that it takes to refuse it."""
    sys.path.insert(0, str(ROOT))
    from tests.unit.config.hostile import HOSTILE  # noqa: PLC0415  # the tests' own cases

    found = {}
    for name in HOSTILE:
        done = subprocess.run([sys.executable, "-c", REFUSAL, name, str(ROOT)], check=True, capture_output=True)
        seconds, megabytes = map(float, done.stdout.split())
        found[name] = (seconds, megabytes)
    return found


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="fresh processes per case")
    rounds = parser.parse_args().rounds
    times = measure_check(rounds)
    middle = {case: statistics.median(wall for wall, _ in values) for case, values in times.items()}
    cpu = {case: statistics.median(cpu for _, cpu in values) for case, values in times.items()}
    worst = max(times["check"])[0]
    print(f"cellctl check, {LINES} lines and {TAGS} tags, fresh process, median of {rounds}:")
    print(f"  ours {middle['check']:.3f} s (longest {worst:.3f} s; required at most {CHECK_S} s)")
    print(f"  of that CPU {cpu['check']:.3f} s")
    print(f"  peer {middle['peer']:.3f} s (PyYAML and csv read the same), ratio {middle['check'] / middle['peer']:.2f}")
    print(f"  limit {middle['limit']:.3f} s (start of Python), ratio {middle['check'] / middle['limit']:.2f}")
    refusals = measure_refusals()
    slowest = max(refusals, key=lambda name: refusals[name][0])
    largest = max(refusals, key=lambda name: refusals[name][1])
    print(f"refusing a hostile file of up to 1 MB, {len(refusals)} cases:")
    print(f"  slowest {1000 * refusals[slowest][0]:.0f} ms ({slowest}; required at most {1000 * REFUSAL_S:.0f} ms)")
    print(f"  largest {refusals[largest][1]:.1f} MB ({largest}; required at most {REFUSAL_MB:.0f} MB)")
    RESULTS.parent.mkdir(exist_ok=True)
    figures = {
        "machine": platform.processor() or platform.machine(), "rounds": rounds, "check_s": times["check"],
        "peer_s": times["peer"], "limit_s": times["limit"], "median_check_s": middle["check"],
        "median_check_cpu_s": cpu["check"],
        "refusals": {name: {"seconds": it[0], "megabytes": it[1]} for name, it in refusals.items()},
        "required": {"check_s": CHECK_S, "refusal_s": REFUSAL_S, "refusal_mb": REFUSAL_MB},
    }  # fmt: skip
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
