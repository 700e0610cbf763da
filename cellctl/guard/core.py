"""The guard: nothing reaches a set-point except through it. No clock, socket or file: all is handed in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import msgspec

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import DriftOver, GuardRules, Setpoint
from cellctl.guard.case import NO_SETPOINT, Case, Move
from cellctl.guard.rules import is_breach, refusal
from cellctl.guard.slew import TICK_NS, WINDOW_NS, Slew
from cellctl.model.correction import TAKEN_OVER, Kind, Outcome, Proposal, WritePhase
from cellctl.model.guarding import PLANT, Memory, Plant, Report, noted, within_s
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
        self._ours: dict[str, int] = {}  # set-point at rest → what must be in force; else somebody else moved it
        self._take_table(rules.setpoints)
        self._breaches: dict[str, deque[int]] = {loop: deque(maxlen=rules.trip) for loop in rules.loops}
        self.reports: list[Report] = []  # oldest first; the host takes them away
        self._safe = self.aged = False  # aged: the cell is in Execute by its last word, and that word is too old
        self._cell = CellState(stamp=Stamp(0), state=PackMLState.STOPPED, epoch=memory.epoch, safe=False, reason="")
        self._seen_ns = 0

    @property
    def product(self) -> str:
        """Whose recipe it works by; empty before the cell's first word."""
        return self._cell.product

    @property
    def _acts(self) -> bool:
        """Whether the cell is in Execute, by a word that is not too old, and nothing speaks against it."""
        cell = self._cell
        return cell.state is PackMLState.EXECUTE and not (self.aged or cell.safe or cell.changing)

    def judge(self, proposal: Proposal, now_ns: int, plant: Plant) -> str:
        """The refusal as `<rule>: <words>`, or empty; changes nothing."""
        tag, setpoint = proposal.tag, self._setpoints.get(proposal.tag, NO_SETPOINT)
        watched = tag in self._slew and self._slew[tag].watched(now_ns)
        known = (plant, plant.value(tag), watched, self._moves.get(tag), self._cell, self.memory, self.rules)
        return refusal(Case(proposal, setpoint, *known, now_ns))

    def meant(self, proposal: Proposal, old: float) -> Memory:
        """The memory once the proposal has begun; the host stores it with the intent, so that nothing is forgotten."""
        tag, memory = proposal.tag, self.memory
        changes: dict[str, object] = {"sequences": memory.sequences | {proposal.source: proposal.sequence}}
        if proposal.kind is Kind.STEP:
            begun = (*memory.begun.get(tag, ()), memory.running_ns)[-max(1, self._setpoints[tag].tries) :]
            changes |= {"origins": memory.origins | {tag: (proposal.transaction, old)}}
            changes |= {"begun": memory.begun | {tag: begun}}
        return msgspec.structs.replace(memory, **changes)

    def begin(self, proposal: Proposal, now_ns: int, plant: Plant) -> str:
        """Judge again, now that the intent is on disk, and start the move; the refusal or empty."""
        if reason := self.judge(proposal, now_ns, plant):
            return reason
        tag, old = proposal.tag, plant.value(proposal.tag)
        self._end([tag], Outcome.REFUSED, "replaced by the roll-back of its transaction")
        self.memory = self.meant(proposal, old)
        self._start(Move(tag, self._slew[tag].counts(proposal.target), old, proposal))
        return ""

    def refused(self, proposal: Proposal, reason: str, now_ns: int) -> None:
        """Count a refusal: a loop that breaks the envelope again and again is tripped, and what it moves goes safe."""
        breaches, loop = self._breaches.get(proposal.loop), proposal.loop
        if breaches is None or loop in self.memory.tripped or not is_breach(reason):
            return
        breaches.append(now_ns)
        if len(breaches) == self.rules.trip and within_s(breaches[0], now_ns, self.rules.trip_within_s):
            self._remember(tripped=self.memory.tripped | {loop: f"{loop} was refused too often, last {reason}"})
            if self._acts:
                self.enter_safe_state(f"tripped: {self.memory.tripped[loop]}", self.rules.loops[loop])

    def reset(self, loop: str) -> None:
        """A person lets a tripped loop act again."""
        self._breaches.get(loop, deque[int]()).clear()
        self._remember(tripped={name: why for name, why in self.memory.tripped.items() if name != loop})

    def take_over(self, tag: str, who: str) -> None:
        """Somebody has the set-point: its ramp ends where it stands, also the one to the safe state."""
        if tag in self._slew:
            self._end([tag], Outcome.REFUSED, f"{TAKEN_OVER} {who} has it")
            self._moves.pop(tag, None)
            self._ours.pop(tag, None)
            self._remember(taken=self.memory.taken | {tag: who})

    def hand_back(self, tag: str) -> None:
        """The set-point is the cell's again, from the value in force on; that is watched for a second first."""
        if self.memory.taken.get(tag):
            self._remember(taken={name: who for name, who in self.memory.taken.items() if name != tag})
            if tag in self._slew:
                self._slew[tag].forget()

    def waits(self, now_ns: int) -> bool:
        """Whether `due` may want to write; the host reads the values in force anew before it asks."""
        return not self._out and any(now_ns >= move.next_ns for move in self._moves.values())

    def due(self, now_ns: int, plant: Plant) -> list[tuple[str, float]]:
        """The increments to write now, all in one request; call at least every 100 ms."""
        self._age(now_ns)
        passed_ns, self._seen_ns = now_ns - self._seen_ns, now_ns
        if self._acts and passed_ns in range(WINDOW_NS + 1):
            self._remember(running_ns=self.memory.running_ns + passed_ns)
        for tag, slew in self._slew.items():
            value = plant.usable_value(tag, now_ns, self.rules.input_age_s)
            if value is not None:
                slew.note(slew.counts(value), now_ns)
                self._look(self._setpoints[tag], slew, slew.counts(value), now_ns)
        if self._out:
            return []
        for move in list(self._moves.values()):
            self._advance(move, now_ns, plant)
        return [(tag, self._slew[tag].value(counts)) for tag, (_, counts) in self._out.items()]

    def _look(self, point: Setpoint, slew: Slew, counts: int, now_ns: int) -> None:
        """While the cell acts: count the drift, and notice that somebody else moved a set-point that is at rest."""
        tag = point.tag
        if not self._acts:
            self._ours.pop(tag, None)
            return
        self._count_drift(point, slew.value(counts))
        holder, at_recipe = self.memory.taken.get(tag, ""), abs(counts - slew.counts(point.recipe)) <= 1
        if holder == PLANT and at_recipe:
            self.hand_back(tag)
        elif not (holder or at_recipe) and abs(counts - self._ours.get(tag, counts)) > 1:
            self.take_over(tag, PLANT)
        elif not holder and slew.still(now_ns) and tag not in self._moves and tag not in self._out:
            self._ours.setdefault(tag, counts)

    def _count_drift(self, point: Setpoint, value: float) -> None:
        """Keep what the drift budget counts from: the first value of the lot, or those of the last hours of running."""
        memory = self.memory
        seen = memory.drift.get(point.tag, ())
        if point.drift_over is DriftOver.RUNNING:
            slots = noted(seen, memory.running_ns, round(point.drift_window_s * NS_PER_S), value)
        else:
            slots = seen or ((memory.running_ns, value, value),)
        if slots != seen and point.drift_over is not DriftOver.RECIPE:
            self._remember(drift=memory.drift | {point.tag: slots})

    def _advance(self, move: Move, now_ns: int, plant: Plant) -> None:
        """Put the move's next increment out, or end the move when the plant is not as it left it."""
        tag, slew = move.tag, self._slew[move.tag]
        value = plant.usable_value(tag, now_ns, self.rules.input_age_s)
        if value is None:
            self._end([tag], Outcome.UNKNOWN, "input: the value in force is no longer Good")
            return
        current = slew.counts(value)
        if move.proposal and move.reached not in {None, current}:
            self.take_over(tag, PLANT)
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
                self._finish(move)
                self._ours[move.tag] = counts

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
            self._remember(epoch=state.epoch, sequences={}, failures={})
        if newer or table != self._table or state.state is not PackMLState.EXECUTE:
            changes = state.changing and state.state is PackMLState.EXECUTE
            why = "changeover: the line changes over" if changes else "state: the cell left Execute"
            self._end(self._moves, Outcome.REFUSED, f"{why} ({state.reason})")
        if table != self._table:
            self._take_table(table)
            self._remember(origins={})
        self._renew_drift(state)
        if state.safe and (newer or not self._safe):
            self.enter_safe_state("safe-state: the cell goes to its safe state")
        self._safe = state.safe

    def _renew_drift(self, state: CellState) -> None:
        """Another product ends every budget, an announced change of the lot those of the lot; a restart ends none."""
        other = state.product != self.memory.product
        if other or (state.changing and state.lot != self.memory.lot):
            lots = {point.tag for point in self._table if point.drift_over is DriftOver.LOT}
            kept = {} if other else {tag: seen for tag, seen in self.memory.drift.items() if tag not in lots}
            self._remember(product=state.product, lot=state.lot, drift=kept)

    def _take_table(self, table: tuple[Setpoint, ...]) -> None:
        """Work by the nominals and limits of a product; what was under way ends, and a second is watched anew."""
        self._table = table
        self._setpoints = {point.tag: point for point in table}
        self._slew = {point.tag: Slew(point) for point in table}
        for known in (self._moves, self._out, self._ours):
            known.clear()

    def _age(self, now_ns: int) -> None:
        """Execute holds only while somebody says so: enter the safe state once when the last word grows old."""
        fresh, aged = within_s(self._cell.stamp.t_ns, now_ns, self.rules.state_age_s), self.aged
        self.aged = self._cell.state is PackMLState.EXECUTE and not fresh
        if self.aged and not aged:
            self.enter_safe_state("state-age: nobody says any more that the cell is in Execute")

    def enter_safe_state(self, reason: str, tags: Iterable[str] | None = None) -> None:
        """End the ramps and bring set-points to their safe values, but none that a person has. Needs no journal."""
        mine = [tag for tag in self._slew if tags is None or tag in tags]
        self._end(mine, Outcome.REFUSED, reason)
        for tag in mine:
            safe = self._setpoints[tag].safe
            if safe is not None and self.memory.taken.get(tag, PLANT) == PLANT:
                self._start(Move(tag, self._slew[tag].nearest(safe), safe, None))

    def on_link_lost(self) -> None:
        """End every ramp until a newer epoch; a way to the safe state goes on when its values were watched anew."""
        self._end(self._moves, Outcome.UNKNOWN, "link: lost")
        self._out.clear()
        self._ours.clear()
        self._remember(lost_epoch=self._cell.epoch)
        for slew in self._slew.values():
            slew.forget()

    def _start(self, move: Move) -> None:
        self._moves[move.tag] = move
        self._ours.pop(move.tag, None)

    def _end(self, tags: Iterable[str], outcome: Outcome, reason: str) -> None:
        """Take moves away; their proposals learn which moment will not come. The safe state goes on.

        What is out may still come into force: nobody knows, whatever ended the move.
        """
        for move in [self._moves[tag] for tag in tags if tag in self._moves and self._moves[tag].proposal]:
            phase = WritePhase.FIRST_INCREMENT if move.reached is None else WritePhase.TARGET
            sent = self._out.get(move.tag, (None, 0))[0] is move
            self._report(move, phase, Outcome.UNKNOWN if sent else outcome, reason)
            self._finish(move)

    def _finish(self, move: Move) -> None:
        del self._moves[move.tag]
        self._remember(ended=self.memory.ended | {move.tag: self.memory.running_ns})

    def _report(self, move: Move, phase: WritePhase, outcome: Outcome, reason: str) -> None:
        if move.proposal:
            self.reports.append(Report(move.proposal, phase, outcome, reason, move.old))

    def _remember(self, **changes: object) -> None:
        self.memory = msgspec.structs.replace(self.memory, **changes)
