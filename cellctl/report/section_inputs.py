"""What came in: the windows of each recording, and every frame or window that could not be judged, with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cellctl.errors import Text, Translate, text
from cellctl.model import Features, Judgement, feature_unit
from cellctl.report import numbers
from cellctl.report.chart_windows import Panel, draw_windows
from cellctl.report.document import Cell, Column, Figure, Look, Section, Table
from cellctl.report.run_record import RunRecord
from cellctl.units import parse

MOST_ROWS = 60
"""Of one table: a folder of broken files must not become a book."""
SHOWN = ("rms", "kurtosis", "crest")
"""How much it shakes, and by two measures how impulsive that is."""


def windows(run: RunRecord, say: Translate) -> Section | None:
    """A figure for each sensor and one row for each recording of each sensor; None for a run without windows."""
    if not run.windows:
        return None
    grouped: dict[tuple[str, str], list[Features]] = {}
    for it in run.windows:
        grouped.setdefault((it.device, it.origin), []).append(it)
    columns = (
        Column(text("sensor")), Column(text("recording")), Column("OK", True), Column("NG", True),
        Column("INDETERMINATE", True), *(Column(text("{feature}, most", feature=name), True) for name in SHOWN),
        Column(text("lines of the bearing")), Column(text("first reason for NG")),
    )  # fmt: skip
    rows = [_recording(device, origin, found) for (device, origin), found in grouped.items()]
    table = _bounded(columns, rows, text("Highest value of each recording."))
    figures = tuple(_figure(run, device, say) for device in dict.fromkeys(it.device for it in run.windows))
    return Section("windows", text("Vibration"), (*figures, table))


def _figure(run: RunRecord, device: str, say: Translate) -> Figure:
    """The features that have a limit, or else those that are shown anyway, over the windows of one sensor."""
    found = [it for it in run.windows if it.device == device]
    limits = limits_of(run, device)
    known = dict.fromkeys(name for it in found for name in it.values)
    names = [name for name in known if name in limits] or [name for name in SHOWN if name in known] or [*known][:1]
    dark = tuple(it.window_id for it in found if it.judgement is Judgement.INDETERMINATE)
    panels = [
        Panel(
            f"{device}: {name}",
            unit_of(name, found[0]),
            tuple((it.window_id, it.values[name]) for it in found if name in it.values),
            limits.get(name),
            dark,
        )
        for name in names or SHOWN[:1]
    ]
    alt = text("Features of the windows of {device}: {names}", device=device, names=", ".join(names))
    caption = text("Each point is one window. A cross is above the limit; a tick at the foot could not be judged.")
    return Figure(draw_windows(panels, say), alt, caption)


def limits_of(run: RunRecord, device: str) -> dict[str, float]:
    """Feature → its limit, as the plugin that listens to this sensor was told; empty when it was not."""
    for plugin in run.cell.plugins if run.cell is not None else ():
        limits = plugin.settings.get("limits")
        if isinstance(limits, dict) and (not plugin.sources or device in plugin.sources):
            return {str(name): parse(written).magnitude for name, written in limits.items()}
    return {}


def unit_of(name: str, window: Features) -> str:
    """The unit of a feature, empty for a plain number."""
    unit = feature_unit(name, window.unit)
    return "" if unit == "1" else unit


def _recording(device: str, origin: str, found: list[Features]) -> tuple[object, ...]:
    counts = Counter(it.judgement for it in found)
    bad = next((it.reason for it in found if it.judgement is Judgement.NG), "")
    most = [_most(found, name) for name in SHOWN]
    ng = str(counts[Judgement.NG])
    return (
        device, origin or "–", str(counts[Judgement.OK]),
        Cell(ng, Look.ATTENTION) if counts[Judgement.NG] else ng,
        str(counts[Judgement.INDETERMINATE]), *most, _lines(found), bad or "–",
    )  # fmt: skip


def _lines(found: list[Features]) -> str:
    """The lines that stood out, with the number of windows."""
    counts = Counter(it.bearing for it in found if it.bearing)
    return ", ".join(f"{name} ({count})" for name, count in counts.most_common()) or "–"


def _most(found: list[Features], name: str) -> str:
    judged = [it for it in found if name in it.values]
    if not judged:
        return "–"
    return f"{numbers.number(max(it.values[name] for it in judged))} {unit_of(name, judged[0])}".rstrip()


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
