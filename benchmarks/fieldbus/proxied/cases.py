"""The matrix: every fault at every moment of a write, of its confirmation, of a beat, a poll and a reconnection."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from benchmarks.fieldbus.proxied.scene import Case, Work
from cellctl.model.packml import PackMLState
from cellsim.plc import Upset
from cellsim.plc import registers as reg
from cellsim.plc.faults import MANUAL
from cellsim.proxy import Fault, Kind, Way


class Moment(NamedTuple):
    """Which request meets the fault, during which work, and how long request and answer are, in bytes."""

    name: str
    work: Work
    function: int
    register: int | None
    nth: int
    request_bytes: int
    answer_bytes: int


FIRST = Moment("first write", Work.STEP, 16, None, 1, 19, 12)
THIRD = Moment("third write", Work.RAMP, 16, None, 3, 19, 12)
THIRD_OF_TWO = Moment("third write of two", Work.BOTH, 16, None, 3, 19, 12)
ECHO = Moment("echo", Work.STEP, 4, reg.IR_SEQ_ECHO, 1, 12, 11)
IN_FORCE = Moment("in-force", Work.RAMP, 4, reg.IR_ACCEPT, 1, 12, 19)
BEAT = Moment("beat", Work.RAMP, 6, None, 2, 12, 12)
POLL = Moment("poll", Work.RAMP, 4, None, 4, 12, 19)
HOME = Moment("first write home", Work.HOME, 16, None, 1, 19, 12)
HOME_SECOND = Moment("second write home", Work.HOME, 16, None, 2, 19, 12)
RECONNECTION = Moment("reconnection", Work.STEP, 3, None, 1, 12, 11)

WRITES = (FIRST, THIRD)
ALL = (FIRST, THIRD_OF_TWO, ECHO, IN_FORCE, BEAT, POLL)
DELAYS_S = (0.02, 0.05, 0.1, 0.15, 0.18, 0.22, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0)
CODES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 85)
LENGTHS = (0, 3, 200, 65535)
MISMATCHES = (Kind.TRANSACTION, Kind.UNIT, Kind.GARBAGE, Kind.DUPLICATE, Kind.DROP)

UPSETS = {
    "refuses with code 2": Upset(refuse=2),
    "refuses with code 9": Upset(refuse=9),
    "is in Held": Upset(state=PackMLState.HELD),
    "is in mode Manual": Upset(mode=MANUAL),
    "echoes another sequence": Upset(echo=1),
    "puts one count more in force": Upset(by=((reg.HR_LOAD_LEFT, 1), (reg.HR_LOAD_RIGHT, 1))),
}
"""What the PLC itself does wrong."""


def matrix() -> list[Case]:
    """All cases; each has a name of its own."""
    parts = (_cuts, _delays, _exceptions, _mismatches, _losses, _reconnections, _ways_home, _upsets)
    return [case for part in parts for case in part()]


def _case(moment: Moment, kind: Kind, way: Way, *before: Fault, **settings: float) -> Case:
    fault = partial(Fault, kind, way, moment.function, moment.register, moment.nth)(**settings)  # type: ignore[arg-type]
    said = " ".join(f"{name} {value:g}" for name, value in settings.items())
    return Case(f"{moment.name}: {kind} {way} {said}".strip(), moment.work, (*before, fault))


def _cuts() -> Iterator[Case]:
    """At every byte of the writes and of what confirms them, by an end and by a reset."""
    for reset in (False, True):
        for moment in WRITES:
            for byte in range(moment.request_bytes):
                yield _case(moment, Kind.CUT, Way.REQUEST, byte=byte, reset=reset)
        for moment in (FIRST, THIRD_OF_TWO, ECHO):
            for byte in range(moment.answer_bytes):
                yield _case(moment, Kind.CUT, Way.ANSWER, byte=byte, reset=reset)
    for byte in range(IN_FORCE.answer_bytes):
        yield _case(IN_FORCE, Kind.CUT, Way.ANSWER, byte=byte)
    for way in Way:
        for byte in range(BEAT.answer_bytes):
            yield _case(BEAT, Kind.CUT, way, byte=byte)


def _delays() -> Iterator[Case]:
    for delay_s in DELAYS_S:
        for moment in (*WRITES, BEAT):
            yield _case(moment, Kind.DELAY, Way.REQUEST, delay_s=delay_s)
        for moment in (*WRITES, ECHO, IN_FORCE, POLL):
            yield _case(moment, Kind.DELAY, Way.ANSWER, delay_s=delay_s)


def _exceptions() -> Iterator[Case]:
    """`request`: the PLC did not do it; `answer`: it did, and says that it did not."""
    for code in CODES:
        for way in Way:
            for moment in (FIRST, THIRD_OF_TWO, ECHO, IN_FORCE):
                yield _case(moment, Kind.EXCEPTION, way, code=code)


def _mismatches() -> Iterator[Case]:
    for moment in ALL:
        for kind in (*MISMATCHES, Kind.LATE, Kind.REPLAY, Kind.STALE):
            yield _case(moment, kind, Way.ANSWER)
        for length in LENGTHS:
            yield _case(moment, Kind.LENGTH, Way.ANSWER, byte=length)
    for moment in (FIRST, THIRD, BEAT):
        for kind in MISMATCHES:
            yield _case(moment, kind, Way.REQUEST)
        for length in LENGTHS:
            yield _case(moment, Kind.LENGTH, Way.REQUEST, byte=length)


def _losses() -> Iterator[Case]:
    """Connections that stay open and carry nothing, and PLCs that are away."""
    for moment in ALL:
        for way in Way:
            yield _case(moment, Kind.HALF_OPEN, way)
    for for_s in (0.1, 0.4, 0.8, 1.5):
        yield _case(FIRST, Kind.BLACK_HOLE, Way.REQUEST, for_s=for_s)
        yield _case(THIRD, Kind.BLACK_HOLE, Way.ANSWER, for_s=for_s)
        yield _case(BEAT, Kind.BLACK_HOLE, Way.REQUEST, for_s=for_s)
    for for_s in (0.5, 1.2):
        for moment in WRITES:
            yield _case(moment, Kind.CUT, Way.REQUEST, for_s=for_s)
            yield _case(moment, Kind.CUT, Way.ANSWER, byte=12, for_s=for_s)


def _reconnections() -> Iterator[Case]:
    """The write is cut, and what the cell asks when it comes back meets a fault too."""
    for way in Way:
        cut = Fault(Kind.CUT, way, 16)
        for kind in (*MISMATCHES, Kind.HALF_OPEN, Kind.CUT):
            yield _renamed(_case(RECONNECTION, kind, Way.ANSWER, cut), f"after a cut {way}")
        yield _renamed(_case(RECONNECTION, Kind.EXCEPTION, Way.ANSWER, cut, code=6), f"after a cut {way}")


def _renamed(case: Case, more: str) -> Case:
    return case._replace(name=f"{case.name} {more}")


def _ways_home() -> Iterator[Case]:
    for moment in (HOME, HOME_SECOND):
        for way in Way:
            for kind in (Kind.DROP, Kind.HALF_OPEN, Kind.TRANSACTION, Kind.EXCEPTION, Kind.DUPLICATE):
                yield _case(moment, kind, way)
            yield _case(moment, Kind.DELAY, way, delay_s=0.3)
            yield _case(moment, Kind.CUT, way, byte=6)
        yield _case(moment, Kind.BLACK_HOLE, Way.REQUEST, for_s=0.8)


def _upsets() -> Iterator[Case]:
    """The network is sound, and the PLC judges, echoes or moves wrongly."""
    mark = Fault(Kind.DELAY, Way.ANSWER, 16, delay_s=0.0)
    for name, upset in UPSETS.items():
        for work in (Work.STEP, Work.BOTH):
            yield Case(f"{work}: the PLC {name}", work, (mark,), upset)
