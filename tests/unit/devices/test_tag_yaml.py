"""A tag table in YAML: the same tags, the same checks, places by line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.devices.tags import read_tag_table, scan_tag_table
from cellctl.errors import ConfigErrors

CSV = """name,address,type,scale,unit,minimum,maximum,access,in_force,poll,description,order,offset,deadband
load,HR2,int16,0.01,kPa,15,25,rw,IR102,fast,"left, above",,,
t_dry,IR7,float32,1,°C,-40,200,r,,slow,,CDAB,-40,0.5
lamp,CO1,bool,,,0,1,rw,DI5,,,,,
"""
YAML = """# as an engineer writes it
- {name: load, address: HR2, type: int16, scale: 0.01, unit: kPa, minimum: 15, maximum: 25, access: rw, in_force: IR102,
   poll: fast, description: "left, above"}
- name: t_dry
  address: IR7
  type: float32
  unit: °C
  minimum: -40
  maximum: 200
  access: r
  poll: slow
  order: CDAB
  offset: -40
  deadband: 0.5
- {name: lamp, address: CO1, type: bool, minimum: 0, maximum: 1, access: rw, in_force: DI5, poll: }
"""
GOOD = "- {name: a, address: IR1, type: int16, access: r, poll: fast}"


def _write(folder: Path, text: str, name: str = "tags.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _said(path: Path) -> list[str]:
    with pytest.raises(ConfigErrors) as caught:
        read_tag_table(path)
    return [str(error).removeprefix(f"{path}:") for error in caught.value.errors]


@pytest.mark.parametrize("name", ["tags.yaml", "tags.yml", "TAGS.YAML"])
def test_yaml_and_csv_say_the_same(tmp_path: Path, name: str) -> None:
    """Tag for tag."""
    assert read_tag_table(_write(tmp_path, YAML, name)) == read_tag_table(_write(tmp_path, CSV, "tags.csv"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {name: a, address: HX1, type: int16, access: r, poll: fast}", "1:22: CELL-1032: address: expected an"),
        ("- {name: a, address: 40003, type: int16, access: r, poll: fast}", "1:22: CELL-1032: address: expected an"),
        ("- {name: a, address: IR1, type: int16, access: r, poll: fast, scale: 0}", "1:70: CELL-1032: scale: exp"),
        ("- {name: a, address: IR1, type: int16, access: r, poll: fast, scale: true}", "1:70: CELL-1032: scale: exp"),
        (f"{GOOD}\n{GOOD}", "2:10: CELL-1033: name: expected a name of its own: line 1 has it already"),
        ("- {name: a, address: IR1, type: int16, access: r}", "1:3: CELL-1031: the key poll is missing; do: add it"),
        ("- {name: a, address: IR1, type: int16, access: r, poll: fast, units: kPa}",
         "poll, description, order, offset, deadband, got 'units'; nearest: unit; do: correct its name"),
        ("- {name: a, address: IR1, type: int16, access: r, poll: fast, scale: [1]}",
         "1:70: CELL-1031: scale: expected one value, got [1]; do: write the value alone"),
        (f"{GOOD}\n- IR2", "2:3: CELL-1031: expected a mapping of columns, got 'IR2'; do: write `{{name: …"),
        ("tags: 1", "1:1: CELL-1031: expected a list of tags, got {'tags': 1}; do: write one `- {name: …"),
        ("", "1:1: CELL-1031: expected a list of tags, got nothing"),
        ("[]", "2:1: CELL-1031: expected at least one tag, got none"),
        ("- {name: a", "CELL-1002"),
        ("- {name: &x a, address: IR1, type: int16, access: r, poll: fast}", "1:10: CELL-1004"),
        (f"- {{name: a, address: IR1, type: int16, access: r, poll: fast, description: {'x' * 1001}}}",
         "1:76: CELL-1031: expected a cell of at most 1000 characters, got 1001; do: shorten it"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_place(tmp_path: Path, text: str, said: str) -> None:
    """Line, column, code, and what is wrong."""
    (found,) = _said(_write(tmp_path, text))
    assert said.replace("{{", "{") in found


def test_all_mistakes_are_reported_together_and_the_sound_tags_are_read(tmp_path: Path) -> None:
    """A broken entry is remembered by its name."""
    reading = scan_tag_table(_write(tmp_path, f"- {{name: b, unit: 1}}\n{GOOD}\n- {{name: c, adress: IR2}}"))
    assert [(error.where.line if error.where else 0) for error in reading.errors] == [1, 1, 1, 1, 3, 3, 3, 3, 3]
    assert [tag.name for tag in reading.table.tags] == ["a"]
    assert reading.broken == {"b", "c"}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """As with CSV."""
    (said,) = _said(tmp_path / "nowhere.yaml")
    assert "CELL-1030: cannot read the table" in said


def test_a_table_may_be_larger_than_a_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand tags and more; there is a bound all the same."""
    lines = [f"- {{name: t{it}, address: IR{it}, type: int16, access: r, poll: slow}}" for it in range(1100)]
    assert len(read_tag_table(_write(tmp_path, "\n".join(lines))).tags) == 1100
    monkeypatch.setattr("cellctl.devices.tags.yaml_source.MAX_VALUES", 1000)
    (said,) = _said(tmp_path / "tags.yaml")
    assert "CELL-1005: expected at most 1000 keys and values" in said
