"""`cellctl times RUN`: how long each stage took, as a file that the check holds against the deadlines."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from rich.console import Console

from cellctl.cli.language import say
from cellctl.config.sections.stage_times import ENOUGH, STAGES
from cellctl.errors import ConfigError, Where
from cellctl.evidence import LEDGER_FILE, Record
from cellctl.evidence.chain import read_chain
from cellctl.evidence.stages import percentile, stage_times_s

SHARE = 0.99


def times(run: Path, *, out: Path | None = None, pc: str = "") -> None:
    """Measure the stages of a finished run, from exposure to the value in force.

    The file belongs to the machine that the run was made on; name it in the cell as `cell: {stage_times: FILE}`.

    Example: `cellctl times out/runs/RUN --out configs/stage_times.yaml`

    Args:
        run: folder of the run.
        out: the file to write; without it the times are only shown.
        pc: name of the machine that the run was made on; this one without it.
    """
    records = read_records(run)
    opened = records[0]
    asking = {it["name"] for it in opened.body["config"]["loops"] if it["authority"] == "confirm"}
    stages = stage_times_s(records, asking)
    where = Where(str(run))
    if opened.body["config"].get("world"):
        raise ConfigError("CELL-1138", "this run was made in virtual time: its times are those of the world",
                          where=where, do="measure a live run on the machine that the cell will run on")  # fmt: skip
    missing = [stage for stage in STAGES if stage not in stages]
    if missing:
        raise ConfigError("CELL-1138", "the run has no times of {missing}", where=where,
                          do="measure a run in which corrections were made", missing=", ".join(missing))  # fmt: skip
    text = _yaml(run, opened, stages, pc or socket.gethostname())
    console = Console(highlight=False)
    console.print(text, markup=False, soft_wrap=True, end="")
    few = min(len(stages[stage]) for stage in STAGES)
    if few < ENOUGH:
        console.print(say("A stage rests on {n} values; a 99th percentile needs {enough}.", n=few, enough=ENOUGH),
                      soft_wrap=True)  # fmt: skip
    if out is not None:
        _write(out, text)
        console.print(say("written: {path}", path=out), markup=False, soft_wrap=True)


def read_records(run: Path) -> list[Record]:
    """All records of a run; ConfigError CELL-1138 when there are none."""
    path = run / LEDGER_FILE
    if not path.is_file():
        raise ConfigError("CELL-1138", "no ledger here", where=Where(str(path)), do="name the folder of a run")
    records = list(read_chain(path))
    if not records:
        raise ConfigError("CELL-1138", "the ledger is empty", where=Where(str(path)), do="name another run")
    return records


def _yaml(run: Path, opened: Record, stages: dict[str, list[float]], pc: str) -> str:
    config: dict[str, Any] = opened.body["config"]
    plugins = ", ".join(f"{it['name']}: {it['use']}" for it in config["plugins"])
    versions = ", ".join(f"{name}: {text!r}" for name, text in sorted(opened.body["versions"].items()))
    lines = [
        "# Measured by `cellctl times`, 99 of 100 took no longer: exposure → received → judged → decided → in force.",
        f"pc: {json.dumps(pc)}", f"measured: {opened.wall[:10]}", f"run: {json.dumps(run.resolve().name)}",
        f"plugins: {{{plugins}}}",
        f"versions: {{{versions}}}", "stages:",
    ]  # fmt: skip
    lines += [f"  {stage}: {{p99: {1000 * percentile(stages[stage], SHARE):.3g} ms, n: {len(stages[stage])}}}"
              for stage in STAGES]  # fmt: skip
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError("CELL-1138", "cannot write the file: {reason}", where=Where(str(path)),
                          do="choose another with --out", reason=error.strerror or error) from error  # fmt: skip
