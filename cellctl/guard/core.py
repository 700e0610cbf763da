"""The guard: nothing reaches a set-point except through it. No clock, socket or file: all is handed in."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cellctl.config.resolved import GuardRules, Setpoint
from cellctl.guard.case import NO_SETPOINT, Case, Move
from cellctl.guard.rules import refusal
from cellctl.guard.slew import TICK_NS, Slew
from cellctl.model.correction import Kind, Outcome, Proposal, WritePhase
from cellctl.model.guarding import Memory, Plant, Report, within_s
from cellctl.model.message import Stamp
from cellctl.model.packml import CellState, PackMLState


class Guard:
    """Judges proposals, executes their ramps in increments, and brings the set-points to the safe state.

    The host's loop: `due` → write, look at the in-force value → `confirmed` or `failed` → empty `reports`.
    Only one batch of increments is out at a time. All times are monotonic ns.
    """

    def __init__(self, rules: GuardRules, memory: Memory | None = None) -> None:
        self.rules, self.memory = rules, (memory := memory or Memory())
        self._moves: dict[str, Move] = {}
        self._out: dict[str, tuple[Move, int]] = {}
        self._take_table(rules.setpoints)
        self.reports: list[Report] = []  # oldest first; the host takes them away
        self._safe = self.aged = False  # aged: the cell is in Execute by its last word, and that word is too old
        self._cell = CellState(stamp=Stamp(0), state=PackMLState.STOPPED, epoch=memory.epoch, safe=False, reason="")

    @property
    def product(self) -> str:
        """Whose recipe it works by; empty before the cell's first word."""
        return self._cell.product

    def judge(self, proposal: Proposal, now_ns: int, plant: Plant) -> str:
        """The refusal as `<rule>: <words>`, or empty; changes nothing."""
        tag = proposal.tag
        setpoint, move = self._setpoints.get(tag, NO_SETPOINT), self._moves.get(tag)
        watched = tag in self._slew and self._slew[tag].watched(now_ns)
        known = (plant, plant.value(tag), watched, move, self._cell, self.memory, self.rules)
        return refusal(Case(proposal, setpoint, *known, now_ns))

    def begin(self, proposal: Proposal, now_ns: int, plant: Plant) -> str:
        """Judge again, now that the intent is on disk, and start the move; the refusal or empty."""
        if reason := self.judge(proposal, now_ns, plant):
            return reason
        tag = proposal.tag
        self._end([tag], Outcome.REFUSED, "replaced by the roll-back of its transaction")
        self._remember(sequences=self.memory.sequences | {proposal.source: proposal.sequence})
        if proposal.kind is Kind.STEP:
            self._remember(origins=self.memory.origins | {tag: (proposal.transaction, plant.value(tag))})
        self._moves[tag] = Move(tag, self._slew[tag].counts(proposal.target), plant.value(tag), proposal)
        return ""

    def waits(self, now_ns: int) -> bool:
        """Whether `due` may want to write; the host reads the values in force anew before it asks."""
        if not self._moves or self._out:
            return False
        return any(now_ns >= move.next_ns for move in self._moves.values())

    def due(self, now_ns: int, plant: Plant) -> list[tuple[str, float]]:
        """The increments to write now, all in one request; call at least every 100 ms."""
        self._age(now_ns)
        for tag, slew in self._slew.items():
            value = plant.usable_value(tag, now_ns, self.rules.input_age_s)
            if value is not None:
                slew.note(slew.counts(value), now_ns)
        if self._out:
            return []
        for move in list(self._moves.values()):
            self._advance(move, now_ns, plant)
        return [(tag, self._slew[tag].value(counts)) for tag, (_, counts) in self._out.items()]

    def _advance(self, move: Move, now_ns: int, plant: Plant) -> None:
        """Put the move's next increment out, or end the move when the plant is not as it left it."""
        tag, slew = move.tag, self._slew[move.tag]
        value = plant.usable_value(tag, now_ns, self.rules.input_age_s)
        if value is None:
            self._end([tag], Outcome.UNKNOWN, "input: the value in force is no longer Good")
            return
        current = slew.counts(value)
        if move.proposal and move.reached not in {None, current}:
            self._end([tag], Outcome.REFUSED, "taken over: somebody else changed the value in force")
        elif now_ns >= move.next_ns and (counts := slew.next(now_ns, current, move.target)) is not None:
            move.next_ns = now_ns + TICK_NS
            self._out[tag] = (move, counts)

    def confirmed(self, now_ns: int) -> None:
        """All increments of the last `due` are in force."""
        for move, counts in self._take_out(now_ns):
            first, move.reached = move.reached is None, counts
            if first:
                self._report(move, WritePhase.FIRST_INCREMENT, Outcome.CONFIRMED, "")
            if counts == move.target:
                self._report(move, WritePhase.TARGET, Outcome.CONFIRMED, "")
                self._remember(failures=self.memory.failures | {move.tag: 0})
                del self._moves[move.tag]

    def failed(self, now_ns: int, outcome: Outcome, reason: str) -> None:
        """The last increments were refused, or nobody knows: ramps end, the way to the safe state goes on."""
        for move, _ in self._take_out(now_ns):
            self._remember(failures=self.memory.failures | {move.tag: self.memory.failures.get(move.tag, 0) + 1})
            self._end([move.tag], outcome, reason)

    def _take_out(self, now_ns: int) -> list[tuple[Move, int]]:
        """The increments that were out, less those whose move has ended or was replaced meanwhile."""
        out, self._out = self._out, {}
        for tag, (_, counts) in out.items():
            self._slew[tag].note(counts, now_ns)
        return [(move, counts) for tag, (move, counts) in out.items() if self._moves.get(tag) is move]

    def on_cell(self, state: CellState) -> None:
        """Follow the cell; moves end with their epoch and with Execute."""
        if state.epoch < self.memory.epoch:
            return
        newer, self._cell, table = state.epoch > self.memory.epoch, state, self.rules.table(state.product)
        if newer:
            self.memory = Memory(state.epoch, self.memory.lost_epoch, origins=self.memory.origins)
        if newer or state.state is not PackMLState.EXECUTE:
            changes = state.changing and state.state is PackMLState.EXECUTE
            why = "changeover: the line changes over" if changes else "state: the cell left Execute"
            self._end(self._moves, Outcome.REFUSED, f"{why} ({state.reason})")
        if table != self._table:
            self._take_table(table)
            self._remember(origins={})
        if state.safe and (newer or not self._safe):
            self.enter_safe_state("safe-state: the cell goes to its safe state")
        self._safe = state.safe

    def _take_table(self, table: tuple[Setpoint, ...]) -> None:
        """Work by the nominals and limits of a product; what was under way ends, and a second is watched anew."""
        self._table = table
        self._setpoints = {point.tag: point for point in table}
        self._slew = {point.tag: Slew(point) for point in table}
        self._moves.clear()
        self._out.clear()

    def _age(self, now_ns: int) -> None:
        """Execute holds only while somebody says so: enter the safe state once when the last word grows old."""
        fresh, aged = within_s(self._cell.stamp.t_ns, now_ns, self.rules.state_age_s), self.aged
        self.aged = self._cell.state is PackMLState.EXECUTE and not fresh
        if self.aged and not aged:
            self.enter_safe_state("state-age: nobody says any more that the cell is in Execute")

    def enter_safe_state(self, reason: str) -> None:
        """End every ramp; with `recipe`, ramp every set-point to its recipe value. Needs no journal."""
        self._end(self._moves, Outcome.REFUSED, reason)
        if self.rules.safe_state == "recipe":
            for tag, slew in self._slew.items():
                target = max(slew.lowest, min(slew.highest, slew.counts(self._setpoints[tag].recipe)))
                self._moves[tag] = Move(tag, target, self._setpoints[tag].recipe, None)

    def on_link_lost(self) -> None:
        """End every ramp until a newer epoch; a way to the safe state goes on when its values were watched anew."""
        self._end(self._moves, Outcome.UNKNOWN, "link: lost")
        self._out.clear()
        self._remember(lost_epoch=self._cell.epoch)
        for slew in self._slew.values():
            slew.forget()

    def _end(self, tags: Iterable[str], outcome: Outcome, reason: str) -> None:
        """Take moves away; their proposals learn which moment will not come. The safe state goes on."""
        for move in [self._moves[tag] for tag in tags if tag in self._moves and self._moves[tag].proposal]:
            phase = WritePhase.FIRST_INCREMENT if move.reached is None else WritePhase.TARGET
            self._report(move, phase, outcome, reason)
            del self._moves[move.tag]

    def _report(self, move: Move, phase: WritePhase, outcome: Outcome, reason: str) -> None:
        if move.proposal:
            self.reports.append(Report(move.proposal, phase, outcome, reason, move.old))

    def _remember(self, **changes: object) -> None:
        self.memory = msgspec.structs.replace(self.memory, **changes)
