"""The guard: a pure core that decides what may reach a set-point, and executes its ramps."""

from cellctl.guard.case import Case
from cellctl.guard.core import Guard
from cellctl.guard.rules import RULES, Rule, refusal
from cellctl.guard.slew import Slew

__all__ = ["RULES", "Case", "Guard", "Rule", "Slew", "refusal"]
