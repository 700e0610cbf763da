"""A cell that changes over in virtual time: loops stand still, verdicts are confounded, metres keep their lot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cellctl.evidence import verify_run
from cellctl.model import Alarm, Correction, Kind, Nonconformity, Outcome, TransactionState, WriteResult
from cellctl.runtime.loading import load_cell
from cellctl.runtime.lockstep import LockstepCell

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
SECOND = """\
  LFP-150:
    setpoints: {"plc.blade_load_sp_{side}": 21 kPa}
    envelope:
      "plc.blade_load_sp_{side}": {min: 18 kPa, max: 24 kPa, slew: 2 %/s, per_event: 5 %, drift: 15 %}
changeover: {settle: 20 m}
"""
UNDER_TEST_S = 40.0
"""In the demo with seed 3 a correction is being verified at this time."""


class Run:
    """One run of the coater with two recipes, and what it said."""

    def __init__(self, folder: Path, name: str = "run") -> None:
        text = (CONFIGS / "coater.yaml").read_text().replace("lot: LOT-0001}", "lot: LOT-0001, recipe: NMC-200}")
        text = text.replace("\ndevices:", f"{SECOND}\ndevices:", 1)
        (folder / "cell.yaml").write_text(text)
        (folder / "coater_tags.csv").write_text((CONFIGS / "coater_tags.csv").read_text())
        self.folder = folder / name
        self.said: list[Any] = []
        cell = load_cell(folder / "cell.yaml", lockstep=True, seed=3)
        self.live = LockstepCell(cell, self.folder, listen=self.said.append)
        self.live.start()
        self.live.run(1.5)
        assert not self.live.arm()
        self.live.run(UNDER_TEST_S)

    def of(self, kind: type[Any]) -> list[Any]:
        """What it said of one type."""
        return [message for message in self.said if isinstance(message, kind)]

    def end(self) -> Any:
        """End the run; what the check of its evidence finds."""
        self.live.stop()
        return verify_run(self.folder)


@pytest.fixture
def line(tmp_path: Path) -> Run:
    """A run with a correction under test."""
    made = Run(tmp_path)
    assert made.of(Correction)[-1].state is TransactionState.VERIFYING
    return made


def moves(run: Run, kind: Kind) -> list[WriteResult]:
    """Moves of a kind that the guard accepted."""
    return [it for it in run.of(WriteResult) if it.kind is kind and it.outcome is Outcome.CONFIRMED]


def test_another_recipe_confounds_and_leaves_the_set_point_to_the_line(line: Run) -> None:
    """The correction ends at once, nothing is taken back, and what is not at the new recipe is told when it settled."""
    line.live.change_over(recipe="LFP-150", lot="LOT-0002")
    line.live.run(10.0)
    last = line.of(Correction)[-1]
    assert (last.state, last.lot, last.product) == (TransactionState.CONFOUNDED, "LOT-0001", "NMC-200")
    assert last.reason.startswith("recipe changed from NMC-200 to LFP-150; lot changed from LOT-0001 to LOT-0002")
    assert line.live.state.changing
    assert not [alarm for alarm in line.of(Alarm) if alarm.id.endswith("off_recipe")]
    line.live.run(15.0)
    assert not line.live.state.changing
    assert [alarm.text for alarm in line.of(Alarm) if alarm.id.endswith("off_recipe") and alarm.active]
    assert not moves(line, Kind.ROLLBACK)
    assert line.end().ok


def test_another_lot_confounds_and_takes_the_move_back_when_it_has_settled(line: Run) -> None:
    """The recipe is the same, so an unproven move does not stay; nothing moves during the changeover."""
    line.live.change_over(lot="LOT-0002")
    line.live.run(15.0)
    assert line.of(Correction)[-1].state is TransactionState.ROLLING_BACK
    assert not moves(line, Kind.ROLLBACK)
    line.live.run(25.0)
    last = line.of(Correction)[-1]
    assert last.state is TransactionState.CONFOUNDED
    assert last.reason.startswith("lot changed from LOT-0001 to LOT-0002")
    assert moves(line, Kind.ROLLBACK)
    assert line.end().ok


def test_every_metre_and_every_report_has_its_lot(line: Run) -> None:
    """Two intervals without a gap; the report of objects made after the announcement names the new lot."""
    line.live.change_over(recipe="LFP-150", lot="LOT-0002")
    line.live.run(60.0)
    report = line.end()
    assert report.ok
    (detail,) = [check.detail for check in report.checks if check.name == "intervals"]
    assert detail.startswith("2 without a gap, 2 lots")
    assert {it.lot for it in line.of(Nonconformity)} == {"LOT-0002"}


def test_a_run_with_a_changeover_can_be_repeated(tmp_path: Path) -> None:
    """To the last bit of the ledger; another lot is another run."""

    def head(name: str, lot: str) -> str:
        run = Run(tmp_path, name)
        run.live.change_over(recipe="LFP-150", lot=lot)
        run.live.run(25.0)
        return str(run.end().head)

    assert head("one", "L-2") == head("two", "L-2") != head("three", "L-3")
