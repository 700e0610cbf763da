"""What an engineer writes about budgets, rests, tries and safe states, and what the guard is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.config import ResolvedCell
from cellctl.config.resolved import DriftOver, Setpoint
from cellctl.config.sections.limits import read_drift
from cellctl.errors import ConfigError
from cellctl.runtime.loading import load_cell

CONFIGS = Path(__file__).resolve().parents[3] / "configs"
DRIFT = "per_event: 5 %, drift: 15 %"
HOUR_S = 3600.0


def loaded(folder: Path, *changes: tuple[str, str]) -> ResolvedCell:
    """The coater with some text replaced."""
    text = (CONFIGS / "coater.yaml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "coater_tags.csv").write_text((CONFIGS / "coater_tags.csv").read_text())
    (folder / "cell.yaml").write_text(text)
    return load_cell(folder / "cell.yaml")


def point(folder: Path, new: str) -> Setpoint:
    """The first set-point, with other words for its drift and more."""
    return loaded(folder, (DRIFT, f"per_event: 5 %, {new}")).guard.setpoints[0]


@pytest.mark.parametrize(
    ("written", "over", "window_s"),
    [
        ("15 %", DriftOver.RECIPE, 0.0),
        ("15 % per lot", DriftOver.LOT, 0.0),
        ("3 kPa per 8 h", DriftOver.RUNNING, 8 * HOUR_S),
        ("15 % per 30 min", DriftOver.RUNNING, 1800.0),
    ],
)
def test_a_drift_counts_what_is_written(tmp_path: Path, written: str, over: DriftOver, window_s: float) -> None:
    """From the recipe, since the lot began, or within hours of running; 15 % of 20 kPa are 3 kPa."""
    found = point(tmp_path, f"drift: {written}")
    assert (found.drift, found.drift_over, found.drift_window_s) == (pytest.approx(3.0), over, window_s)


def test_rest_tries_and_safe_value_reach_the_guard(tmp_path: Path) -> None:
    """Each in seconds and in the tag's unit."""
    found = point(tmp_path, "drift: 15 %, cool_down: 2 min, tries: 4 per 1 h, safe: 18 kPa")
    assert (found.cool_down_s, found.tries, found.tries_window_s, found.safe) == (120.0, 4, HOUR_S, 18.0)


@pytest.mark.parametrize(
    ("safe_state", "safe", "value"),
    [("recipe", "", 20.0), ("hold", "", None), ("hold", ", safe: recipe", 20.0), ("recipe", ", safe: hold", None),
     ("hold", ", safe: 90 %", 18.0)],
)  # fmt: skip
def test_a_set_point_has_the_safe_state_of_the_cell_or_its_own(
    tmp_path: Path, safe_state: str, safe: str, value: float | None
) -> None:
    """What stands at the set-point comes first."""
    cell = loaded(tmp_path, ("safe_state: recipe", f"safe_state: {safe_state}"), (DRIFT, DRIFT + safe))
    assert cell.guard.setpoints[0].safe == value


def test_a_loop_trips_after_so_many_breaches(tmp_path: Path) -> None:
    """Three within a minute without a word, else what is written."""
    said = loaded(tmp_path, ("safe_state: recipe", "safe_state: recipe\n  trip: 5 within 2 min")).guard
    silent = loaded(tmp_path).guard
    assert (said.trip, said.trip_within_s, silent.trip, silent.trip_within_s) == (5, 120.0, 3, 60.0)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("drift: 15 % per hour", 'drift: expected a drift such as "15 %", "15 % per 8 h"'),
        ("drift: 15 % per 0 h", 'drift: expected a drift such as "15 %"'),
        ("drift: x per lot", 'drift: expected a drift such as "15 %"'),
        ("drift: -3 % per 8 h", "drift: expected a value above zero"),
        ("drift: yes", "drift: expected a quantity"),
        ("drift: 15 %, tries: 4", "tries: expected a number from 1 to 50 and a time, such as '4 per 1 h'"),
        ("drift: 15 %, tries: 0 per 1 h", "tries: expected a number from 1 to 50"),
        ("drift: 15 %, tries: 51 per 1 h", "tries: expected a number from 1 to 50"),
        ("drift: 15 %, tries: 4 per day", "tries: expected a number from 1 to 50"),
        ("drift: 15 %, cool_down: -1 s", "cool_down: expected"),
        ("drift: 15 %, safe: off", "safe: expected recipe, hold or a quantity"),
        ("drift: 15 %, safe: 24 kPa", "safe: 24 kPa is outside the envelope, 17 … 23 kPa"),
        ("drift: 15 %, safe: 16 kPa", "safe: 16 kPa is outside the envelope"),
        ("drift: 15 %, safe: 18 mm", "safe: "),
    ],
)
def test_a_mistake_is_found_at_its_place(tmp_path: Path, written: str, expected: str) -> None:
    """One error, at the key, with what was expected."""
    with pytest.raises(ConfigError) as caught:
        point(tmp_path, written)
    assert f"guard.envelope.plc.blade_load_sp_{{side}}.{expected}" in str(caught.value)


def test_a_drift_reads_back_as_it_is_written() -> None:
    """The schema shows defaults in the words that the file takes."""
    for written in ("15 %", "15 % per lot", "3 kPa per 28800 s"):
        assert str(read_drift(written)) == written
        assert read_drift(read_drift(written)) == read_drift(written)
