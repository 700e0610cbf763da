"""Protected characteristics: the verdict waits for the gauge down the line, and a move that costs product goes back."""

from __future__ import annotations

import math
import random

import msgspec
import pytest

from cellctl.config.resolved import Characteristic, ProtectedValue, ResolvedCell
from cellctl.loop.verify.mean_shift import margin, sample, worth
from cellctl.model import Sample, Side, TransactionState, WritePhase
from tests.unit.loop.builders import answer, make_cell, make_loop
from tests.unit.loop.line import Line

S = TransactionState
FILM = Characteristic("film_weight", "plc.film_weight", "g/m²", "plc.film_weight_pos", 64.5, 200.0, 3.0)


def make_gauged(change: float = 3.0, *, position: str = "plc.film_weight_pos") -> ResolvedCell:
    """A cell whose loop protects the film weight to `change` g/m²."""
    loop = make_loop(protect_values=(ProtectedValue("film_weight", change),))
    film = msgspec.structs.replace(FILM, position=position)
    return msgspec.structs.replace(make_cell(loop), characteristics=(film,))


class Film:
    """A film whose weight answers to the blade; its gauge reads once a second, 64.5 m down the line.

    Args:
        gain: g/m² per kPa of blade load.
        noise: standard deviation of a reading, g/m².
        ends_mm: the gauge stands still from this encoder position on.
    """

    def __init__(self, gain: float, noise: float = 0.6, ends_mm: float = math.inf) -> None:
        self._gain, self._noise, self._ends_mm = gain, noise, ends_mm
        self._rng = random.Random(9)
        self._made: list[tuple[float, float]] = []
        self._latest = {"film_weight": 200.0, "film_weight_pos": 0.0}
        self._shift = (math.inf, 0.0)

    def shift(self, from_mm: float, by: float) -> None:
        """Film made from here on is heavier by so much, for a reason of somebody else."""
        self._shift = (from_mm, by)

    def __call__(self, line: Line) -> dict[str, float]:
        from_mm, by = self._shift
        others = by if line.encoder_mm >= from_mm else 0.0
        self._made.append((line.encoder_mm, 200.0 + self._gain * (line.in_force - 20.0) + others))
        if line.encoder_mm % 1000.0 == 0.0 and line.encoder_mm < self._ends_mm:
            at_mm = line.encoder_mm - 64_500.0
            weight = next((weight for s_mm, weight in self._made if s_mm >= at_mm), 200.0)
            self._latest = {
                "film_weight": weight + self._rng.gauss(0.0, self._noise),
                "film_weight_pos": line.encoder_mm,
            }
        return self._latest


def _verdict(film: Film, seed: int = 1, cell: ResolvedCell | None = None, start_m: float = 100.0):
    """The first verdict of a line that has run in control for a while."""
    line = Line(seed, deficit=0.0, cell=cell or make_gauged(), gauges=film)
    line.run(start_m)
    line.deficit = 1.5
    return line, line.verdict()


def test_the_verdict_waits_for_the_gauge():
    """EFFECTIVE comes when the gauge has shown 25 m made after the move, not when the test is decided."""
    line, record = _verdict(Film(gain=-1.7))
    assert record.state is S.EFFECTIVE
    shift = record.protected_values["film_weight"]
    assert shift.length_m >= 25.0
    assert (line.encoder_mm - record.verify_from_mm) / 1000.0 >= 64.5 + 25.0
    assert record.curve[-1].metres < 60.0
    assert shift.after.mean - shift.before.mean == pytest.approx(-1.7, abs=0.5)


def test_without_a_protected_characteristic_it_does_not_wait():
    """Negative control: the same correction without a gauge has its verdict before the gauge could have seen it."""
    line, record = _verdict(Film(gain=-1.7), cell=make_cell(make_loop()))
    assert record.state is S.EFFECTIVE
    assert (line.encoder_mm - record.verify_from_mm) / 1000.0 < 64.5
    assert record.protected_values == {}


def _other_move(line: Line) -> None:
    """The guard reports that a set-point which nobody knows came into force."""
    proposal = msgspec.structs.replace(line.proposals[0], transaction="other-1", tag="plc.unknown")
    report = msgspec.structs.replace(answer(proposal, WritePhase.TARGET, line.now_ns), encoder_mm=line.encoder_mm)
    line.controller.result(report, line.now_ns)


def _verifying(film: Film, seed: int = 1) -> Line:
    """A line whose correction has just come into verification."""
    line = Line(seed, deficit=0.0, cell=make_gauged(), gauges=film)
    line.run(100.0)
    line.deficit = 1.5
    while not line.records or line.records[-1].state is not S.VERIFYING:
        line.step()
    return line


def test_what_others_do_after_the_last_needed_metre_is_no_part_of_the_test():
    """While only the gauge is waited for, another action neither waits nor spoils: its material is left out."""
    film = Film(gain=-1.7)
    line = _verifying(film)
    right = make_loop(Side.RIGHT, protect_values=line.situation.cell.loops[0].protect_values)
    assert line.situation.rival(right)[0] is not None
    while line.situation.under_test:
        line.step()
    assert line.records[-1].state is S.VERIFYING
    assert line.situation.rival(right) == (None, "")
    made_m = (line.encoder_mm - line.records[-1].verify_from_mm) / 1000.0
    _other_move(line)
    film.shift(line.encoder_mm, -8.0)
    record = line.verdict()
    assert record.state is S.EFFECTIVE
    assert 25.0 <= record.protected_values["film_weight"].length_m <= made_m


def test_what_others_do_before_the_last_needed_metre_spoils_it():
    """Negative control: the same action at the beginning of the verification confounds it."""
    line = _verifying(Film(gain=-1.7))
    _other_move(line)
    assert line.verdict().state is S.CONFOUNDED


def test_a_move_that_costs_film_weight_goes_back():
    """A mean that moved by more than allowed takes the move back, whatever became of the defect rate."""
    line, record = _verdict(Film(gain=-5.0))
    assert record.state is S.INEFFECTIVE_ROLLED_BACK
    assert "protected characteristic moved: film_weight" in record.reason
    assert "improved" in record.reason
    assert line.in_force == 20.0


def test_a_gauge_mapped_by_time_would_miss_it():
    """Negative control: with readings taken as of now, the same move shows no shift in the first metres after it."""
    now = msgspec.structs.replace(FILM, station_m=0.0)
    cell = msgspec.structs.replace(make_gauged(), characteristics=(now,))
    _, record = _verdict(Film(gain=-5.0), cell=cell)
    assert record.state is S.EFFECTIVE


def test_a_dead_gauge_never_lets_it_be_effective():
    """A gauge that shows nothing of the move ends the verification CONFOUNDED, and the move goes back."""
    line, record = _verdict(Film(gain=-1.7, ends_mm=100_000.0))
    assert record.state is S.CONFOUNDED
    assert "not shown by its gauge: film_weight" in record.reason
    assert line.in_force == 20.0


def test_a_gauge_that_scatters_too_much_decides_nothing():
    """Readings that could not show the allowed change are no proof that it was kept."""
    _, record = _verdict(Film(gain=0.0, noise=12.0))
    assert record.state is S.CONFOUNDED
    assert "scatter too much" in record.reason


def test_a_gauge_without_a_position_counts_from_the_encoder():
    """Without a position of its own, a reading belongs to what is under the gauge when it is read."""
    _, record = _verdict(Film(gain=-5.0), cell=make_gauged(position=""))
    assert record.state is S.INEFFECTIVE_ROLLED_BACK


def test_harmless_moves_are_rarely_taken_back():
    """Moves that shift the mean by half of what is allowed are objected to in no more than one of twenty."""
    states = [_verdict(Film(gain=-1.5, noise=1.0), seed=seed)[1] for seed in range(20)]
    moved = [record for record in states if "protected characteristic moved" in record.reason]
    assert len(moved) <= 1


def _process(count: int, lag1: float, rng: random.Random) -> list[float]:
    value, readings = rng.gauss(0.0, 1.0), []
    for _ in range(count):
        readings.append(value)
        value = lag1 * value + math.sqrt(1.0 - lag1**2) * rng.gauss(0.0, 1.0)
    return readings


@pytest.mark.parametrize("lag1", [0.0, 0.3, 0.6])
def test_the_margin_holds_its_risk(lag1):
    """Two stretches of one process differ by more than the margin in about one of ten pairs, both directions."""
    rng = random.Random(4)
    pairs = [(sample(_process(40, lag1, rng)), sample(_process(40, lag1, rng))) for _ in range(800)]
    beyond = sum(abs(two.mean - one.mean) > margin(one, two) for one, two in pairs)
    assert beyond <= 0.14 * len(pairs)


def test_a_margin_for_independent_readings_would_not_hold():
    """Negative control: without the autocorrelation the risk is more than doubled."""
    rng = random.Random(4)
    pairs = [(sample(_process(40, 0.6, rng)), sample(_process(40, 0.6, rng))) for _ in range(800)]
    naive = [1.66 * math.sqrt((one.sd**2 + two.sd**2) / 40) for one, two in pairs]
    beyond = sum(abs(two.mean - one.mean) > it for (one, two), it in zip(pairs, naive, strict=True))
    assert beyond > 0.25 * len(pairs)


def test_what_readings_are_worth():
    """Independent readings nearly count themselves; of alike ones few remain, and never less than two."""
    assert worth(Sample(1000, 0.0, 1.0, 0.0)) == pytest.approx(1000, rel=0.01)
    assert worth(Sample(1000, 0.0, 1.0, 0.6)) == pytest.approx(250, rel=0.02)
    assert worth(Sample(12, 0.0, 1.0, 0.99)) == 2.0
