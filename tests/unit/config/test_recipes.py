"""Every recipe of a cell is checked and resolved, whichever the cell starts with."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from cellctl.config import ResolvedCell
from cellctl.errors import ConfigError
from cellctl.runtime.loading import load_cell

CONFIGS = Path(__file__).resolve().parents[3] / "configs"
OWN = '    setpoints: {"plc.blade_load_sp_{side}": 20 kPa}\n'
OWN_LIMITS = """\
    envelope:
      "plc.blade_load_sp_{side}": {min: 18 kPa, max: 24 kPa, slew: 2 %/s, per_event: 5 %, drift: 15 %}
"""
SECOND = (
    """\
  LFP-150:
    web_speed: 0.8 m/s
    setpoints: {"plc.blade_load_sp_{side}": 21 kPa}
"""
    + OWN_LIMITS
)
FIRST = (CONFIGS / "coater.yaml").read_text().splitlines(keepends=True)
LINE = FIRST.index(OWN) + 2
"""Of `LFP-150:` in the written file."""
CELL = next(number for number, line in enumerate(FIRST, 1) if line.startswith("cell:"))


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    """The coater with a second recipe, and some text replaced."""
    text = (CONFIGS / "coater.yaml").read_text()
    text = text.replace("lot: LOT-0001}", "lot: LOT-0001, recipe: NMC-200}").replace(OWN, OWN + SECOND)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "coater_tags.csv").write_text((CONFIGS / "coater_tags.csv").read_text())
    (folder / "cell.yaml").write_text(text)
    return folder / "cell.yaml"


def loaded(folder: Path, *changes: tuple[str, str]) -> ResolvedCell:
    """That cell, resolved."""
    return load_cell(written(folder, *changes))


def mistake(folder: Path, *changes: tuple[str, str]) -> str:
    """What is wrong with it."""
    with pytest.raises(ConfigError) as caught:
        loaded(folder, *changes)
    return str(caught.value)


def test_each_product_has_its_own_table(tmp_path: Path) -> None:
    """Nominal values, limits and the slew that is a share of them."""
    cell = loaded(tmp_path)
    assert cell.product_names == ("NMC-200", "LFP-150")
    thin = cell.guard.table("LFP-150")[0]
    assert (thin.recipe, thin.minimum, thin.maximum, thin.slew_per_s) == (21.0, 18.0, 24.0, pytest.approx(0.42))
    assert cell.guard.table("NMC-200") == cell.guard.setpoints


def test_the_cell_of_another_product_moves_by_its_shares(tmp_path: Path) -> None:
    """One step of 5 % is 1.05 kPa at 21 kPa."""
    cell = loaded(tmp_path)
    thin = cell.for_product("LFP-150")
    assert (thin.recipe.product, thin.recipe.web_speed_m_s) == ("LFP-150", 0.8)
    assert [loop.step for loop in thin.loops] == [pytest.approx(1.05)] * 2
    assert cell.for_product("") is cell
    with pytest.raises(KeyError):
        cell.for_product("other")


def test_what_a_recipe_leaves_out_is_common(tmp_path: Path) -> None:
    """Without limits of its own it has those of the guard; without a model that of the first recipe."""
    cell = loaded(tmp_path, (OWN_LIMITS, ""))
    assert cell.guard.table("LFP-150")[0].minimum == cell.guard.setpoints[0].minimum == 17.0
    assert {it.recipe.model_hash for it in cell.products} == {cell.recipe.model_hash}


def test_a_cell_with_one_recipe_has_no_table_of_products(tmp_path: Path) -> None:
    """Nothing of it is said twice."""
    cell = loaded(tmp_path, (SECOND, ""), (", recipe: NMC-200", ""))
    assert (cell.products, cell.guard.recipes, cell.product_names) == ((), {}, ("NMC-200",))


def test_the_tables_survive_the_run_folder(tmp_path: Path) -> None:
    """What is stored with the run reads back the same, with the same hash."""
    cell = loaded(tmp_path)
    again = ResolvedCell.from_json(cell.to_json())
    assert again == cell
    assert again.hash == cell.hash != msgspec.structs.replace(cell, products=()).hash


def test_of_one_device_only_its_own_set_points(tmp_path: Path) -> None:
    """In every table."""
    rules = loaded(tmp_path).guard
    assert rules.of_device("plc") == rules
    assert rules.of_device("other").table("LFP-150") == rules.of_device("other").setpoints == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("21 kPa}", "25 kPa}", LINE + 2,
         "CELL-1023: recipes.LFP-150.setpoints.plc.blade_load_sp_{side}: 25 kPa is outside the envelope, 18 … 24 kPa"),
        ("21 kPa}", "21 m}", LINE + 2, "CELL-1012: recipes.LFP-150.setpoints.plc.blade_load_sp_{side}: expected a"),
        ('    setpoints: {"plc.blade_load_sp_{side}": 21 kPa}\n', "", LINE,
         "CELL-1021: recipes.LFP-150.setpoints: no value for the set-point plc.blade_load_sp_{side}"),
        ('      "plc.blade_load_sp_{side}": {min: 18', '      "plc.blade_load_sp_{sid}": {min: 18', LINE + 4,
         "CELL-1150: recipes.LFP-150.envelope.plc.blade_load_sp_{sid}: expected a set-point listed under"),
        ("min: 18 kPa", "min: 12 kPa", LINE + 4,
         "CELL-1023: recipes.LFP-150.envelope.plc.blade_load_sp_{side}.min: 12 kPa is outside the tag's range"),
        ("web_speed: 0.8 m/s", "model: none.onnx", LINE + 1, "CELL-1040: recipes.LFP-150.model: no file"),
        ("recipe: NMC-200}", "recipe: NMC-20}", CELL, "CELL-1020: cell.recipe: expected a recipe listed under recipes"),
        (", recipe: NMC-200}", "}", CELL, "CELL-1011: cell: recipe: which of NMC-200, LFP-150 does"),
    ],
)  # fmt: skip
def test_a_mistake_of_another_recipe_is_found_at_its_place(
    tmp_path: Path, old: str, new: str, line: int, expected: str
) -> None:
    """Before the cell ever makes that product."""
    said = mistake(tmp_path, (old, new)).splitlines()
    assert any(f"cell.yaml:{line}:" in it and expected in it for it in said), said


def test_what_a_recipe_makes_wrong_elsewhere_names_it(tmp_path: Path) -> None:
    """A step that is fine for one product leads out of the limits of another."""
    said = mistake(tmp_path, ("drift: 15 %}\n\ndevices", "drift: 4 %}\n\ndevices"))
    assert "loops.edge_spur.adjust.by: one step of 1.05 kPa is more than drift" in said
    assert "(with the recipe LFP-150)" in said
    assert said.count("loops.edge_spur.adjust.by") == 1


def test_a_mistake_of_all_recipes_is_said_once(tmp_path: Path) -> None:
    """It is no mistake of the second one."""
    said = mistake(tmp_path, ("defect: coat_edge_spur,", "defect: coat_edge_spurt,"))
    assert said.count("coat_edge_spurt") == 2  # once as written, once in the remedy
    assert "with the recipe" not in said
