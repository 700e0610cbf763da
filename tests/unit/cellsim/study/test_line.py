"""The line of events: the same decisions as block by block, arms that thin one field, and controls that are fooled."""

from __future__ import annotations

import math
import subprocess
import sys

import msgspec
import pytest

from cellctl.model import Side, TransactionState
from cellsim.study import power, recurrence, sham
from cellsim.study.edge import Edge, Fault, cured_by_deficit, deficit_of
from cellsim.study.line import Line, Options, open_arm
from cellsim.study.plan import Scale
from cellsim.study.pool import Job, run_jobs
from tests.unit.loop.builders import make_cell, make_loop

S = TransactionState
NORMAL = 0.02
CURE = cured_by_deficit(deficit_of(0.5, NORMAL), NORMAL)
LONG = Edge(NORMAL, (Fault(20.0, 2000.0, CURE),))


def _cell(**changes):
    release = make_loop().release
    loop = make_loop(Side.LEFT, tries=1, release=msgspec.structs.replace(release, enabled=True), **changes)
    return make_cell(loop)


def _line(seed: int, edge: Edge = LONG, length_m: float = 600.0, **options) -> Line:
    line = Line(_cell(), edge, seed, length_m, Options(**options))
    line.run()
    return line


def _states(line: Line) -> list[TransactionState]:
    return [event.correction.state for event in line.events]


def test_a_fault_is_cured_and_its_correction_proven():
    """A long fault is corrected, comes back when the correction is released, goes again, and so is PROVEN."""
    line = _line(1, length_m=1500.0)
    states = _states(line)
    assert S.EFFECTIVE in states
    assert states.index(S.EFFECTIVE) < states.index(S.RELEASING) < states.index(S.STILL_NEEDED) < states.index(S.PROVEN)


def test_arms_are_the_same_until_the_first_move():
    """Both arms make the same spurs up to the place where the load first differs, and the open arm makes more after."""
    line = _line(1)
    opened = open_arm(LONG, 1, 600.0)
    moved_m = next(e.correction.target_in_force_ns for e in line.events if e.correction.target_in_force_ns) / 1e9
    before = moved_m - 3.0
    assert [s_m for s_m in line.made if s_m < before] == [s_m for s_m in opened if s_m < before]
    assert set(line.made) <= set(opened)
    assert len(line.made) < 0.5 * len(opened)


def test_a_disconnected_actuator_changes_nothing():
    """With the actuator disconnected the closed arm makes every spur of the open one, whatever is moved."""
    line = _line(2, connected=False)
    assert line.events
    assert line.made == open_arm(LONG, 2, 600.0)


def test_finer_inspections_change_no_verdict(monkeypatch):
    """Verdicts and their places do not depend on how long an inspection may be, but for the length of one of them."""
    coarse = _line(3)
    monkeypatch.setattr("cellsim.study.line.FINE_M", 0.25)
    monkeypatch.setattr("cellsim.study.line.HELD_M", 0.25)
    fine = _line(3)
    assert _states(fine) == _states(coarse)
    assert [e.s_m for e in fine.events] == pytest.approx([e.s_m for e in coarse.events], abs=6.0)


def test_a_second_run_is_the_same():
    """Nothing depends on the clock or on an unseeded number."""
    assert [(e.correction.state, e.s_m) for e in _line(4).events] == [
        (e.correction.state, e.s_m) for e in _line(4).events
    ]


def test_outside_of_the_envelope_is_refused():
    """The line's guard refuses what the envelope does not hold: three steps are the drift's limit."""
    line = _line(5, connected=False, length_m=50.0)
    blade = line.blade
    proposal = next(e.correction for e in line.events)
    assert blade.in_force <= blade.rules.recipe + blade.rules.drift
    assert proposal.proposed == 21.0


def test_the_sham_of_a_naive_baseline():
    """Negative control: the plain rate of the alarm run calls several times as many sham moves EFFECTIVE."""
    cell = _cell()
    seeds = range(120)
    honest = sham.batch(cell, sham.PERSISTS, 0.3, seeds, Options(connected=False))
    naive = sham.batch(cell, sham.PERSISTS, 0.3, seeds, Options(connected=False, baseline=sham.naive_baseline))
    assert _effective(naive) > 3 * max(1, _effective(honest))


def _effective(counts) -> int:
    return sum(count for (_, verdict, _), count in counts.items() if verdict == S.EFFECTIVE.value)


def test_the_strata_are_kept_apart():
    """Faults of random life are sorted into those that persist and those that ended before the verdict."""
    counts = sham.batch(_cell(), sham.ALL, 0.3, range(150), Options(connected=False))
    by_stratum = {
        stratum: [sum(c for key, c in counts.items() if key[0] == stratum and key[1] == S.EFFECTIVE.value),
                  sum(c for key, c in counts.items() if key[0] == stratum)]
        for stratum in (sham.PERSISTS, sham.ENDED)
    }  # fmt: skip
    persisting, ended = (events / trials for events, trials in by_stratum.values())
    assert ended > 0.5 > persisting


def test_power_without_waiting():
    """Negative control: counting from the proposal on, with a far camera, loses most true cures."""
    cell, seeds = _cell(protect=()), range(40)
    waits = power.batch(cell, 0.3, 0.24, seeds, Options(camera_m=power.FAR_CAMERA_M))
    hasty = power.batch(cell, 0.3, 0.24, seeds, Options(camera_m=power.FAR_CAMERA_M, waits=False))
    assert waits[S.EFFECTIVE.value] > 3 * hasty.get(S.EFFECTIVE.value, 0)


def test_recurrence_counts_both_arms_over_the_same_stretch():
    """A disconnected actuator reduces nothing; a connected one most of a long fault."""
    cell = _cell()
    nothing = recurrence.seed_sums(cell, 300.0, 0.5, range(10), Options(connected=False))
    cured = recurrence.seed_sums(cell, 300.0, 0.5, range(10), Options())
    assert nothing.closed == nothing.opened == cured.opened
    assert cured.closed < 0.4 * cured.opened


def test_the_pool_keeps_the_order_of_the_jobs():
    """Results come in the order of the jobs, with one process or with two, and every weight is told."""
    jobs = [Job(math.sqrt, (float(number),), weight=1.0 + number % 3) for number in range(7)]
    told: list[float] = []
    assert run_jobs(jobs, told.append, cores=1) == [math.sqrt(number) for number in range(7)]
    assert sum(told) == sum(job.weight for job in jobs)
    script = (
        "import math; from cellsim.study.pool import Job, run_jobs; "
        "print(run_jobs([Job(math.sqrt, (float(n),), 1.0 + n % 3) for n in range(7)], lambda w: None, cores=2))"
    )
    two = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert two.stdout.strip() == str([math.sqrt(number) for number in range(7)])


RESULTS = {
    sham.NAME: {(sham.PERSISTS, "EFFECTIVE", "EFFECTIVE"): 1, (sham.QUIET, "EFFECTIVE", "RESTORED"): 1},
    power.NAME: {"EFFECTIVE": 9, "UNDECIDED": 1},
    recurrence.NAME: recurrence.Sums(10.0, 5.0, 1.0, 12.0),
}


@pytest.mark.parametrize("study", [sham, power, recurrence])
def test_every_study_of_events_has_a_control(study):
    """Among the rows of each study is at least one control, and every control has a line to fail."""
    plan = study.plan(_cell(), Scale(0.001, quick=True))
    rows = plan.rows([RESULTS[study.NAME]] * len(plan.jobs))
    controls = [row for row in rows if row.control]
    assert controls
    assert all(row.must is not None for row in controls)
