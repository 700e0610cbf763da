"""A scene around the guard, and a judge who keeps logs of his own: he knows nothing of slots, windows or counts."""

from __future__ import annotations

import math

import msgspec

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellctl.config.resolved import DriftOver
from cellctl.guard import Guard
from cellctl.model.correction import Kind, Outcome, Proposal
from cellctl.model.guarding import Memory
from cellctl.model.packml import PackMLState
from cellctl.model.quality import Quality
from tests.unit.guard.bench import LEFT, RIGHT, Bench, rules

LOW, HIGH, RECIPE, SLEW, PER_EVENT, HALF = 17.0, 23.0, 20.0, 0.4, 1.0, 0.005
DRIFT, WINDOW_S, COOL_S, TRIES, TRIES_S = 1.5, 30.0, 1.5, 3, 20.0
SLOTS_S = 2 * WINDOW_S / 16 + 0.2
"""A value may count for so long beyond its window."""
RULES_HERE = rules(
    drift=DRIFT, drift_over=DriftOver.RUNNING, drift_window_s=WINDOW_S, cool_down_s=COOL_S, tries=TRIES,
    tries_window_s=TRIES_S,
)  # fmt: skip


class Scene:
    """The guard, a plant that obeys or not, a supervisor, and people."""

    def __init__(self) -> None:
        self.bench = Bench(RULES_HERE)
        self.epoch = self.sequence = 0
        self.running_s = 0.0
        self.acts = False
        self.held: dict[str, str] = {}
        self.in_force: dict[str, list[tuple[float, float]]] = {LEFT: [], RIGHT: []}  # (running s, value)
        self.plant_log: dict[str, list[tuple[float, float]]] = {tag: [(-9.0, RECIPE)] for tag in self.in_force}
        self.begun: dict[str, list[float]] = {LEFT: [], RIGHT: []}
        self.ended: dict[str, float] = {}
        self.arm()
        self.run(1.2)

    @property
    def now_s(self) -> float:
        return self.bench.now_ns / NS_PER_S

    def arm(self, *, state: PackMLState = PackMLState.EXECUTE, safe: bool = False, changing: bool = False) -> None:
        self.epoch += 1
        self.acts = state is PackMLState.EXECUTE and not safe and not changing
        self.bench.arm(self.epoch, state=state, safe=safe, changing=changing)

    def run(self, seconds: float, *, fails: bool = False) -> None:
        """Ticks of 100 ms, to which the plant obeys, or answers nothing the first time that something is written."""
        for _ in range(round(seconds * 10)):
            increments = self.bench.due()
            for tag, value in self.bench.values.items():
                self.in_force[tag].append((self.running_s, value)) if self.acts else None
            for tag, value in increments if not fails else ():
                self.bench.values[tag] = value
                self.plant_log[tag].append((self.now_s, value))
            if increments and fails:
                self.bench.guard.failed(self.bench.now_ns, Outcome.UNKNOWN, "test: no answer")
            elif increments:
                self.bench.guard.confirmed(self.bench.now_ns)
            fails = fails and not increments
            self.reports()
            self.bench.now_ns += 100 * NS_PER_MS
            self.running_s += 0.1 if self.acts else 0.0

    def reports(self) -> None:
        for report in self.bench.guard.reports:
            if report.outcome is not Outcome.CONFIRMED or report.phase.value == "target":
                self.ended[report.proposal.tag] = self.running_s
        self.bench.guard.reports = []

    def propose(self, tag: str, target: float, kind: Kind, changes: dict[str, object]) -> str:
        self.sequence += 1
        proposal = self.bench.proposal(
            tag=tag, target=target, kind=kind, sequence=self.sequence, epoch=self.epoch,
            transaction=f"t-{self.sequence}", exposure_ns=self.bench.now_ns,
        )  # fmt: skip
        proposal = msgspec.structs.replace(proposal, **changes)
        self.bench.tell()
        reason = self.bench.guard.begin(proposal, self.bench.now_ns, self.bench.plant)
        if reason:
            self.bench.guard.refused(proposal, reason, self.bench.now_ns)
        else:
            assert self.faults(proposal) == []
            if kind is Kind.STEP:
                self.begun[tag].append(self.running_s)
        self.reports()
        return reason

    def faults(self, it: Proposal) -> list[str]:
        """What speaks against a proposal, by the logs."""
        if it.tag not in self.in_force or not math.isfinite(it.target):
            return ["no such value"]
        now, tag, fresh = self.bench.values[it.tag], it.tag, it.kind in {Kind.STEP, Kind.REGULATE}
        towards = min(now, RECIPE) - HALF <= it.target <= max(now, RECIPE) + HALF
        seen = [value for at_s, value in self.in_force[tag] if self.running_s - at_s < WINDOW_S - 1e-6]
        recent = [at_s for at_s in self.begun[tag] if self.running_s - at_s < TRIES_S - 1e-6]
        found = {
            "range": not LOW <= it.target <= HIGH,
            "per event": abs(it.target - now) > PER_EVENT + HALF + 1e-9,
            "drift": not towards and any(abs(it.target - value) > DRIFT + HALF + 1e-9 for value in seen),
            "tries": it.kind is Kind.STEP and len(recent) >= TRIES,
            "cool-down": fresh and self.running_s - self.ended.get(tag, -99.0) < COOL_S - 1e-6,
            "away": it.kind in {Kind.RELEASE, Kind.ROLLBACK, Kind.RETURN} and not towards,
            "cell": not self.acts or it.epoch != self.epoch,
            "hands": tag in self.held,
            "tripped": it.loop in self.bench.guard.memory.tripped,
            "loop": it.loop != "edge_spur",
            "unit": it.unit != "kPa",
            "quality": fresh and it.quality is not Quality.GOOD,
            "old": it.stamp.t_ns < self.bench.now_ns - 200 * NS_PER_MS,
        }
        return [name for name, is_so in found.items() if is_so]

    def somebody_turns(self, tag: str, value: float) -> None:
        """At the machine; then people let go, so that what the guard does next starts from there."""
        self.bench.values[tag] = value
        self.plant_log[tag] = [(self.now_s - 9.0, value)]
        self.run(1.2)
        self.people_let_go()

    def people_let_go(self) -> None:
        """Everything is handed back and reset, and the cell armed; a second is watched."""
        for each in (LEFT, RIGHT):
            self.bench.guard.hand_back(each)
        self.bench.guard.reset("edge_spur")
        self.held.clear()
        self.arm()
        self.run(1.2)

    def operator(self, tag: str) -> None:
        """Takes the set-point over: nothing is written to it from now on."""
        self.bench.guard.take_over(tag, "Li Wei")
        self.held[tag] = "Li Wei"
        self.reports()
        written = len(self.plant_log[tag])
        self.run(0.5)
        assert len(self.plant_log[tag]) == written

    def restart(self) -> None:
        """The process is new, its memory comes from the journal; a newer epoch arms it."""
        guard = self.bench.guard
        moving = dict.fromkeys((tag for tag, move in guard._moves.items() if move.proposal), guard.memory.running_ns)
        memory = msgspec.json.decode(msgspec.json.encode(guard.memory), type=Memory)
        memory = msgspec.structs.replace(memory, lost_epoch=memory.epoch, ended=memory.ended | moving)
        self.bench.guard = Guard(RULES_HERE, memory)
        self.ended |= dict.fromkeys(moving, self.running_s)
        self.arm()

    def all_is_well(self, tag: str) -> None:
        """People let it act again, everything rests: a small move is taken, and so is a correction that is legal."""
        self.people_let_go()
        self.run(10.0)  # a way to the safe state may still be under way
        now = self.bench.values[tag]
        assert self.propose(tag, now + (RECIPE - now) / 50, Kind.REGULATE, {}) == ""
        self.run(4.0)
        step = self.bench.values[tag] + math.copysign(0.4, self.bench.values[tag] - RECIPE)
        seen = [value for at_s, value in self.in_force[tag] if self.running_s - at_s <= WINDOW_S + SLOTS_S]
        tried = [at_s for at_s in self.begun[tag] if self.running_s - at_s <= TRIES_S + 0.1]
        if all(abs(step - value) < DRIFT for value in seen) and len(tried) < TRIES and LOW < step < HIGH:
            assert self.propose(tag, step, Kind.STEP, {}) == ""

    def check_plant(self) -> None:
        """Nothing was ever outside, or changed by more than the slew within a second."""
        for log in self.plant_log.values():
            recent = log[-14:]
            for new, (at_s, value) in enumerate(recent):
                assert LOW <= value <= HIGH
                assert all(
                    abs(value - recent[old][1]) <= SLEW + 1e-6 or at_s - recent[old + 1][0] >= 1.0 for old in range(new)
                )
