"""The page on tag tables: what it shows can be read as it stands, and what it says of it is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cellctl.clock import NS_PER_MS
from cellctl.devices.modbus.codec import encode
from cellctl.devices.tags import ALL_COLUMNS, Order, TagTable, WireType, read_tag_table
from cellctl.devices.values import ValueStore
from cellctl.errors import ConfigErrors

PAGE = (Path(__file__).parents[2] / "docs" / "tags.md").read_text("utf-8")
POLLS = ("fast", "slow", "lab")
MISTAKES = (
    ("HR2,int16", "40003,int16"), ("IR10,float32", "IR10,REAL"), ("IR12,uint16,0.1", 'IR12,uint16,"0,1"'),
    ("IR4.3,bool,,,,,r", "HR4.3,bool,,,,,rw"), ("r,,lab,BADC", "r,,hourly,CDAB"),
)  # fmt: skip
"""What the page's errors were made with."""


def _block(language: str, first: str) -> str:
    found = (str(it) for it in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL))
    return next(it for it in found if it.startswith(first))


def _table(folder: Path, text: str, suffix: str = "csv") -> TagTable:
    path = folder / f"dryer_tags.{suffix}"
    path.write_text(text, encoding="utf-8")
    return read_tag_table(path, POLLS)


@pytest.fixture
def table(tmp_path: Path) -> TagTable:
    return _table(tmp_path, _block("csv", "name,"))


def test_the_examples_are_sound_and_say_the_same(tmp_path: Path, table: TagTable) -> None:
    """The set-point of the YAML is that of the CSV."""
    written = _table(tmp_path, _block("yaml", "- {name"), "yaml")
    known = table.get("air_t_sp")
    assert known is not None
    assert written.tags[0].in_force == known.in_force
    assert len(table.tags) == 11


def test_every_column_is_explained() -> None:
    """One row of the page's table each."""
    rows = "\n".join(re.findall(r"^\| (`.*)$", PAGE, re.MULTILINE))
    assert [column for column in ALL_COLUMNS if f"`{column}`" not in rows] == []


def test_the_picture_of_the_orders_is_true(table: TagTable) -> None:
    """0x01020304 as each order sends it."""
    (tag,) = [it for it in table.tags if it.name == "foil_length"]
    for order in Order:
        shown = re.search(rf"\| `{order}` \| `(.. ..)` \| `(.. ..)` \|", PAGE)
        assert shown is not None
        double = type(tag)(**{it: getattr(tag, it) for it in tag.__struct_fields__} | {
            "type": WireType.UINT32, "scale": 1.0, "order": order})  # fmt: skip
        assert [f"{word >> 8:02X} {word & 255:02X}" for word in encode(double, 0x01020304)] == list(shown.groups())


def test_a_slow_tag_ages_as_the_page_says(table: TagTable) -> None:
    """Good for 1.2 s, Bad from 2 s on."""
    store = ValueStore("dryer", table.tags, {"fast": 0.05, "slow": 1.0, "lab": 60.0}, 0.2, 1.0)
    store.alive = True
    store.put("exhaust_t", 25.5, 0)
    names = [store.get("exhaust_t", ms * NS_PER_MS).quality.name for ms in (1200, 1201, 2000, 2001)]
    assert names == ["GOOD", "UNCERTAIN_LAST_USABLE", "UNCERTAIN_LAST_USABLE", "BAD_TIMEOUT"]


def test_the_errors_are_what_the_check_says(tmp_path: Path) -> None:
    """Word for word, for the example with five mistakes."""
    text = _block("csv", "name,")
    for old, new in MISTAKES:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "dryer_tags.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigErrors) as caught:
        read_tag_table(path)
    said = [str(error).replace(f"{tmp_path}/", "") for error in caught.value.errors]
    assert said == _block("text", "dryer_tags.csv").splitlines()
