"""Deciding: defect rate, cause, bounded move, and the test that proves it helped."""

from cellctl.loop.arbitration import Arbitration, in_order
from cellctl.loop.baseline import honest_baseline
from cellctl.loop.controller import LoopController
from cellctl.loop.diagnose import Remedy, diagnose
from cellctl.loop.estimate import ConfidenceShare, PoissonCusum, Run
from cellctl.loop.protect import ProtectedClasses, got_worse
from cellctl.loop.record import evidence_of
from cellctl.loop.situation import Situation
from cellctl.loop.transaction import TRANSITIONS, Event
from cellctl.loop.trial import Limits, Trial
from cellctl.loop.verify import Decision, SequentialTest, expected_metres

__all__ = [
    "TRANSITIONS",
    "Arbitration",
    "ConfidenceShare",
    "Decision",
    "Event",
    "Limits",
    "LoopController",
    "PoissonCusum",
    "ProtectedClasses",
    "Remedy",
    "Run",
    "SequentialTest",
    "Situation",
    "Trial",
    "diagnose",
    "evidence_of",
    "expected_metres",
    "got_worse",
    "honest_baseline",
    "in_order",
]
