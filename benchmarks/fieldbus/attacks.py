"""How a proposal is made hostile: one thing at a time is spoilt of one that would be legal."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Protocol

import msgspec

from benchmarks.fieldbus.model import SLOTS, Model
from benchmarks.fieldbus.plans import AGES, IDLE, STRANGER
from cellctl.clock import NS_PER_S
from cellctl.model.correction import Kind, Proposal
from cellctl.model.message import Stamp
from cellctl.model.quality import Quality

EVER_NS = 1 << 62
NOT_GOOD = tuple(it for it in Quality if not it.is_good)
BACK = (Kind.ROLLBACK, Kind.RETURN)


class Line(Protocol):
    """What is attacked: in virtual time or live.

    Attributes:
        model: what is known of it.
        edge_s: how far beyond a limit of age a proposal must lie to be beyond it when it is judged.
    """

    model: Model
    edge_s: float

    def proposal(self, tag: str, target: float, kind: Kind = Kind.STEP, transaction: str = "") -> Proposal:
        """One that is legal but perhaps for what it asks, decided now."""
        ...


Spoil = Callable[[Line, Proposal, random.Random], dict[str, object]]
"""What is changed of a legal proposal, out of what is known of the line."""


def legal(line: Line, tag: str, chance: random.Random) -> Proposal:
    """A move within everything that the model allows: mostly a small one, sometimes to the very edge of its reach."""
    point = line.model.points[tag]
    limits, here = point.limits, point.in_force
    far = chance.random() < 0.03
    reach = limits.per_event if far else min(limits.per_event, chance.choice((1, 2, 3, 5, 8)))
    span = point.span(line.model.running_s, SLOTS * limits.window_s)
    low, high = max(limits.lowest, span[0], here - reach), min(limits.highest, span[1], here + reach)
    low, high = min(low, here - (here > limits.recipe)), max(high, here + (here < limits.recipe))
    targets = [low, high] if far else range(low, high + 1)
    target = chance.choice([it for it in targets if it != here] or [limits.recipe])
    kind = Kind.REGULATE if chance.random() < 0.3 else Kind.STEP
    if point.is_towards(target) and chance.random() < 0.3:
        kind = Kind.RELEASE
    return line.proposal(tag, target * limits.resolution, kind)


def rollback(line: Line, tag: str) -> Proposal | None:
    """Back to where the last step of that set-point began; None where it is there."""
    point = line.model.points[tag]
    transaction, counts = point.origin
    if not transaction or counts == point.in_force or abs(counts - point.in_force) > point.limits.per_event:
        return None
    return line.proposal(tag, counts * point.limits.resolution, Kind.ROLLBACK, transaction)


def _at(line: Line, proposal: Proposal, counts: int) -> dict[str, object]:
    return {"target": counts * line.model.points[proposal.tag].limits.resolution}


def _outside(line: Line, proposal: Proposal, chance: random.Random) -> dict[str, object]:
    limits = line.model.points[proposal.tag].limits
    beyond = chance.choice((1, 2, 10, 9999))
    return _at(line, proposal, chance.choice((limits.highest + beyond, limits.lowest - beyond)))


def _too_far(line: Line, proposal: Proposal, chance: random.Random) -> dict[str, object]:
    point = line.model.points[proposal.tag]
    beyond = point.limits.per_event + chance.choice((1, 2, 50))
    return _at(line, proposal, point.in_force + chance.choice((-1, 1)) * beyond)


def _drifting(line: Line, proposal: Proposal, chance: random.Random) -> dict[str, object]:
    """Just beyond the drift: within one move where the set-point has wandered far enough."""
    point = line.model.points[proposal.tag]
    low, high = point.span(line.model.running_s, point.limits.window_s)
    beyond = chance.choice((1, 2, 5))
    return _at(line, proposal, low - beyond if point.in_force - low < high - point.in_force else high + beyond)


def _away(line: Line, proposal: Proposal, chance: random.Random) -> dict[str, object]:
    point = line.model.points[proposal.tag]
    side = 1 if point.in_force >= point.limits.recipe else -1
    return _at(line, proposal, point.in_force + side * chance.randint(1, 9))


def _aged(proposal: Proposal, seconds: float) -> dict[str, object]:
    return {"stamp": Stamp(proposal.stamp.t_ns - round(seconds * NS_PER_S))}


def _seen(proposal: Proposal, seconds: float) -> dict[str, object]:
    return {"exposure_ns": proposal.stamp.t_ns - round(seconds * NS_PER_S)}


ATTACKS: dict[str, Spoil] = {
    "NaN": lambda *_: {"target": math.nan},
    "+inf": lambda *_: {"target": math.inf},
    "−inf": lambda *_: {"target": -math.inf},
    "1e308": lambda *_: {"target": 1e308},
    "−1e308": lambda *_: {"target": -1e308},
    "−0.0": lambda *_: {"target": -0.0},
    "5e-324": lambda *_: {"target": 5e-324},
    "out of range": _outside,
    "further than one move": _too_far,
    "beyond the drift": _drifting,
    "unit of another": lambda _, it, __: {"unit": "N" if it.unit == "kPa" else "kPa"},
    "unit nobody knows": lambda *_: {"unit": "furlong"},
    "no unit": lambda *_: {"unit": ""},
    "unknown tag": lambda *_: {"tag": "plc.load_middle"},
    "tag of the handshake": lambda *_: {"tag": "plc.cmd_seq"},
    "tag of another device": lambda *_: {"tag": "oven.load_left"},
    "no tag": lambda *_: {"tag": ""},
    "unknown loop": lambda *_: {"loop": STRANGER},
    "loop without authority": lambda *_: {"loop": IDLE},
    "old proposal": lambda line, it, chance: _aged(it, AGES.proposal + chance.choice((line.edge_s, 1.0, 3600.0))),
    "proposal of the future": lambda line, it, chance: _aged(it, -chance.choice((line.edge_s, 1.0, 3600.0))),
    "proposal of long ago": lambda *_: {"stamp": Stamp(-EVER_NS)},
    "proposal of never": lambda *_: {"stamp": Stamp(EVER_NS)},
    "old evidence": lambda line, it, chance: _seen(it, AGES.evidence + chance.choice((line.edge_s, 1.0, 3600.0))),
    "evidence of the future": lambda line, it, chance: _seen(it, -chance.choice((line.edge_s, 1.0, 3600.0))),
    "evidence that is not Good": lambda _, __, chance: {"quality": chance.choice(NOT_GOOD)},
    "older epoch": lambda _, it, chance: {"epoch": it.epoch - chance.randint(1, 5)},
    "newer epoch": lambda _, it, chance: {"epoch": it.epoch + chance.choice((1, 2, EVER_NS))},
    "a sequence again": lambda line, it, chance: {
        "sequence": (line.model.newest(it.source) or it.sequence) - chance.randint(0, 3)
    },
    "release away from the recipe": lambda *it: {"kind": Kind.RELEASE, **_away(*it)},
    "roll-back of nobody's move": lambda line, it, chance: {
        "kind": chance.choice(BACK), "transaction": f"{it.transaction}-x", **_away(line, it, chance),
    },
}  # fmt: skip


BREACHES = {
    "NaN", "+inf", "−inf", "1e308", "−1e308", "out of range", "further than one move", "unit of another",
    "unit nobody knows", "no unit", "unknown tag", "a sequence again",
}  # fmt: skip
"""What no loop does that works as it should: each counts towards a trip."""


def spoilt(name: str, line: Line, proposal: Proposal, chance: random.Random) -> Proposal:
    """The proposal with that one thing wrong."""
    return msgspec.structs.replace(proposal, **ATTACKS[name](line, proposal, chance))
