"""Evidence: a hash-chained ledger, images by content, and the check of both."""

from cellctl.evidence.canonical import canonical, sha256_hex
from cellctl.evidence.checks import Check
from cellctl.evidence.coverage import Coverage, CoverageCounter, FrameTotals
from cellctl.evidence.images import ImageStore, StoredImage, check_image, roi_hash
from cellctl.evidence.judged import Judged
from cellctl.evidence.kinds import JournalEnd, Readings, RecordKind, RunClosed, RunOpened
from cellctl.evidence.ledger import Ledger
from cellctl.evidence.record import Entry, Record
from cellctl.evidence.resume import corrections_on_record, intervals_on_record
from cellctl.evidence.store import IMAGE_FOLDER, LEDGER_FILE, FileStore, MemoryStore, Store
from cellctl.evidence.summary import DeviceSummary, RunSummary
from cellctl.evidence.verify import Report, verify_run

__all__ = [
    "IMAGE_FOLDER",
    "LEDGER_FILE",
    "Check",
    "Coverage",
    "CoverageCounter",
    "DeviceSummary",
    "Entry",
    "FileStore",
    "FrameTotals",
    "ImageStore",
    "JournalEnd",
    "Judged",
    "Ledger",
    "MemoryStore",
    "Readings",
    "Record",
    "RecordKind",
    "Report",
    "RunClosed",
    "RunOpened",
    "RunSummary",
    "Store",
    "StoredImage",
    "canonical",
    "check_image",
    "corrections_on_record",
    "intervals_on_record",
    "roi_hash",
    "sha256_hex",
    "verify_run",
]
