"""Deciding: defect rate, cause, bounded move, and the test that proves it helped."""

from cellctl.loop.controller import LoopController
from cellctl.loop.diagnose.arbitration import Arbitration, in_order
from cellctl.loop.diagnose.influence import Remedy, diagnose
from cellctl.loop.diagnose.situation import Situation
from cellctl.loop.estimate.baseline import honest_baseline
from cellctl.loop.estimate.cusum import ConfidenceShare, PoissonCusum, Run
from cellctl.loop.verify.limits import Limits
from cellctl.loop.verify.protected_classes import ProtectedClasses, got_worse
from cellctl.loop.verify.sequential import Decision, SequentialTest, expected_metres
from cellctl.loop.verify.transaction import TRANSITIONS, Event
from cellctl.loop.verify.trial import Trial

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
    "expected_metres",
    "got_worse",
    "honest_baseline",
    "in_order",
]
