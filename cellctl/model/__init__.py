"""Messages and vocabulary of the cell: frozen, typed, versioned."""

from cellctl.model.advice import Advice, AdviceState
from cellctl.model.correction import (
    EFFECTIVE_STATES,
    VERDICT_STATES,
    Correction,
    CurvePoint,
    Evidence,
    Kind,
    Outcome,
    Proposal,
    Released,
    Sample,
    TransactionState,
    ValueShift,
    WritePhase,
    WriteResult,
)
from cellctl.model.events import Alarm, Nonconformity, Priority
from cellctl.model.frame import Frame, SlotRef
from cellctl.model.inspection import DefectObject, Inspection, Judgement, OpenObject, RoiImage
from cellctl.model.interval import Interval
from cellctl.model.message import Egress, Message, Stamp
from cellctl.model.packml import CellChange, CellState, PackMLState
from cellctl.model.people import Escalation, Instruction, Label, Order
from cellctl.model.pooled import Pooled
from cellctl.model.quality import Ne107, Quality
from cellctl.model.regulation import Regulation
from cellctl.model.tags import Reading, TagValue
from cellctl.model.waveform import FEATURE_UNITS, SAMPLE_BYTES, Features, Waveform, feature_unit
from cellctl.model.web import Side, WebRef, WebSpan

__all__ = [
    "EFFECTIVE_STATES",
    "FEATURE_UNITS",
    "SAMPLE_BYTES",
    "VERDICT_STATES",
    "Advice",
    "AdviceState",
    "Alarm",
    "CellChange",
    "CellState",
    "Correction",
    "CurvePoint",
    "DefectObject",
    "Egress",
    "Escalation",
    "Evidence",
    "Features",
    "Frame",
    "Inspection",
    "Instruction",
    "Interval",
    "Judgement",
    "Kind",
    "Label",
    "Message",
    "Ne107",
    "Nonconformity",
    "OpenObject",
    "Order",
    "Outcome",
    "PackMLState",
    "Pooled",
    "Priority",
    "Proposal",
    "Quality",
    "Reading",
    "Regulation",
    "Released",
    "RoiImage",
    "Sample",
    "Side",
    "SlotRef",
    "Stamp",
    "TagValue",
    "TransactionState",
    "ValueShift",
    "Waveform",
    "WebRef",
    "WebSpan",
    "WritePhase",
    "WriteResult",
    "feature_unit",
]
