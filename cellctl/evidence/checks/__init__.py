"""The checks of `cellctl verify`, one aspect of a run each."""

from cellctl.evidence.checks.base import Check, Checker, verdict
from cellctl.evidence.checks.closing import ClosingChecker, LossChecker
from cellctl.evidence.checks.corrections import CorrectionChecker
from cellctl.evidence.checks.envelope import EnvelopeChecker
from cellctl.evidence.checks.frames import FrameChecker
from cellctl.evidence.checks.images import ImageChecker
from cellctl.evidence.checks.intervals import IntervalChecker
from cellctl.evidence.checks.journals import JournalChecker
from cellctl.evidence.checks.opening import OpeningChecker
from cellctl.evidence.checks.people import PeopleChecker
from cellctl.evidence.checks.regulation import RegulationChecker
from cellctl.evidence.checks.releases import ReleaseChecker
from cellctl.evidence.checks.verdicts import VerdictChecker
from cellctl.evidence.checks.windows import WindowChecker

__all__ = [
    "Check",
    "Checker",
    "ClosingChecker",
    "CorrectionChecker",
    "EnvelopeChecker",
    "FrameChecker",
    "ImageChecker",
    "IntervalChecker",
    "JournalChecker",
    "LossChecker",
    "OpeningChecker",
    "PeopleChecker",
    "RegulationChecker",
    "ReleaseChecker",
    "VerdictChecker",
    "WindowChecker",
    "verdict",
]
