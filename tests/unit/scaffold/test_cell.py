"""A new cell is sound as it is written, and says what was answered."""

import pytest

from cellctl.cli.new import cell
from cellctl.config import read_yaml
from cellctl.errors import ConfigError
from cellctl.runtime.loading import load_cell


@pytest.mark.parametrize("camera", ["yes", "no"])
@pytest.mark.parametrize("how", [{}, {"simulated": True}, {"lockstep": True}])
def test_it_is_sound(tmp_path, camera, how):
    """For the plant, for the simulated line, and in virtual time; and nothing in it may act yet."""
    cell(tmp_path / "line-3", camera=camera, yes=True)
    found = load_cell(tmp_path / "line-3" / "cell.yaml", **how)
    assert found.id == "line-3"
    assert found.guard.loops == {}


def test_answers_are_written(tmp_path):
    """Id, path and the controller's address."""
    cell(tmp_path, id="coater-03", path="ACME/S/A/L/C", camera="no", plc="plc-3.local:5020")
    data = read_yaml(tmp_path / "cell.yaml").data
    assert (data["cell"]["id"], data["cell"]["path"]) == ("coater-03", "ACME/S/A/L/C")
    assert (data["devices"]["plc"]["host"], data["devices"]["plc"]["port"]) == ("plc-3.local", 5020)


def test_every_key_is_explained(tmp_path):
    """A beginner's file has at least as many remarks as sections."""
    cell(tmp_path, yes=True, id="a")
    lines = (tmp_path / "cell.yaml").read_text(encoding="utf-8").splitlines()
    sections = [line for line in lines if line and line[0].isalpha() and line != "version: 2"]
    assert sum("#" in line for line in lines) > 2 * len(sections)
    assert max(map(len, lines)) <= 125


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"plc": "10.0.0.5:fast"}, "CELL-1224"),
        ({"plc": ":502"}, "CELL-1224"),
        ({"plc": "10.0.0.5:70000"}, "CELL-1224"),
        ({"plc": 'a"b'}, "CELL-1224"),
        ({"path": 'A"B'}, "CELL-1225"),
        ({"path": "A\nB"}, "CELL-1225"),
        ({"camera": "perhaps"}, "CELL-1226"),
        ({"id": "a b"}, "CELL-1222"),
    ],
)
def test_a_wrong_answer_writes_nothing(tmp_path, answer, code):
    """The mistake is named, and the folder is not made."""
    with pytest.raises(ConfigError, match=code):
        cell(tmp_path / "new", yes=True, **answer)
    assert not (tmp_path / "new").exists()


def test_a_terminal_is_asked(tmp_path, monkeypatch, capsys):
    """An empty line takes the default; what a flag says is not asked."""
    lines = iter(["\n", "no\n", "10.1.1.1\n"])
    monkeypatch.setattr(
        "sys.stdin", type("Terminal", (), {"isatty": lambda _: True, "readline": lambda _: next(lines)})()
    )
    cell(tmp_path, id="a")
    asked = capsys.readouterr().out
    data = read_yaml(tmp_path / "cell.yaml").data
    assert "id of the cell" not in asked
    assert (data["devices"]["plc"]["host"], data["cell"]["path"]) == ("10.1.1.1", "ACME/SITE1/AREA1/LINE1")
    assert "wet_camera" not in data["devices"]
