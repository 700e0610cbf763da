"""Whatever is proposed, whenever ticks come and however writes fail: never outside the range, never too fast.

The judge below knows nothing of the guard's own way to count: it keeps the plant's log in plain floats and compares
every pair of values that were in force less than a second apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellctl.clock import NS_PER_MS
from cellctl.guard import slew
from cellctl.model.correction import Kind, Outcome
from cellctl.model.packml import PackMLState
from tests.unit.guard.bench import LEFT, RIGHT, Bench

LOW, HIGH, SLEW, LSB = 17.0, 23.0, 0.4, 0.01


@dataclass
class Judge:
    """The plant's log of one set-point: (ms, value) of every change in force."""

    log: list[tuple[float, float]] = field(default_factory=list)

    def violations(self) -> list[str]:
        """Every breach, in words."""
        found = [f"{value} out of range" for _, value in self.log if not LOW <= round(value, 6) <= HIGH]
        for new, (at_ms, value) in enumerate(self.log):
            for old in range(new):
                left_ms = self.log[old + 1][0]
                if at_ms - left_ms < 1000.0 and abs(value - self.log[old][1]) > SLEW + 1e-6:
                    found.append(f"{self.log[old][1]} to {value} in {at_ms - left_ms} ms")
        return found


targets = st.floats(16.0, 24.0) | st.sampled_from([float("nan"), float("inf"), 17.0, 23.0, 20.0, 19.99, 20.01])
actions = st.one_of(
    st.tuples(st.just("propose"), st.sampled_from([LEFT, RIGHT]), targets, st.sampled_from(list(Kind)), st.booleans()),
    st.tuples(st.just("tick"), st.integers(1, 160), st.integers(0, 40)),
    st.tuples(st.just("fail"), st.integers(1, 160), st.sampled_from([Outcome.UNKNOWN, Outcome.REFUSED]), st.booleans()),
    st.tuples(st.just("safe"), st.booleans()),
    st.tuples(st.just("wait"), st.integers(200, 1500)),
)


class Scene:
    """Runs a sequence of actions; a write takes effect some milliseconds after it was asked for."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.bench.arm()
        self.judges = {LEFT: Judge(), RIGHT: Judge()}
        for tag, judge in self.judges.items():
            judge.log.append((self.now_ms - 5000, self.bench.values[tag]))
        self.bench.watch()
        self.epoch = 1
        self.sequence = 0

    @property
    def now_ms(self) -> float:
        return self.bench.now_ns / NS_PER_MS

    def propose(self, tag: str, target: float, kind: Kind, same: bool) -> None:
        self.sequence += 1
        transaction = "t" if same else f"t-{self.sequence}"
        self.bench.begin(
            tag=tag, target=target, kind=kind, sequence=self.sequence, epoch=self.epoch, transaction=transaction
        )

    def tick(self, pause_ms: int, taken_after_ms: int) -> None:
        """Increments are written, taken by the plant within the delay, and confirmed at its end."""
        increments = self.bench.due()
        self._take(increments)
        self.bench.now_ns += taken_after_ms * NS_PER_MS
        if increments:
            self.bench.guard.confirmed(self.bench.now_ns)
        self.bench.now_ns += pause_ms * NS_PER_MS

    def fail(self, pause_ms: int, outcome: Outcome, taken: bool) -> None:
        """The answer is lost; the plant took the block all the same, or did not."""
        increments = self.bench.due()
        if taken:
            self._take(increments)
        self.bench.now_ns += pause_ms * NS_PER_MS
        if increments:
            self.bench.guard.failed(self.bench.now_ns, outcome, "test: failed")

    def safe(self, safe: bool) -> None:
        self.epoch += 1
        self.bench.arm(epoch=self.epoch, safe=safe, state=PackMLState.ABORTED if safe else PackMLState.EXECUTE)

    def wait(self, pause_ms: int) -> None:
        """Nobody asks the guard anything for a while."""
        self.bench.now_ns += pause_ms * NS_PER_MS

    def _take(self, increments: list[tuple[str, float]]) -> None:
        for tag, value in increments:
            self.bench.values[tag] = value
            self.judges[tag].log.append((self.now_ms, value))

    def run(self, sequence: list[tuple[object, ...]]) -> list[str]:
        for name, *arguments in sequence:
            getattr(self, str(name))(*arguments)
        return [text for judge in self.judges.values() for text in judge.violations()]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(actions, min_size=10, max_size=80))
def test_no_sequence_breaks_range_or_slew(sequence: list[tuple[object, ...]]) -> None:
    """Arbitrary proposals, ticks, failures, safe states and pauses."""
    assert Scene().run(sequence) == []


def test_a_long_fight_over_one_setpoint_keeps_the_slew() -> None:
    """Steps and roll-backs in quick alternation, ticks every 20 ms."""
    scene = Scene()
    sequence: list[tuple[object, ...]] = []
    for number in range(40):
        target, kind = (21.0, Kind.STEP) if number % 2 == 0 else (20.0, Kind.ROLLBACK)
        sequence += [("propose", LEFT, target, kind, True), *[("tick", 20, 3)] * 12]
    assert scene.run(sequence) == []
    assert len(scene.judges[LEFT].log) > 40


def test_control_the_judge_sees_a_guard_without_memory_of_the_last_second(monkeypatch) -> None:
    """Negative control: with the window cut to nothing the same fight breaks the limit."""
    monkeypatch.setattr(slew, "WINDOW_NS", 0)
    monkeypatch.setattr(slew.Slew, "watched", lambda _self, _now_ns: True)
    monkeypatch.setattr("cellctl.guard.core.TICK_NS", 0)
    scene = Scene()
    scene.propose(LEFT, 21.0, Kind.STEP, True)
    assert scene.run([("tick", 20, 3)] * 40) != []


def test_control_the_judge_sees_a_value_out_of_range() -> None:
    """Negative control: a log with one value outside."""
    assert Judge([(0.0, 22.9), (500.0, 23.1)]).violations() == ["23.1 out of range"]
