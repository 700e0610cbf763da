"""A cell's YAML is checked as a whole: every mistake has its place, and a sound one resolves."""

from pathlib import Path

import pytest

from cellctl.errors import ConfigError
from cellctl.runtime.loading import load_cell

CONFIGS = Path(__file__).resolve().parents[3] / "configs"


def mistake(tmp_path, old, new, source="coater.yaml"):
    """The message that one edit of a shipped cell leads to, without the folder."""
    text = (CONFIGS / source).read_text()
    assert text.count(old) >= 1
    (tmp_path / "coater_tags.csv").write_text((CONFIGS / "coater_tags.csv").read_text())
    (tmp_path / "cell.yaml").write_text(text.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_cell(tmp_path / "cell.yaml", simulated=True)
    return str(caught.value).replace(str(tmp_path) + "/", "")


@pytest.mark.parametrize("name", ["coater.yaml", "bench.yaml"])
def test_the_cells_that_ship_are_sound(name):
    """With their stand-ins they resolve, and resolving twice gives the same hash."""
    assert load_cell(CONFIGS / name, simulated=True).hash == load_cell(CONFIGS / name, simulated=True).hash


def test_percentages_are_of_the_recipe():
    """5 % of 20 kPa is 1 kPa, 2 %/s is 0.4 kPa/s; both sides get their own set-point."""
    cell = load_cell(CONFIGS / "coater.yaml", simulated=True)
    assert [point.tag for point in cell.guard.setpoints] == ["plc.blade_load_sp_left", "plc.blade_load_sp_right"]
    assert cell.guard.setpoints[0].per_event == pytest.approx(1.0)
    assert cell.guard.setpoints[0].slew_per_s == pytest.approx(0.4)
    assert [loop.side.value for loop in cell.loops] == ["left", "right"]


def test_stand_ins_take_the_devices_place():
    """Without --simulated the plant's own address is used."""
    assert load_cell(CONFIGS / "coater.yaml").device("plc").settings["host"] == "10.0.0.5"
    assert load_cell(CONFIGS / "coater.yaml", simulated=True).device("plc").settings["host"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("deadline: 800 ms", "deadline: fast", "15: CELL-1012: loops.edge_spur.deadline: expected a time"),
        ("authority: auto", "autority: auto", "5: CELL-1010: loops.edge_spur.autority: unknown key"),
        (
            "use: web-inspector",
            "use: web-inspecter",
            "18: CELL-1020: plugins.inspect.use: no plugin named 'web-inspecter'",
        ),
        ("from: wet_camera", "from: wet_camra", "39: CELL-1026: plugins.inspect.from: nothing is named"),
        (
            "defect: coat_edge_spur",
            "defect: spur",
            "21: CELL-1020: loops.edge_spur.watch.defect: expected",
        ),
        ("by: 5 %", "by: 9 %", "62: CELL-1023: loops.edge_spur.adjust.by: one step of 1.8 kPa is more"),
        (
            "min: 17 kPa",
            "min: 12 kPa",
            "39: CELL-1023: guard.envelope.plc.blade_load_sp_{side}.min: 12 kPa",
        ),
        (
            "min: 17 kPa",
            "min: 17 m",
            "39: CELL-1012: guard.envelope.plc.blade_load_sp_{side}.min: expected",
        ),
        ("cellctl:coating.onnx", "none.onnx", "12: CELL-1040: recipes.NMC-200.model: no file none.onnx"),
        ("coater_tags.csv", "none.csv", "11: CELL-1030: devices.plc.tags: no file none.csv"),
        ("plc.encoder_pos", "plc.encoder", "12: CELL-1020: web.encoder: expected a tag of a device"),
    ],
)
def test_a_mistake_is_shown_where_it_stands(tmp_path, old, new, expected):
    """File, line, column, code, path and reason."""
    message = mistake(tmp_path, old, new)
    line = (tmp_path / "cell.yaml").read_text().split(new)[0].count("\n") + 1
    assert message.startswith(f"cell.yaml:{line}:{expected}")
    assert "; do: " in message


def test_both_sides_make_one_message(tmp_path):
    """A `{side}` that expands to two tags is one mistake."""
    assert mistake(tmp_path, "min: 17 kPa", "min: 12 kPa").count("CELL-1023") == 1


OTHER = """loops:
  other:
    authority: auto
    priority: PRIORITY
    watch: {defect: coat_edge_spur, normal: 0.01 /m, alarm: 0.2 /m}
    adjust: {tag: "plc.blade_load_sp_{side}", by: 5 %}
"""


def test_two_loops_on_one_set_point_are_refused(tmp_path):
    """Two loops of the same priority may not share a set-point; the message says how to settle it."""
    message = mistake(tmp_path, "loops:  ", OTHER.replace("PRIORITY", "5") + "#")
    assert "CELL-1024" in message
    assert "priority:" in message


def test_priorities_let_two_loops_share_a_set_point(tmp_path):
    """With different priorities both are resolved."""
    text = (CONFIGS / "coater.yaml").read_text().replace("loops:  ", OTHER.replace("PRIORITY", "1") + "#")
    (tmp_path / "coater_tags.csv").write_text((CONFIGS / "coater_tags.csv").read_text())
    (tmp_path / "cell.yaml").write_text(text)
    tags = [loop.tag for loop in load_cell(tmp_path / "cell.yaml", simulated=True).loops]
    assert tags.count("plc.blade_load_sp_left") == 2


@pytest.mark.parametrize(
    ("watch", "fault"),
    [
        ("{defect: coat_edge_spur, persists: 3 m, normal: 0.01 /m, alarm: 0.2 /m}", "persists alone"),
        ("{defect: coat_edge_spur}", "expected normal and alarm, or persists alone"),
        ("{defect: coat_edge_spur, persists: 0 m}", "loops.edge_spur.watch.persists"),
    ],
)
def test_a_loop_watches_a_rate_or_one_object_that_goes_on(tmp_path, watch, fault):
    """Both, or neither, is a mistake, and so is a length of nothing."""
    written = "{defect: coat_edge_spur, normal: 0.01 /m, alarm: 0.2 /m}"
    assert fault in mistake(tmp_path, written, watch)


@pytest.mark.parametrize(
    ("old", "new"), [("risk: 5 %", "risk: 5 kPa"), ("min: 17 kPa", "min: 17 s"), ("drift: 15 %", "drift: 15")]
)
def test_one_mistake_makes_one_message(tmp_path, old, new):
    """What only follows from a value that could not be read is not reported."""
    assert mistake(tmp_path, old, new).count("CELL-") == 1


def test_a_misspelt_class_shows_the_nearest(tmp_path):
    """A slip is named."""
    assert "nearest: coat_edge_spur" in mistake(tmp_path, "defect: coat_edge_spur", "defect: coat_edge_spurr")
