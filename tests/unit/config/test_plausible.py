"""What is possible in the YAML but cannot be meant is found by the check, at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.cli.check import check
from cellctl.errors import ConfigError
from cellctl.runtime.loading import load_cell

CONFIGS = Path(__file__).resolve().parents[3] / "configs"
ENVELOPE = "    plc.blade_gap_sp: {min"
TWICE = "    plc.blade_load_sp_left: {min: 16 kPa, max: 24 kPa, slew: 2 %/s, per_event: 20 %, drift: 20 %}\n"
RECIPE = "plc.blade_purge: 0 ms,"


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    """The whole coater with some text replaced."""
    text = (CONFIGS / "coater-full.yaml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "coater_tags.csv").write_text((CONFIGS / "coater_tags.csv").read_text())
    (folder / "cell.yaml").write_text(text)
    return folder / "cell.yaml"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("by: 5 %", "by: 0 %", "CELL-1012: loops.edge_spur.adjust.by: expected at least one step of the wire"),
        ("by: 5 %", "by: -5 %", "CELL-1012: loops.edge_spur.adjust.by: expected at least one step of the wire"),
        ("by: 300 ms", "by: 0.1 ms", "CELL-1012: loops.streak.adjust.by: expected at least one step of the wire"),
        ("drift: 15 %", "drift: 3 %", "CELL-1023: loops.edge_spur.adjust.by: one step of 1 kPa is more than drift"),
        (
            "influence: {plc.blade_purge: -1.2", "influence: {plc.blade_purge: 1.2",
            "CELL-1023: loops.streak.adjust.by: a step that helps leads from the recipe to -300 ms",
        ),
        ("film_weight: 1.5 %}", "film_weight: -1.5 %}", "CELL-1012: loops.edge_spur.protect.film_weight: expected a"),
        ("longest: 2400 m", "longest: 100 m", "CELL-1012: loops.edge_spur.release.longest: 100 m is less than"),
        ("crack, camera: dry_camera", "crack, camera: plc", "CELL-1020: loops.crack.watch.camera: 'plc' is no camera"),
        (
            "{defect: crack, camera: dry_camera,", "{defect: crack, camera: wet_camera,",
            "CELL-1020: loops.crack.watch: plc.zone_t_sp_5 acts 30 m behind the blade, and wet_camera stands before",
        ),
        (
            "{defect: crack, camera: dry_camera,", "{defect: crack,",
            "CELL-1020: loops.crack.watch: plc.zone_t_sp_5 acts 30 m behind the blade, and wet_camera stands before",
        ),
        (
            "acts_at: zone_5}", "acts_at: dry_camera}",
            "CELL-1020: loops.crack.protect.residual_solvent: plc.zone_t_sp_5 acts 66 m behind the blade, and",
        ),
        ("slew: 6 °C/min", "slew: 0.1 °C/min", "CELL-1023: guard.envelope.plc.zone_t_sp_2.slew: 0.00166667 °C/s"),
        ("  inspect_dry: {use", "  plc: {use", "CELL-1024: plugins.plc: a device is called plc already"),
        ("  inspect_dry: {use", "  supervisor: {use", "CELL-1024: plugins.supervisor: supervisor is the cell's own"),
        ("  inspect_dry: {use", "  evidence: {use", "CELL-1024: plugins.evidence: the cell's own evidence-recorder is"),
        ("  inspect_dry: {use", "  loop: {use", "CELL-1024: plugins.loop: the cell's own quality-loop is called loop"),
        (
            "plugins:\n", "plugins:\n  one: {use: quality-loop}\n  two: {use: quality-loop}\n",
            "CELL-1024: plugins.one: a cell has one quality-loop",
        ),
        ("tolerance: 1.5 %", "tolerance: 0 %", "CELL-1012: characteristics.film_weight.tolerance: expected a value"),
        ("dead_band: 0.1 g/m2", "dead_band: -0.1 g/m2", "CELL-1012: regulators.film.adjust.dead_band: expected zero"),
        ("neighbours: 15 °C", "neighbours: -15 °C", "CELL-1012: regulators.oven.adjust.neighbours: expected a value"),
        ("encoder: plc.encoder_pos", "encoder: plc.lel", "CELL-1012: web.encoder: plc.lel is in %, which is no mm"),
        ("speed: plc.web_speed", "speed: plc.lel", "CELL-1012: web.speed: plc.lel is in %, which is no mm/s"),
        (
            "position: plc.film_weight_pos", "position: plc.lel",
            "CELL-1012: characteristics.film_weight.position: plc.lel is in %",
        ),
        ("web_speed: 1 m/s", "web_speed: 0 m/s", "CELL-1012: recipes.NMC-200.web_speed: expected more than 0"),
        (
            RECIPE, f"{RECIPE} plc.blade_gapp: 1 µm,",
            "CELL-1020: recipes.NMC-200.setpoints.plc.blade_gapp: expected a tag",
        ),
        (
            '{"plc.blade_load_sp_{side}": -2.4}', '{"plc.blade_load_sp_{side}": -2.4, plc.blade_load_sp_left: 2.4}',
            "CELL-1024: defects.coat_edge_spur.influence.plc.blade_load_sp_left: 'plc.blade_load_sp_{side}' names",
        ),
        (
            "sequence: cmd_seq", "sequence: cmd_sq",
            "CELL-1036: devices.plc.handshake.sequence: expected a tag of the table",
        ),
        ("heartbeat: heartbeat", "heartbeat: seq_echo", "CELL-1022: devices.plc.handshake.heartbeat: seq_echo is not"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_found_before_the_cell_runs(tmp_path: Path, old: str, new: str, expected: str):
    """Each of these is a legal value in itself, and would leave the cell unable to act or act otherwise than meant."""
    with pytest.raises(ConfigError) as caught:
        load_cell(written(tmp_path, (old, new)), simulated=True)
    line = str(caught.value).splitlines()[0]
    assert expected in line
    assert line.startswith(f"{tmp_path / 'cell.yaml'}:")


def test_the_loop_and_the_recorder_may_have_any_name(tmp_path: Path):
    """The negative control: only two of a kind, or a name that stands for another one, are refused."""
    names = "plugins:\n  decide: {use: quality-loop}\n  keep: {use: evidence-recorder}\n"
    cell = load_cell(written(tmp_path, ("plugins:\n", names)), simulated=True)
    assert {entry.name for entry in cell.plugins} == {"decide", "keep", "inspect", "inspect_dry"}


def test_a_set_point_has_one_envelope(tmp_path: Path):
    """Two envelopes of one set-point, one by `{side}` and a wider one by name, would make the wider one hold."""
    path = written(tmp_path, (ENVELOPE, TWICE + ENVELOPE), (RECIPE, f"{RECIPE} plc.blade_load_sp_left: 20 kPa,"))
    with pytest.raises(ConfigError, match=r"CELL-1024: guard\.envelope\.plc\.blade_load_sp_left: .* names"):
        load_cell(path, simulated=True)


def test_one_regulator_holds_a_characteristic(tmp_path: Path):
    """Two that hold the same one would each take the other's moves for a disturbance."""
    path = written(
        tmp_path, ("hold: film_weight", "hold: residual_solvent"), ("0.81 g/m2/µm", "9 ppm/µm"),
        ("dead_band: 0.1 g/m2", "dead_band: 20 ppm"),
    )  # fmt: skip
    with pytest.raises(ConfigError, match=r"CELL-1024: regulators\.oven\.hold: 'film' holds residual_solvent"):
        load_cell(path, simulated=True)


def test_a_regulator_cannot_take_the_name_of_a_loop_that_shares_its_set_point(tmp_path: Path):
    """Both loops that move one set-point keep their names, whichever goes first: authority is granted by name."""
    second = """  edge_two:
    authority: auto
    priority: 9
    watch: {defect: heavy_edge, normal: 0.02 /m, alarm: 0.2 /m}
    adjust: {tag: "plc.blade_load_sp_{side}", law: step, by: 5 %, up_to: 1}
  streak:
"""
    path = written(tmp_path, ("  streak:\n    authority", f"{second}    authority"), ("  film:\n", "  edge_spur:\n"))
    with pytest.raises(ConfigError, match=r"CELL-1024: regulators\.edge_spur: a loop is called edge_spur already"):
        load_cell(path, simulated=True)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("world: {use: coter, scenario: coater}", "CELL-1020: simulate.world.use: no world named 'coter'"),
        ("world: {use: coater, scenario: coatr}", "CELL-1070: simulate.world.scenario: no scenario 'coatr'"),
        ("world: {use: coater, sed: 3}", "CELL-1010: simulate.world.sed: unknown key"),
        ("world: {use: coater, durations: {nobody: 3 ms}}", "CELL-1020: simulate.world.durations.nobody: expected a"),
    ],
)
def test_the_check_with_stand_ins_looks_at_the_world_too(tmp_path: Path, new: str, expected: str):
    """What stands in for all devices in virtual time is checked with the other stand-ins."""
    path = written(tmp_path, ("world: {use: coater, scenario: coater}", new))
    check(path)
    with pytest.raises(ConfigError) as caught:
        check(path, simulated=True)
    assert expected in str(caught.value)
