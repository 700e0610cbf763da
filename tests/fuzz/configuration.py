"""Checks broken configurations, and counts what comes out that is no error of ours.

`python -m tests.fuzz.configuration [--inputs N] [--seed S]` checks N cells or tag tables that were broken at random, on
two processes, prints the figures and writes benchmarks/results/fuzz.json. The inputs follow from the seed. Each runs
through the whole of `cellctl check`: reading, typed sections, devices and plugins, resolved values, wiring, findings;
and each message is said in every language. Whatever is raised other than an error of ours is a failure: its input is
kept under out/fuzz/.
"""

from __future__ import annotations

import argparse
import csv
import functools
import json
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import NamedTuple

import yaml

from cellctl.errors import CellError, ConfigErrors
from cellctl.runtime.loading import load_checked, try_world
from cellctl.texts.catalogue import translator
from cellctl.texts.choice import LANGUAGES
from tests.fuzz.mutations import by_bytes, by_cells, by_lines, by_values, from_nothing

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "fuzz.json"
KEPT = ROOT / "out" / "fuzz"
BASE = ROOT / "tests" / "golden" / "mistakes" / "base"
SMALL = (BASE / "cell.yaml", ROOT / "configs" / "bench.yaml", ROOT / "configs" / "coater.yaml",
         ROOT / "configs" / "modbus.yaml", ROOT / "configs" / "vibration.yaml",
         ROOT / "configs" / "steel_strip.yaml")  # fmt: skip
LARGE = ROOT / "configs" / "coater-full.yaml"
OF_CELLS = (by_bytes, by_lines, by_values, by_values, from_nothing)
OF_TABLES = (by_bytes, by_lines, by_cells, by_cells)
OF_YAML_TABLES = (by_bytes, by_lines, by_values, by_values, from_nothing)
TABLES = ("tags.csv", "coater_tags.csv", "modbus_tags.csv")
YAML_TABLE = "tags.yaml"
SCADA_TABLE = "scada.csv"
SCADA = b"""
scada:
  {listen: "127.0.0.1:1502", tags: scada.csv, allow: [3, 4], connections: 4, idle: 60 s, rate: 50 Hz, stale: 2 s}
"""
SERVED = b"""name,address,type,scale,offset,order,unit,description
cell.state,IR0,uint16,,,,,PackML state
cell.safe,IR1.3,bool,,,,,
cell.lot,IR2,string[16],,,BADC,,running lot
plc.web_speed,HR10,uint32,1,0,CDAB,mm/s,
plc.web_speed.age,HR12,float64,,,,s,
plc.web_speed.quality,HR16,uint16,,,,,
"""
PROCESSES = 2
BATCH = 250


class Input(NamedTuple):
    """One broken cell, or a sound cell with a broken table; `served` is the one for SCADA."""

    kind: str
    cell: bytes
    table: bytes
    simulated: bool
    served: bytes = SERVED


class Outcome(NamedTuple):
    """What one input led to: `sound`, a code of ours, or `uncaught` with the traceback."""

    kind: str
    result: str
    lines: int
    placed: int
    seconds: float
    trace: str


def make_input(seed: int, number: int) -> Input:
    """The input with this number; it follows from seed and number alone."""
    random = Random(f"{seed}/{number}")
    files = [path for path in SMALL if path.exists()]
    source = LARGE if random.random() < 0.03 else random.choice(files)
    cell, other = source.read_bytes(), random.choice([*files, LARGE]).read_bytes()
    tables = {"modbus.yaml": "modbus_tags.csv", "cell.yaml": ""}
    name = tables.get(source.name, "coater_tags.csv")
    table = (ROOT / "configs" / name if name else BASE / "tags.csv").read_bytes()
    simulated = random.random() < 0.5
    if random.random() < 0.08:
        return _served(random, other, simulated=simulated)
    if random.random() < 0.3:
        if random.random() < 0.4:
            return _yaml_table(random, cell, simulated=simulated)
        small = random.choice((narrow_table, wide_table))()
        change = random.choice(OF_TABLES)
        broken = change(random, small if random.random() < 0.9 else table, cell)
        return Input(f"table {change.__name__}", (BASE / "cell.yaml").read_bytes(), broken, simulated)
    change = random.choice(OF_CELLS)
    return Input(f"cell {change.__name__}", change(random, cell, other), table, simulated)


def _yaml_table(random: Random, other: bytes, *, simulated: bool) -> Input:
    """The sound cell with a broken table in YAML."""
    change = random.choice(OF_YAML_TABLES)
    cell = (BASE / "cell.yaml").read_bytes().replace(b"tags: tags.csv", f"tags: {YAML_TABLE}".encode())
    return Input(f"yaml table {change.__name__}", cell, change(random, yaml_table(), other), simulated)


def _served(random: Random, other: bytes, *, simulated: bool) -> Input:
    """The sound cell that serves SCADA, broken itself or with a broken table for that."""
    cell, table = (BASE / "cell.yaml").read_bytes() + SCADA, SERVED
    if random.random() < 0.5:
        change = random.choice(OF_TABLES)
        table = change(random, table, other)
    else:
        change = random.choice(OF_CELLS)
        cell = change(random, cell, other)
    return Input(f"scada {change.__name__}", cell, narrow_table(), simulated, table)


@functools.cache
def narrow_table() -> bytes:
    """The sound cell's table, without the columns that a table may do without."""
    return (BASE / "tags.csv").read_bytes()


@functools.cache
def wide_table() -> bytes:
    """The same table with all columns."""
    first, *rows = narrow_table().rstrip().split(b"\n")
    return b"\n".join((first + b",order,offset,deadband", *(row + b",ABCD,0," for row in rows), b""))


@functools.cache
def yaml_table() -> bytes:
    """The sound cell's table in YAML, with a tag for each column that its CSV does without."""
    with (BASE / "tags.csv").open(encoding="utf-8", newline="") as file:
        rows = [{key: value for key, value in row.items() if value or key == "poll"} for row in csv.DictReader(file)]
    rows += [
        {"name": "t_dry", "address": "IR70", "type": "float64", "access": "r", "poll": "slow", "order": "CDAB",
         "offset": "-40", "deadband": "0.5", "unit": "°C"},
        {"name": "door", "address": "IR4.3", "type": "bool", "access": "r", "poll": "fast"},
        {"name": "lamp", "address": "CO7", "type": "bool", "access": "rw", "in_force": "DI7", "poll": ""},
        {"name": "lot", "address": "HR90", "type": "string[16]", "access": "r", "poll": "slow", "order": "BADC"},
    ]  # fmt: skip
    return yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, default_flow_style=None, width=200).encode()


def check_input(folder: Path, given: Input) -> Outcome:
    """Write the input into a folder and check it."""
    path = folder / "cell.yaml"
    path.write_bytes(given.cell)
    for name in (*TABLES, YAML_TABLE):
        (folder / name).write_bytes(given.table)
    (folder / SCADA_TABLE).write_bytes(given.served)
    start = time.perf_counter()
    result, lines, placed, trace = "sound", 0, 0, ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            cell = load_checked(path, simulated=given.simulated, lockstep=given.simulated).cell
            if given.simulated:
                try_world(path, cell)
    except CellError as error:
        result, lines, placed = _told(error)
    except Exception:  # noqa: BLE001  # that is what is looked for
        result, trace = "uncaught", traceback.format_exc()
    return Outcome(given.kind, result, lines, placed, time.perf_counter() - start, trace)


def _told(error: CellError) -> tuple[str, int, int]:
    """First code, number of mistakes, and how many of them have line and column; all said in every language."""
    errors: list[CellError] = list(error.errors) if isinstance(error, ConfigErrors) else [error]
    for language in LANGUAGES:
        say = translator(language)
        for each in errors:
            each.said(say)
    placed = sum(1 for it in errors if it.where is not None and it.where.column is not None)
    return error.code, len(errors), placed


def run_batch(seed: int, start: int, count: int) -> list[Outcome]:
    """Check some inputs in a folder of their own."""
    shared = Path("/dev/shm")  # a file system in memory, where there is one
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as name:
        outcomes = []
        for number in range(start, start + count):
            given = make_input(seed, number)
            outcome = check_input(Path(name), given)
            if outcome.trace:
                _keep(number, given, outcome.trace)
            outcomes.append(outcome)
    return outcomes


def _keep(number: int, given: Input, trace: str) -> None:
    folder = KEPT / str(number)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cell.yaml").write_bytes(given.cell)
    (folder / "tags.csv").write_bytes(given.table)
    (folder / SCADA_TABLE).write_bytes(given.served)
    (folder / "traceback.txt").write_text(f"{given.kind}, simulated {given.simulated}\n{trace}", encoding="utf-8")


def run(inputs: int, seed: int, processes: int = PROCESSES) -> list[Outcome]:
    """Check inputs 0 … on several processes."""
    starts = range(0, inputs, BATCH)
    if processes == 1:
        return [it for start in starts for it in run_batch(seed, start, min(BATCH, inputs - start))]
    with ProcessPoolExecutor(processes) as pool:
        batches = [pool.submit(run_batch, seed, start, min(BATCH, inputs - start)) for start in starts]
        return [it for batch in batches for it in batch.result()]


def main() -> int:
    """Check, print, and write the figures; status 1 when something else than our errors came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start = time.perf_counter()
    outcomes = run(options.inputs, options.seed)
    uncaught = [it for it in outcomes if it.trace]
    lines, placed = sum(it.lines for it in outcomes), sum(it.placed for it in outcomes)
    figures = {
        "inputs": len(outcomes), "seed": options.seed, "uncaught": len(uncaught),
        "sound": sum(it.result == "sound" for it in outcomes), "kinds": dict(Counter(it.kind for it in outcomes)),
        "first_codes": dict(Counter(it.result for it in outcomes).most_common()), "mistakes": lines,
        "mistakes_with_line_and_column": placed, "slowest_s": max(it.seconds for it in outcomes),
        "wall_s": time.perf_counter() - start,
    }  # fmt: skip
    print(f"{len(outcomes)} broken cells and tables, seed {options.seed}: {len(uncaught)} uncaught exceptions")
    print(f"  {figures['sound']} were sound all the same; {lines} mistakes told, {placed} with line and column")
    print(f"  slowest {figures['slowest_s']:.2f} s, all {figures['wall_s']:.0f} s")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if uncaught:
        print(uncaught[0].trace)
    return 1 if uncaught else 0


if __name__ == "__main__":
    sys.exit(main())
