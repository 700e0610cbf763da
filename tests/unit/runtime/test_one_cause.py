"""A mistake in one part of a cell is one line: what only follows from it is not reported, and it hides no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cellctl.errors import ConfigError
from cellctl.runtime.loading import load_cell

BASE = Path(__file__).resolve().parents[2] / "golden" / "mistakes" / "base"


def parts(data: Any, depth: int = 4, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Paths of everything in a cell that can be wrong by itself."""
    if not isinstance(data, dict) or not depth:
        return [at]
    below = [path for key, value in data.items() for path in parts(value, depth - 1, (*at, key))]
    return [at, *below] if at else below


SOUND = yaml.safe_load((BASE / "cell.yaml").read_text(encoding="utf-8"))
PARTS = [path for path in parts(SOUND) if path not in {("version",), ("regulators", "film", "adjust")}]
TEXTS = {("cell", "id"), ("cell", "lot"), ("devices", "plc", "host"), ("devices", "camera", "host")}
"""What may be any text."""


def mistakes(folder: Path, data: Any) -> list[str]:
    """What the check says of a cell."""
    (folder / "cell.yaml").write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    (folder / "tags.csv").write_bytes((BASE / "tags.csv").read_bytes())
    with pytest.raises(ConfigError) as caught:
        load_cell(folder / "cell.yaml")
    return str(caught.value).splitlines()


def changed(path: tuple[str, ...], value: Any) -> Any:
    """The sound cell with one value replaced."""
    data = yaml.safe_load((BASE / "cell.yaml").read_text(encoding="utf-8"))
    inside = data
    for part in path[:-1]:
        inside = inside[part]
    inside[path[-1]] = value
    return data


@pytest.mark.parametrize("path", PARTS, ids=".".join)
def test_a_part_of_the_wrong_kind_is_one_mistake(tmp_path, path):
    """Whatever is replaced by something that nobody can mean: one line, which names the place."""
    (line,) = mistakes(tmp_path, changed(path, [[]]))
    assert f" {'.'.join(path)}" in line.replace("[0]", "")


def test_a_mistake_in_every_section_is_shown_at_once(tmp_path):
    """Eight sections, eight lines, in the order of the file."""
    data = changed(("cell", "seed"), "many")
    for path, value in (
        (("web", "encoder"), "plc.encoder"), (("recipes", "NMC-200", "model"), "none.onnx"),
        (("devices", "camera", "driver"), "sim-camra"), (("plugins", "inspect", "from"), "camra"),
        (("characteristics", "film_weight", "station"), "gage"), (("loops", "edge_spur", "deadline"), "fast"),
        (("regulators", "film", "hold"), "film"), (("guard", "envelope", "plc.blade_load_sp", "max"), "30 kPa"),
    ):  # fmt: skip
        inside = data
        for part in path[:-1]:
            inside = inside[part]
        inside[path[-1]] = value
    found = mistakes(tmp_path, data)
    codes = [line.split(": ")[1] for line in found]
    assert codes == ["CELL-1012", "CELL-1020", "CELL-1040", "CELL-1020", "CELL-1026", "CELL-1020", "CELL-1012",
                     "CELL-1020", "CELL-1023"]  # fmt: skip
    numbers = [int(line.split(":")[1]) for line in found]
    assert numbers == sorted(numbers)


def test_a_seed_for_a_cell_without_a_world_says_what_is_missing(tmp_path):
    """The options of virtual time do not invent a world."""
    for name in ("cell.yaml", "tags.csv"):
        (tmp_path / name).write_bytes((BASE / name).read_bytes())
    with pytest.raises(ConfigError, match=r"CELL-1080: simulate\.world: nothing stands in for the devices"):
        load_cell(tmp_path / "cell.yaml", lockstep=True, seed=3, world={"scenario": "demo"})
