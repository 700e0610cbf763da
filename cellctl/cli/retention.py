"""`cellctl retention FILE`: what must be kept, as disk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text as Cell

from cellctl.cli.data_option import DataFolder
from cellctl.cli.language import say, translate
from cellctl.cli.times import read_records
from cellctl.config import ResolvedCell
from cellctl.config.findings.amount import amount
from cellctl.errors import ConfigError, Text, sentence_of, text
from cellctl.evidence import LEDGER_FILE, RecordKind
from cellctl.quality.retention import (
    SHARE,
    Camera,
    Line,
    Sizes,
    keep_bytes,
    offer_every,
    table,
)
from cellctl.runtime.geometry import raw_streams, stated_rate_hz
from cellctl.runtime.loading import load_cell
from cellctl.runtime.surroundings import here
from cellctl.runtime.topology import Role, role_of
from cellctl.units import parse

DAYS = 90.0
NS_PER_S = 1e9


def retention(
    config: Path,
    *,
    days: Annotated[float, Parameter(help="how long things are kept")] = DAYS,
    run: Path | None = None,
    free: str = "",
    simulated: bool = False,
    data: DataFolder = None,
) -> None:
    """Turn rate × days into disk: what raw data would need, what is kept, and which n-th frame fits beside it.

    Example: `cellctl retention configs/coater.yaml --simulated --days 90`

    Args:
        config: the cell's YAML file.
        days: how long things are kept.
        run: a finished run of this cell: its images and its ledger are measured instead of estimated.
        free: disk to fit into, for example "2 TB"; by default what is free where runs are written.
        simulated: with what stands in for its devices (section `simulate:`).
        data: folder that paths of devices written `data:NAME` are below.
    """
    if not days > 0.0:
        raise ConfigError("CELL-1111", "--days: expected more than 0, got {days:g}", do="write --days 90", days=days)
    cell = load_cell(config, simulated=simulated, data=data)
    around = here()
    room = _bytes(free) if free else float(around.free_bytes)
    sizes = _measured(run) if run is not None else Sizes()
    cameras = raw_streams(cell)
    waveforms = {it.name: stated_rate_hz(it.settings) for it in cell.devices if role_of(it.driver) is Role.WAVEFORM}
    console = Console(highlight=False)
    console.print(_shown(table(cell, days, cameras, waveforms, sizes), days))
    kept = keep_bytes(cell, cameras, sizes, days)[0]
    kept_and_free = (
        "kept: {kept} in {days:g} days; free as stated: {room}"
        if free
        else "kept: {kept} in {days:g} days; free in {place}: {room}"
    )
    values = {"kept": amount(kept), "days": days, "place": around.place, "room": amount(room)}
    console.print(say(kept_and_free, **values), markup=False, soft_wrap=True)
    for line in _offers(cell, cameras, days, SHARE * room - kept):
        console.print(line.said(translate()), markup=False, soft_wrap=True)


def _offers(cell: ResolvedCell, cameras: dict[str, Camera], days: float, room: float) -> list[Text]:
    """Which n-th frame of each camera fits beside what is kept, in four fifths of the free disk."""
    if not cameras:
        return []
    if room <= 0.0:
        return [text("no room for whole frames: what is kept fills four fifths of the free disk already")]
    lines = []
    for name, camera in cameras.items():
        every = offer_every(camera, days * 86_400.0, room / len(cameras))
        inspectors = [it.name for it in cell.plugins if name in it.sources and "keep_every" in it.settings]
        if not every:
            lines.append(text("{camera}: size or rate of its frames is not known before it is opened; state "
                              "contract.frame_rate", camera=name))  # fmt: skip
        else:
            where = f"plugins.{inspectors[0]}" if inspectors else "its inspector"
            lines.append(text("{camera}: every {every}th whole frame fits as well; write `keep_every: {every}` in "
                              "{where}", camera=name, every=every, where=where))  # fmt: skip
    return lines


def _measured(run: Path) -> Sizes:
    """Mean size of the images of a run, and what its ledger and journals grew by in a second."""
    records = read_records(run)
    images = [record.body["file_bytes"] for record in records if record.kind == RecordKind.IMAGE]
    seconds = (records[-1].t_ns - records[0].t_ns) / NS_PER_S
    written = sum(path.stat().st_size for path in [run / LEDGER_FILE, *run.glob("journal-*.jsonl")])
    sizes = Sizes()
    if seconds <= 0.0:
        raise ConfigError("CELL-1111", "--run: {run} is too short to measure", do="name a longer run", run=run)
    image_bytes = sum(images) / len(images) if images else sizes.image_bytes
    return Sizes(image_bytes, written / seconds, text("measured in {run}, {count} images in {seconds:.0f} s",
                                                      run=run, count=len(images), seconds=seconds))  # fmt: skip


def _bytes(written: str) -> float:
    """`2 TB` in bytes; ConfigError CELL-1111."""
    try:
        return parse(written).to("byte")
    except ValueError as error:
        raise ConfigError("CELL-1111", "--free: {problem}", do='write it as "2 TB"',
                          problem=sentence_of(error)) from error  # fmt: skip


def _shown(lines: list[Line], days: float) -> Table:
    shown = Table(box=None, padding=(0, 2, 0, 0))
    shown.add_column(say("what"))
    shown.add_column(say("per day"), justify="right")
    shown.add_column(say("{days:g} days", days=days), justify="right")
    shown.add_column(say("reckoned from"))
    for line in lines:
        known = line.total > 0.0
        figures = (amount(line.per_day), amount(line.total)) if known else ("?", "?")
        shown.add_row(Cell(line.what.said(translate())), *figures, Cell(line.basis.said(translate())))
    return shown
