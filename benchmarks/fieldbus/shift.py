"""A line in virtual time: the live bus's guard, image, block and reports over a controller that does what it is told.

Every block that goes out is shown to the model before it is in force.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.fieldbus.model import Model
from benchmarks.fieldbus.plans import AGES, LOOP, Plan
from benchmarks.fieldbus.point import Limits
from cellctl.clock import NS_PER_MS, NS_PER_S, VirtualClock
from cellctl.config.resolved import Device, Web
from cellctl.model.correction import Kind, Outcome, Proposal, WritePhase, WriteResult
from cellctl.model.message import Stamp
from cellctl.model.packml import CellState, PackMLState
from cellctl.model.people import Instruction, Order
from cellctl.model.quality import Quality
from cellctl.runtime.lockstep.bus import LockstepBus
from cellctl.runtime.lockstep.journal import NoJournal
from cellctl.runtime.lockstep.schedule import Schedule, Timer
from cellctl.sdk.ports import Sender

SCAN_NS = 10 * NS_PER_MS
TOLD_NS = NS_PER_S // 5
START_NS = NS_PER_S
"""Nothing happens at time 0, which stands for never."""
HANDSHAKE = {
    "heartbeat": "heartbeat", "sequence": "cmd_seq", "echo": "seq_echo", "accept": "accept_code", "state": "state",
}  # fmt: skip


def table(path: Path, limits: Mapping[str, Limits]) -> Path:
    """The tags of those set-points and of the handshake."""
    rows = ["name,address,type,scale,unit,minimum,maximum,access,in_force,poll,description"]
    rows += ["heartbeat,HR0,uint16,1,,0,65535,rw,,,", "cmd_seq,HR1,uint16,1,,0,65535,rw,,,"]
    rows += [
        f"{tag.removeprefix('plc.')},HR{2 + n},int16,{it.resolution},{it.unit},{(it.lowest - 500) * it.resolution:g},"
        f"{(it.highest + 500) * it.resolution:g},rw,IR{102 + n},fast,"
        for n, (tag, it) in enumerate(limits.items())
    ]
    inputs = ((1, "seq_echo"), (2, "state"), (99, "accept_code"))
    rows += [f"{tag},IR{register},uint16,1,,0,65535,r,,fast," for register, tag in inputs]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


class _To:
    """A sender that tells somebody here."""

    def __init__(self, hear: Any) -> None:
        self.send = hear


class Line:
    """Controller, bus and model in one virtual time; also the bus's `World` and the place where its messages go.

    Attributes:
        model: told of everything here.
        wrong: what went out on the wire and was not allowed.
        blocks: command blocks so far.
        now_ns: virtual time.
    """

    edge_s = 0.001

    def __init__(self, folder: Path, plan: Plan) -> None:
        limits = plan.limits
        self.schedule = Schedule(VirtualClock(START_NS))
        self.results: Sender[Any] = _To(self._hear)
        self.readings: Sender[Any] = _To(_forget)
        self.alarms: Sender[Any] = _To(_forget)
        self.shown = {tag.removeprefix("plc."): it.recipe * it.resolution for tag, it in limits.items()}
        self.shown |= {"seq_echo": 0.0, "accept_code": 0.0, "state": float(PackMLState.EXECUTE)}
        self.model = Model(limits, {tag: it.recipe for tag, it in limits.items()}, AGES, START_NS)
        self.wrong: list[str] = []
        self.blocks = 0
        self.silent = False
        self._numbers = itertools.count(1)
        self._state = CellState(stamp=Stamp(START_NS), state=PackMLState.STOPPED, epoch=0, safe=False, reason="")
        self._decided: list[WriteResult] = []
        asked: Any = self  # the bus wants no more of a world than `read` and `write`
        settings = {"host": "127.0.0.1", "tags": str(table(folder / "shift.csv", limits)), "handshake": HANDSHAKE}
        self._bus = LockstepBus(
            Device("plc", "modbus-tcp", settings), plan.rules(), Web("", "", "", {}), journal=NoJournal(),
            senders=self, schedule=self.schedule, world=asked, place=0,
        )  # fmt: skip
        self._bus.start()
        Timer(self.schedule, 0, self._bus.poll_ns, self._bus.poll)
        Timer(self.schedule, 0, TOLD_NS, self._tell)

    @property
    def now_ns(self) -> int:
        """Virtual time."""
        return self.schedule.clock.t_ns

    def go_on(self, seconds: float) -> None:
        """Let time pass."""
        self.schedule.run(self.now_ns + round(seconds * NS_PER_S))

    def set_state(self, state: PackMLState, *, safe: bool = False, changing: bool = False, newer: bool = True) -> None:
        """The supervisor says another state, in a newer epoch where it is one."""
        epoch = self._state.epoch + newer
        self._state = msgspec.structs.replace(self._state, state=state, safe=safe, changing=changing, epoch=epoch)
        self._tell(None)

    def proposal(self, tag: str, target: float, kind: Kind = Kind.STEP, transaction: str = "") -> Proposal:
        """One that is legal but perhaps for what it asks, decided now."""
        number, now_ns = next(self._numbers), self.now_ns
        return Proposal(
            source="builtin", sequence=number, stamp=Stamp(now_ns), transaction=transaction or f"t-{number}", loop=LOOP,
            kind=kind, tag=tag, target=target, unit=self.model.points[tag].limits.unit, epoch=self._state.epoch,
            exposure_ns=now_ns - 30 * NS_PER_MS, first_line_ns=now_ns - 50 * NS_PER_MS, confidence=0.95,
            quality=Quality.GOOD,
        )  # fmt: skip

    def propose(self, proposal: Proposal) -> tuple[str, str]:
        """What the model and what the guard say of it: why not, or empty."""
        expected = self.model.judge(proposal, self.now_ns)
        self._decided.clear()
        if not expected:
            self.model.begin(proposal)  # its first block may go out at once
        self._bus.propose(proposal)
        found = self._decided[0] if self._decided else None
        if found is not None and found.outcome is Outcome.CONFIRMED:
            return expected, ""
        if not expected:
            self.model.points[proposal.tag].move = None
        return expected, found.reason if found else "not ours to answer"

    def order(self, order: Order, subject: str) -> None:
        """A person says so."""
        stamp = Stamp(self.now_ns)
        self._bus.obey(Instruction(stamp=stamp, order=order, subject=subject, by="the operator"))

    def read(self, _device: str, _now_ns: int) -> Mapping[str, float]:
        """What the controller shows."""
        return self.shown

    def write(self, _device: str, sequence: int, values: Mapping[str, float], now_ns: int) -> int:
        """A block arrives, and is in force after the scan."""
        self.blocks += 1
        asked = {f"plc.{tag}": value for tag, value in values.items()}
        self.wrong += self.model.wrong(now_ns, asked)
        judged_ns = (now_ns // SCAN_NS + 1) * SCAN_NS
        self.schedule.at(judged_ns, -1, self._take, (sequence, asked))
        return judged_ns

    def _take(self, block: tuple[int, dict[str, float]]) -> None:
        """A scan; it comes before whatever the bus does at the same time."""
        sequence, asked = block
        for tag, value in asked.items():
            point = self.model.points[tag]
            counts = point.limits.counts(value)
            self.shown[tag.removeprefix("plc.")] = counts * point.limits.resolution
            if counts != point.in_force or not point.is_free:
                self.model.put(tag, self.now_ns, counts)
        self.shown["seq_echo"] = float(sequence)

    def _tell(self, _: object) -> None:
        if not self.silent:
            self._state = msgspec.structs.replace(self._state, stamp=Stamp(self.now_ns))
            self.model.tell(self._state)
            self._bus.follow(self._state)

    def _hear(self, result: WriteResult) -> None:
        if result.phase is WritePhase.DECIDED:
            self._decided.append(result)


def _forget(_message: Any) -> None:
    """Nobody listens."""
