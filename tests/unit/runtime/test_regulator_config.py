"""Regulators in the YAML: what resolves, and which mistakes get a place and a next step."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from cellctl.config.resolved import ResolvedCell
from cellctl.errors import ConfigError
from cellctl.runtime.loading import load_cell
from tests.unit.runtime.test_loading import CONFIGS, mistake

FULL = "coater-full.yaml"


@pytest.fixture(scope="module")
def cell() -> ResolvedCell:
    return load_cell(CONFIGS / FULL, simulated=True)


def test_the_whole_coater_is_sound(cell):
    """It resolves with its stand-ins, survives its JSON, and both regulators may write what they move."""
    assert ResolvedCell.from_json(cell.to_json()) == cell
    assert {it.name: it.law for it in cell.regulators} == {"film": "ewma", "oven": "mpc"}
    assert cell.guard.loops["film"] == ("plc.blade_gap_sp",)
    assert len(cell.guard.loops["oven"]) == 4


def test_dead_times_come_from_stations_delays_and_lags(cell):
    """The gap is 64.5 m before the gauge; zone 7 acts at 42 m, 5 s late and with 90 s of lag."""
    film, oven = cell.regulators
    assert film.dead_s == pytest.approx(64.5)
    assert oven.dead_s == pytest.approx(63.0 - 42.0 + 5.0 + 90.0)
    assert oven.inputs[0].acts_at_m == 42.0


def test_units_are_converted(cell):
    """Gains and limits are in the units of the tags: g/m² per µm, ppm per °C, shares of the target."""
    film, oven = cell.regulators
    assert film.inputs[0].gain == pytest.approx(0.81)
    assert oven.inputs[1].gain == pytest.approx(-91.0)
    assert cell.characteristic("film_weight").tolerance == pytest.approx(3.0)
    assert film.feed_forward[0].nominal == pytest.approx(5000.0)
    assert film.feed_forward[1].nominal == pytest.approx(1e6)
    assert film.speed_below_m_s == pytest.approx(1 / 6)


def test_a_regulator_with_a_persons_yes_may_not_write(tmp_path: Path):
    """`confirm` is for corrections: a regulator has it as `advisory`, and the guard takes nothing from it."""
    text = (CONFIGS / FULL).read_text()
    text = text.replace("  film:\n    authority: auto", "  film:\n    authority: confirm")
    (tmp_path / "coater_tags.csv").write_text((CONFIGS / "coater_tags.csv").read_text())
    (tmp_path / "cell.yaml").write_text(text)
    assert "film" not in load_cell(tmp_path / "cell.yaml", simulated=True).guard.loops


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("hold: film_weight", "hold: film_wait", "CELL-1020: regulators.film.hold: expected a characteristic"),
        ("law: ewma", "law: dreams", "regulators.film.adjust.law"),
        ("law: ewma, every: 5 s, disturbance: 900 s", "law: pi, every: 5 s, disturbance: 100 s",
         "CELL-1028: regulators.film.adjust.law: law and dead time disagree: pi integrates, and a disturbance"),
        ("lasting: 3600 s", "lasting: 120 s", "CELL-1028: regulators.film.adjust.lasting: law and dead time disagree"),
        ("0.81 g/m2/µm", "0.81 g/m2", "CELL-1012: regulators.film.adjust.gains.plc.blade_gap_sp: expected a quantity"),
        ("0.81 g/m2/µm", "0 g/m2/µm", "expected a gain other than zero"),
        ("{plc.blade_gap_sp: 0.81 g/m2/µm}", "{plc.feed_pump_sp: 1 g*min/m2/l}", "plc.feed_pump_sp has no envelope"),
        ("{plc.blade_gap_sp: 0.81 g/m2/µm}", "{plc.blade_purge: 1 g/m2/ms}", "CELL-1024"),
        ("{plc.blade_gap_sp: 0.81 g/m2/µm}", "{plc.blade_gap_sp: 0.81 g/m2/µm, plc.feed_pump_sp: 1 g*min/m2/l}",
         "the law ewma moves one set-point, 2 are listed"),
        ("law: mpc", "law: smith", "the law smith moves one set-point, 4 are listed"),
        ("from: plc.viscosity", "from: plc.viscose", "CELL-1020: regulators.film.feed_forward"),
        ("nominal: 5000 mPa*s", "nominal: 0 mPa*s", "expected a value above zero"),
        ("dead_band: 20 ppm", "dead_band: 20 °C", "CELL-1012: regulators.oven.adjust.dead_band"),
        ("lag: 90 s, acts_at: zone_8", "lag: 90 s, acts_at: dry_camera", "acts behind the gauge of residual_solvent"),
        ("gains: {plc.zone_t_sp_7: 0.003 %/°C,", "gains: {plc.zone_t_sp_1: 0.003 %/°C,", "is not moved by"),
        ("  oven:\n", "  streak:\n", "CELL-1024: regulators.streak: a loop is called streak already"),
        ("camera: dry_camera, normal: 0.003 /m", "camera: dri_camera, normal: 0.003 /m", "nearest: dry_camera"),
    ],
)  # fmt: skip
def test_mistakes_have_a_place(tmp_path, old, new, expected):
    """Every mistake in a regulator names its line, what was expected, and what to do."""
    said = mistake(tmp_path, old, new, source=FULL)
    assert expected in said
    assert said.startswith("cell.yaml:")


def test_a_hole_among_the_written_registers_is_found_before_the_run(tmp_path: Path):
    """Without a tag for HR8 no block from the gap to the zones could be written: the check says so."""
    table = (CONFIGS / "coater_tags.csv").read_text().splitlines(keepends=True)
    (tmp_path / "coater_tags.csv").write_text("".join(row for row in table if not row.startswith("reserved_8")))
    (tmp_path / "cell.yaml").write_text((CONFIGS / FULL).read_text())
    with pytest.raises(ConfigError, match=r"CELL-1029: devices.plc.tags: no tag .* covers HR8"):
        load_cell(tmp_path / "cell.yaml", simulated=True)


def test_regulators_are_part_of_the_configurations_hash(cell):
    """Another gain is another configuration."""
    film = msgspec.structs.replace(cell.regulators[0], weight=0.4)
    assert msgspec.structs.replace(cell, regulators=(film, cell.regulators[1])).hash != cell.hash
