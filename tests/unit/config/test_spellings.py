"""What engineers write in several ways is read in each of them, and never as something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.config.resolved import ResolvedCell
from cellctl.errors import ConfigError
from cellctl.runtime.loading import load_cell

BASE = Path(__file__).resolve().parents[2] / "golden" / "mistakes" / "base"


def _loaded(folder: Path, *changes: tuple[str, str]) -> ResolvedCell:
    """The sound cell with changes in its two files, each found once at least."""
    texts = {name: (BASE / name).read_text(encoding="utf-8") for name in ("cell.yaml", "tags.csv")}
    for old, new in changes:
        assert any(old in text for text in texts.values()), old
        texts = {name: text.replace(old, new) for name, text in texts.items()}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return load_cell(folder / "cell.yaml")


def _in_percent(minimum: str, maximum: str, slew: str) -> tuple[tuple[str, str], ...]:
    return (
        ("int16,0.1,µm,150,400", "int16,0.1,%,0,100"), ("blade_gap_sp: 250 µm", "blade_gap_sp: 40 %"),
        ("min: 200 µm, max: 300 µm, slew: 5 µm/s, per_event: 5 %, drift: 15 %",
         f"min: {minimum}, max: {maximum}, slew: {slew}, per_event: 5 %, drift: 9 %"),
        ("0.81 g/m2/µm", "0.81 g/m2/%"),
    )  # fmt: skip


def test_percent_of_a_tag_in_percent_are_points(tmp_path: Path):
    """A valve at 40 % with limits of 30 % and 50 % stays between 30 and 50, not between 12 and 20."""
    cell = _loaded(tmp_path, *_in_percent("30 %", "50 %", "2 %/s"))
    point = next(it for it in cell.guard.setpoints if it.tag == "plc.blade_gap_sp")
    assert (point.minimum, point.maximum, point.slew_per_s, point.per_event) == (30.0, 50.0, 2.0, 5.0)


def test_a_bare_number_is_no_percent(tmp_path: Path):
    """`30` for a tag in % would be 3000 % to a units library: it is refused, as for any other unit."""
    with pytest.raises(ConfigError, match="expected a quantity in % or a share of the recipe in %, got '30'"):
        _loaded(tmp_path, *_in_percent("30", "50 %", "2 %/s"))


@pytest.mark.parametrize("written", ["250 um", "250 μm", "0.25 mm", "250.0µm"])
def test_a_length_is_read_in_each_spelling(tmp_path: Path, written: str):
    """The set-point is the same, to the last digit, and so is what a record says of the configuration."""
    cell = _loaded(tmp_path, ("blade_gap_sp: 250 µm", f"blade_gap_sp: {written}"))
    assert next(it.recipe for it in cell.guard.setpoints if it.tag == "plc.blade_gap_sp") == 250.0


def test_tags_keep_the_names_of_the_controller(tmp_path: Path):
    """Controllers name in capitals too."""
    cell = _loaded(tmp_path, ("blade_gap_sp", "BladeGap_SP"))
    assert "plc.BladeGap_SP" in {it.tag for it in cell.guard.setpoints}


def test_what_people_read_may_be_chinese(tmp_path: Path):
    """Name of the cell, lot, recipe, class and cause are for people."""
    cell = _loaded(tmp_path, ("coater-01", "涂布机-01"), ("LOT-0001", "批次 1"), ("NMC-200", "三元 200"),
                   ("edge dam lets slurry out", "边挡漏浆：检查，再清洗"))  # fmt: skip
    assert (cell.id, cell.lot, cell.recipe.product) == ("涂布机-01", "批次 1", "三元 200")


@pytest.mark.parametrize("host", ["plc-7.line1.example", "10.0.0.5", "fe80::1", "PLC_7"])
def test_a_host_is_a_name_or_an_address(tmp_path: Path, host: str):
    """Each form of an address that a controller may have."""
    assert _loaded(tmp_path, ("host: 10.0.0.5", f'host: "{host}"')).devices[0].settings["host"] == host


@pytest.mark.parametrize("host", ["10.0.0.5:502", "tcp://10.0.0.5", "10.0.0.5/", "my plc", ""])
def test_a_host_has_nothing_around_it(tmp_path: Path, host: str):
    """A port in the address would only show at the start, as a name that nobody knows."""
    with pytest.raises(ConfigError, match=r"devices\.plc\.host"):
        _loaded(tmp_path, ("host: 10.0.0.5", f'host: "{host}"'))


def test_what_is_only_read_may_have_a_wider_range(tmp_path: Path):
    """The range of a value that nobody writes is for people; only of a set-point each value needs a count."""
    _loaded(tmp_path, ("0.01,g/m2,0,400", "0.01,g/m2,0,4000"))
    with pytest.raises(ConfigError, match="what int16 holds"):
        _loaded(tmp_path, ("0.1,µm,150,400", "0.1,µm,150,4000"))


def test_the_description_of_a_tag_may_be_missing(tmp_path: Path):
    """The column is for people: a table without it is read, and each other column is still asked for."""
    rows = [line.split(",", 10)[:10] for line in (BASE / "tags.csv").read_text(encoding="utf-8").splitlines()]
    table = "\n".join(",".join(row) for row in rows) + "\n"
    changes = ((BASE / "tags.csv").read_text(encoding="utf-8"), table)
    assert "plc.blade_gap_sp" in {it.tag for it in _loaded(tmp_path, changes).guard.setpoints}
    with pytest.raises(ConfigError, match="the column poll is missing"):
        _loaded(tmp_path, (changes[0], "\n".join(",".join(row[:9]) for row in rows)))


def test_stations_may_be_listed_in_another_order(tmp_path: Path):
    """A list by name says nothing about the metres; one station out of order in a list along the web does."""
    listed = "{blade: 0 m, camera: 1.5 m, gauge: 12 m}"
    _loaded(tmp_path, (listed, "{gauge: 12 m, camera: 1.5 m, blade: 0 m}"))
    with pytest.raises(ConfigError, match=r"web\.stations\.gauge: 1\.2 m, and camera"):
        _loaded(tmp_path, (listed, "{blade: 0 m, camera: 1.5 m, gauge: 1.2 m}"))


def test_a_number_as_lot_is_to_be_quoted(tmp_path: Path):
    """Unquoted, `007` would be 7 in other readers of YAML."""
    with pytest.raises(ConfigError, match=r"cell\.lot: expected text, got 7; do: write it in quotes"):
        _loaded(tmp_path, ("lot: LOT-0001", "lot: 007"))
    assert _loaded(tmp_path, ("lot: LOT-0001", 'lot: "007"')).lot == "007"


def test_the_hash_of_a_cell_covers_its_tag_tables(tmp_path: Path):
    """Another register for the same tag is another configuration."""
    cell = _loaded(tmp_path)
    assert _loaded(tmp_path, ("film_weight,IR53", "film_weight,IR54")).hash != cell.hash
    assert _loaded(tmp_path).hash == cell.hash
