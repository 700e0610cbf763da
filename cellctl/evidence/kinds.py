"""The kinds of records in a run's ledger, and the bodies that are not messages of the model."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from cellctl.evidence.coverage import FrameTotals


class RecordKind(StrEnum):
    """What a record's body is."""

    RUN_OPENED = "run_opened"
    """`RunOpened`; the first record."""
    RUN_RESUMED = "run_resumed"
    """The recorder was restarted within the run; body: `versions`."""
    RECOVERED = "recovered"
    """A torn tail was put aside; body: `bytes`, `sha256`."""
    OBJECT = "object"
    """A `DefectObject` with `camera` and `frame_id`."""
    IMAGE = "image"
    """A `StoredImage`."""
    IMAGE_REFUSED = "image_refused"
    """An image whose pixels are not what its hash says; body: `hash`, `reason`."""
    FRAME_KEPT = "frame_kept"
    """A `WholeFrame` of which every pixel is kept, with the hash of its image as `roi`."""
    CORRECTION = "correction"
    """A whole `Correction`, at every change of its state."""
    RESULT = "result"
    """A `WriteResult`."""
    NONCONFORMITY = "nonconformity"
    """A `Nonconformity`."""
    ALARM = "alarm"
    """An `Alarm`."""
    ADVICE = "advice"
    """An `Advice`, at every change of its state."""
    ESCALATION = "escalation"
    """An `Escalation`."""
    LABEL = "label"
    """A `Label`."""
    STATE = "state"
    """A `CellChange`: started, stopped, held, a changeover, with the reason and who made it."""
    INSTRUCTION = "instruction"
    """An `Instruction`: what a person ordered."""
    REGULATION = "regulation"
    """A `Regulation`, once a period of each regulator."""
    COVERAGE = "coverage"
    """A `Coverage`, every few seconds for each camera."""
    FEATURES = "features"
    """A `Features`: one per window."""
    WINDOWS = "windows"
    """A `Coverage` of windows, every few seconds for each sensor."""
    READINGS = "readings"
    """A `Readings`, every few seconds for each field device."""
    INTERVAL = "interval"
    """An `Interval`: which metres belong to which lot and recipe, whenever one ends."""
    GAP = "gap"
    """Records or images were lost because storage failed; body: `records`, `images`."""
    RUN_CLOSED = "run_closed"
    """`RunClosed`; the last record."""


FORMAT = 2
"""Of the ledger that is written: 2 has the configuration's hash in every record, and intervals of material."""


class RunOpened(msgspec.Struct, frozen=True, kw_only=True):
    """What the run was made with.

    Attributes:
        cell: id of the cell.
        config: the resolved configuration.
        config_hash: SHA-256 over its canonical JSON, hex.
        model_hash: SHA-256 of the classifier file, hex.
        seed: of all randomness in the cell.
        versions: distribution → version.
        format: version of the ledger's format, see `FORMAT`; 1 where none is stated.
    """

    cell: str
    config: dict[str, Any]
    config_hash: str
    model_hash: str
    seed: int
    versions: dict[str, str]
    format: int = 1


class JournalEnd(msgspec.Struct, frozen=True):
    """Where a journal of the guard ended when the run was closed.

    Attributes:
        records: whole records in it.
        head: hash of the last of them.
    """

    records: int
    head: str


class Readings(msgspec.Struct, frozen=True, kw_only=True):
    """The values of one device that tell how the process stood: the latest of each, not all of them.

    Attributes:
        device: device name.
        t_ns: of the device's last answer.
        values: tag → value and its unit, of those that were Good.
        doubtful: tag → quality, of those that were not.
    """

    device: str
    t_ns: int
    values: dict[str, tuple[float, str]]
    doubtful: dict[str, str] = {}


class RunClosed(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger holds, so that a missing tail shows.

    Attributes:
        counts: kind → records before this one.
        frames: camera → totals.
        journals: file name → where the guard's journal ended.
        windows: sensor → totals.
    """

    counts: dict[str, int]
    frames: dict[str, FrameTotals]
    journals: dict[str, JournalEnd] = {}
    windows: dict[str, FrameTotals] = {}
