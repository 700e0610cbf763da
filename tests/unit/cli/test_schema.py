"""The schema of a cell file: current, true of every cell that ships, and against what is wrong."""

import json
from pathlib import Path

import jsonschema
import pytest

from cellctl.cli.new import cell
from cellctl.cli.schema import schema
from cellctl.config import read_yaml
from cellctl.errors import ConfigError
from cellctl.runtime.cell_schema import SHIPPED, cell_schema, schema_text

CONFIGS = Path(__file__).parents[3] / "configs"
CELLS = sorted(CONFIGS.glob("*.yaml"))
FIRST_LINE = "# yaml-language-server: $schema=cell.schema.json"
MADE = cell_schema(SHIPPED)
SOUND = {
    "version": 2,
    "cell": {"id": "a"},
    "devices": {"eye": {"driver": "sim-camera", "port": 5021}},
    "plugins": {"look": {"use": "web-inspector", "from": "eye", "contrast": "20 %"}},
}


def complaints(data):
    """Where the schema says no, as dotted paths."""
    found = jsonschema.Draft7Validator(MADE).iter_errors(data)
    return {".".join(map(str, error.absolute_path)) for error in found}


def changed(value, *path):
    """The sound cell with one value changed."""
    data = json.loads(json.dumps(SOUND))
    inner = data
    for key in path[:-1]:
        inner = inner.setdefault(key, {})
    inner[path[-1]] = value
    return data


def test_the_file_is_current():
    """configs/cell.schema.json is what `cellctl schema --shipped --out configs/cell.schema.json` writes."""
    assert (CONFIGS / "cell.schema.json").read_text(encoding="utf-8") == schema_text(SHIPPED)


def test_it_is_a_schema():
    """Valid in its dialect."""
    jsonschema.Draft7Validator.check_schema(MADE)


@pytest.mark.parametrize("path", CELLS, ids=lambda path: path.name)
def test_cells_that_ship(path):
    """Each names the schema in its first line, and keeps it."""
    assert path.read_text(encoding="utf-8").splitlines()[0] == FIRST_LINE
    assert complaints(json.loads(json.dumps(read_yaml(path).data))) == set()


def test_a_sound_cell():
    """Nothing to complain of; `from` may be one name or several, and an unknown driver is left alone."""
    assert complaints(SOUND) == set()
    assert complaints(changed(["eye"], "plugins", "look", "from")) == set()
    assert complaints(changed({"driver": "acme", "anything": 1}, "devices", "new")) == set()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (3, ("version",)),
        ("fast", ("cell", "mode")),
        (1, ("cel",)),
        ({"driver": "sim-camera"}, ("devices", "Wrong Name")),
        (70_000, ("devices", "eye", "port")),
        (1, ("devices", "eye", "prot")),
        (True, ("plugins", "look", "contrast")),
        (1, ("plugins", "look", "contrst")),
        ({"driver": "modbus-tcp", "host": "a"}, ("devices", "plc")),
        ({"use": "coater", "secnario": "demo"}, ("simulate", "world")),
    ],
)
def test_what_is_wrong(value, path):
    """Slips in sections, in the settings of drivers, plugins and worlds, and in names."""
    assert complaints(changed(value, *path)) != set()


def test_every_key_is_explained():
    """Each key of each section says what it means."""
    bare = [
        f"{name}.{key}"
        for name, section in {**MADE["$defs"], "cell file": MADE}.items()
        for key, found in section.get("properties", {}).items()
        if not (found.get("description") or "$ref" in found or "const" in found)
    ]
    assert bare == []


def test_defaults_have_units():
    """As a cell would write them."""
    assert MADE["$defs"]["LoopSection"]["properties"]["deadline"]["default"] == "0.8 s"
    assert MADE["$defs"]["use web-inspector"]["properties"]["contrast"]["default"] == "20 %"


def test_the_command(tmp_path, capsys):
    """It prints, or writes over the schema that is there."""
    schema(shipped=True)
    printed = capsys.readouterr().out
    (tmp_path / "s.json").write_text("old")
    schema(out=tmp_path / "s.json", shipped=True)
    assert (tmp_path / "s.json").read_text(encoding="utf-8") == printed == schema_text(SHIPPED)


def test_a_folder_that_is_not_there(tmp_path):
    """The reason is the system's own."""
    with pytest.raises(ConfigError, match="CELL-1231"):
        schema(out=tmp_path / "gone" / "s.json", shipped=True)


def test_a_new_cell_comes_with_it(tmp_path):
    """It keeps the schema beside it, which knows all that is installed here."""
    cell(tmp_path, id="a", yes=True)
    assert (tmp_path / "cell.yaml").read_text(encoding="utf-8").splitlines()[0] == FIRST_LINE
    beside = json.loads((tmp_path / "cell.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(beside).validate(json.loads(json.dumps(read_yaml(tmp_path / "cell.yaml").data)))
