"""Messages and vocabulary of the cell: frozen, typed, versioned."""

from cellctl.model.correction import (
    FINAL_STATES,
    Correction,
    CurvePoint,
    Evidence,
    Kind,
    Outcome,
    Proposal,
    TransactionState,
    WritePhase,
    WriteResult,
)
from cellctl.model.events import Alarm, Nonconformity, Priority
from cellctl.model.frame import Frame, SlotRef
from cellctl.model.inspection import DefectObject, Inspection, Judgement, RoiImage
from cellctl.model.message import Egress, Message, Stamp
from cellctl.model.packml import CellState, PackMLState
from cellctl.model.quality import Ne107, Quality
from cellctl.model.tags import Reading, TagValue
from cellctl.model.web import Side, WebRef, WebSpan

__all__ = [
    "FINAL_STATES",
    "Alarm",
    "CellState",
    "Correction",
    "CurvePoint",
    "DefectObject",
    "Egress",
    "Evidence",
    "Frame",
    "Inspection",
    "Judgement",
    "Kind",
    "Message",
    "Ne107",
    "Nonconformity",
    "Outcome",
    "PackMLState",
    "Priority",
    "Proposal",
    "Quality",
    "Reading",
    "RoiImage",
    "Side",
    "SlotRef",
    "Stamp",
    "TagValue",
    "TransactionState",
    "WebRef",
    "WebSpan",
    "WritePhase",
    "WriteResult",
]
