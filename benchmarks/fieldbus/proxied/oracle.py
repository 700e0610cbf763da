"""Judges a case by the PLC's log and by the frames at the proxy; it knows nothing of guard and handshake.

- CONFIRMED: the value was in force by the PLC's log between the decision and the report.
- REFUSED: nothing of the proposal came into force.
- Every block that the cell sent belongs to a proposal that was under way, or leads home; one that comes more than
  200 ms after the last word on its proposal is a replay.
- The cell was held in time: see `held_ms`.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from benchmarks.fieldbus.proxied.plc import WATCHDOG_NS, LoggedPlc
from benchmarks.fieldbus.proxied.rig import REGISTERS, TIMEOUT_S, Rig
from benchmarks.fieldbus.proxied.scene import Played, terminal
from cellctl.clock import NS_PER_MS, NS_PER_S
from cellctl.model.correction import Outcome, Proposal, WritePhase, WriteResult
from cellsim.plc import registers as reg
from cellsim.plc.program import AcceptCode, Command
from cellsim.proxy import Passed, Way

OLD_NS = 200 * NS_PER_MS
SLACK_NS = 50 * NS_PER_MS
_SCALE = 0.01
_WRITE_REGISTERS = 16


class Block(NamedTuple):
    """A command block as it left the cell."""

    t_ns: int
    sequence: int
    counts: dict[int, int]


class Judgement(NamedTuple):
    """What the oracle found in one case.

    Attributes:
        wrong: outcomes that the PLC's log contradicts.
        replays: blocks that nobody had asked for any more.
        late: the cell was held, or the PLC's watchdog acted, too late.
        outcomes: the last word on each proposal.
        held_ms: from the first request that met the fault to the alarm that holds the cell; None when the link held.
        watchdog_ms: from the last beat that reached the PLC to its own way home; None when it did not trip.
        home_ms: from the fault to the recipe in force.
        age_ms: largest time from a block's leaving the cell to the scan that took it.
    """

    wrong: list[str]
    replays: list[str]
    late: list[str]
    outcomes: list[str]
    held_ms: float | None
    watchdog_ms: float | None
    home_ms: float
    age_ms: float


def judge(played: Played) -> Judgement:
    """All that can be said of one case."""
    rig = played.rig
    blocks = [_block(item) for item in rig.passed if _is_block(item)]
    held_ms, watchdog_ms = _held_ms(rig, played.struck_ns), _watchdog_ms(rig.plc)
    return Judgement(
        wrong=[line for result in rig.ports.kept if (line := _contradicted(rig, result))],
        replays=[line for block in blocks if (line := _unasked(rig, block))],
        late=_late(held_ms, watchdog_ms),
        outcomes=[str(result.outcome) for result in terminal(rig.ports.kept).values()],
        held_ms=held_ms,
        watchdog_ms=watchdog_ms,
        home_ms=_home_ms(rig.plc, played.struck_ns),
        age_ms=_age_ms(rig.plc, blocks),
    )


def _is_block(item: Passed) -> bool:
    return item.way is Way.REQUEST and item.frame.function == _WRITE_REGISTERS


def _block(item: Passed) -> Block:
    """FC16: register, count, bytes, values."""
    pdu = item.frame.pdu
    words = struct.unpack(f">{pdu[5] // 2}H", pdu[6:])
    values = {item.frame.register + place: word for place, word in enumerate(words)}
    return Block(item.t_ns, values[reg.HR_CMD_SEQ], {k: values[k] for k in REGISTERS.values()})


def _contradicted(rig: Rig, result: WriteResult) -> str:
    """What is wrong with a result, or empty."""
    proposal = next(it for it in rig.proposals if it.transaction == result.transaction)
    register, until_ns = REGISTERS[result.tag], result.stamp.t_ns
    said = f"{result.transaction} {result.phase} {result.outcome}"
    if result.outcome is Outcome.CONFIRMED and result.phase is not WritePhase.DECIDED:
        asked = _counts(result.proposed if result.phase is WritePhase.TARGET else result.written or 0.0)
        was = rig.plc.values(register, max(result.intent_ns, until_ns - NS_PER_S), until_ns)
        return "" if asked in was else f"{said}, but {asked} was not in force: {sorted(was)}"
    if result.outcome is Outcome.REFUSED and result.phase is not WritePhase.TARGET:
        old = _counts(result.old)
        was = rig.plc.values(register, proposal.stamp.t_ns, until_ns + OLD_NS)
        away = {value for value in was if _leads(value, old, _counts(result.proposed))}
        return f"{said}, but {sorted(away)} came into force" if away else ""
    return ""


def _leads(value: int, old: int, target: int) -> bool:
    """Whether a value lies on the way from `old` to `target`, and is not `old` itself."""
    return value != old and min(old, target) <= value <= max(old, target)


def _unasked(rig: Rig, block: Block) -> str:
    """Why a block had no business on the wire, or empty."""
    for tag, register in REGISTERS.items():
        value, recent = block.counts[register], rig.plc.values(register, block.t_ns - OLD_NS, block.t_ns)
        proposals = [it for it in rig.proposals if it.tag == tag]
        home = any(_leads(value, was, reg.CLAMPS[register].recipe) for was in recent)
        asked = any(_under_way(rig, it, block.t_ns) and _towards(value, recent, it) for it in proposals)
        if value not in recent and not home and not asked:
            return f"sequence {block.sequence} asks {tag} for {value}, {sorted(recent)} in force, and nobody asked"
    return ""


def _towards(value: int, recent: set[int], proposal: Proposal) -> bool:
    return any(_leads(value, was, _counts(proposal.target)) for was in recent)


def _under_way(rig: Rig, proposal: Proposal, t_ns: int) -> bool:
    """Between its decision and 200 ms after its last word."""
    last = terminal(rig.ports.kept).get(proposal.transaction)
    return proposal.stamp.t_ns <= t_ns and (last is None or t_ns <= last.stamp.t_ns + OLD_NS)


def _held_ms(rig: Rig, struck_ns: int) -> float | None:
    heard = [it.stamp.t_ns for it in rig.link_alarms() if it.active and it.stamp.t_ns >= struck_ns]
    return (heard[0] - struck_ns) / NS_PER_MS if heard else None


def _watchdog_ms(plc: LoggedPlc) -> float | None:
    spans = [trip_ns - max(beat for beat in plc.beats_ns if beat < trip_ns) for trip_ns in plc.trips_ns]
    return max(spans) / NS_PER_MS if spans else None


def _late(held_ms: float | None, watchdog_ms: float | None) -> list[str]:
    found = []
    if held_ms is not None and held_ms > TIMEOUT_S * 1000 + SLACK_NS / NS_PER_MS:
        found.append(f"held {held_ms:.0f} ms after the request that met the fault")
    if watchdog_ms is not None and watchdog_ms > (WATCHDOG_NS + SLACK_NS) / NS_PER_MS:
        found.append(f"the PLC's watchdog acted {watchdog_ms:.0f} ms after the last beat")
    return found


def _home_ms(plc: LoggedPlc, struck_ns: int) -> float:
    """The last change that brought a value to its recipe."""
    arrived = max(plc.last_change_ns(k) for k in REGISTERS.values())
    return max(0.0, (arrived - struck_ns) / NS_PER_MS)


def _age_ms(plc: LoggedPlc, blocks: list[Block]) -> float:
    """Between a block's leaving the cell and the scan that put it in force."""
    ages = [command.t_ns - max(sent) for command in plc.commands if (sent := _sent_ns(command, blocks))]
    return max(ages, default=0) / NS_PER_MS


def _sent_ns(command: Command, blocks: list[Block]) -> list[int]:
    """When the cell sent the block of a command that was taken."""
    return [
        block.t_ns
        for block in blocks
        if command.code is AcceptCode.TAKEN
        and block.sequence == command.seq
        and block.t_ns <= command.t_ns
        and all(command.asked[k] == value for k, value in block.counts.items())
    ]


def _counts(value: float) -> int:
    return round(value / _SCALE)
