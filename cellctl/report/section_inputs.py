"""What came in: the windows of each recording, and every frame or window that could not be judged, with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cellctl.errors import Text, text
from cellctl.model import Features, Judgement, feature_unit
from cellctl.report import numbers
from cellctl.report.document import Cell, Column, Look, Section, Table
from cellctl.report.run_record import RunRecord

MOST_ROWS = 60
"""Of one table: a folder of broken files must not become a book."""
SHOWN = ("rms", "kurtosis", "crest")
"""How much it shakes, and by two measures how impulsive that is."""


def windows(run: RunRecord) -> Section | None:
    """One row for each recording of each sensor; None for a run without windows."""
    if not run.windows:
        return None
    grouped: dict[tuple[str, str], list[Features]] = {}
    for it in run.windows:
        grouped.setdefault((it.device, it.origin), []).append(it)
    columns = (
        Column(text("sensor")), Column(text("recording")), Column("OK", True), Column("NG", True),
        Column("INDETERMINATE", True), *(Column(text("{feature}, most", feature=name), True) for name in SHOWN),
        Column(text("first reason for NG")),
    )  # fmt: skip
    rows = [_recording(device, origin, found) for (device, origin), found in grouped.items()]
    return Section("windows", text("Vibration"), (_bounded(columns, rows, text("Highest value of each recording.")),))


def _recording(device: str, origin: str, found: list[Features]) -> tuple[object, ...]:
    counts = Counter(it.judgement for it in found)
    bad = next((it.reason for it in found if it.judgement is Judgement.NG), "")
    most = [_most(found, name) for name in SHOWN]
    ng = str(counts[Judgement.NG])
    return (
        device, origin or "–", str(counts[Judgement.OK]),
        Cell(ng, Look.ATTENTION) if counts[Judgement.NG] else ng,
        str(counts[Judgement.INDETERMINATE]), *most, bad or "–",
    )  # fmt: skip


def _most(found: list[Features], name: str) -> str:
    judged = [it for it in found if name in it.values]
    if not judged:
        return "–"
    unit = feature_unit(name, judged[0].unit)
    return f"{numbers.number(max(it.values[name] for it in judged))} {'' if unit == '1' else unit}".rstrip()


def unjudged(run: RunRecord) -> Section | None:
    """Frames and windows that nobody could judge; None when there is none."""
    rows = [
        (part.camera, str(it.first) if it.first == it.last else f"{it.first} – {it.last}", it.reason)
        for _, part in run.covered
        for it in part.indeterminate
    ]
    rows += [(it.device, str(it.window_id), it.reason) for it in run.windows
             if it.judgement is Judgement.INDETERMINATE]  # fmt: skip
    if not rows:
        return None
    columns = (Column(text("camera or sensor")), Column(text("frame or window"), True), Column(text("why not")))
    note = text("What could not be judged is never counted as good.")
    return Section("unjudged", text("What could not be judged"), (_bounded(columns, rows, note),))


def _bounded(columns: tuple[Column, ...], rows: Sequence[tuple[object, ...]], note: Text) -> Table:
    more = len(rows) - MOST_ROWS
    if more > 0:
        note = text("{note} {more} more rows are in the ledger.", note=note, more=more)
    return Table(columns, tuple(rows[:MOST_ROWS]), "", note)
