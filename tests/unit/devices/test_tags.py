"""Tag tables: what is right is read, and every mistake is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.devices.tags import COLUMNS, Address, Bank, Poll, WireType, read_tag_table
from cellctl.errors import ConfigErrors, Where

SHIPPED = Path(__file__).parents[3] / "configs" / "coater_tags.csv"
HEADER = ",".join(COLUMNS)
GOOD = "load,HR2,int16,0.01,kPa,15,25,rw,IR102,fast,left"


def _table(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "tags.csv"
    path.write_text("\n".join((header, *lines)), encoding="utf-8")
    return path


def _mistakes(path: Path) -> list[tuple[str, int | None, int | None]]:
    with pytest.raises(ConfigErrors) as caught:
        read_tag_table(path)
    places = [(error.code, error.where or Where("")) for error in caught.value.errors]
    return [(code, where.line, where.column) for code, where in places]


def test_one_row_becomes_one_tag(tmp_path: Path) -> None:
    """Every column arrives in its field."""
    (tag,) = read_tag_table(_table(tmp_path, GOOD)).tags
    assert (tag.name, tag.address, tag.type) == ("load", Address(Bank.HOLDING, 2), WireType.INT16)
    assert (tag.scale, tag.unit, tag.minimum, tag.maximum) == (0.01, "kPa", 15.0, 25.0)
    assert (tag.writable, tag.in_force, tag.poll) == (True, Address(Bank.INPUT, 102), Poll.FAST)
    assert (tag.resolution, tag.source) == (0.01, Address(Bank.INPUT, 102))


def test_comments_blank_lines_and_quotes_are_fine(tmp_path: Path) -> None:
    """As spreadsheets and people leave them."""
    path = _table(tmp_path, "# pumps", "", 'load,HR2,int16,,kPa,,,r,,slow,"left, above"')
    (tag,) = read_tag_table(path).tags
    assert (tag.scale, tag.description, tag.source) == (1.0, "left, above", Address(Bank.HOLDING, 2))


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("Load,HR2,int16,1,kPa,0,1,r,,fast,", "CELL-1032", 1),
        ("load,HX2,int16,1,kPa,0,1,r,,fast,", "CELL-1032", 6),
        ("load,IR65536,int16,1,kPa,0,1,r,,fast,", "CELL-1032", 6),
        ("load,IR65535,int32,1,kPa,0,1,r,,fast,", "CELL-1032", 6),
        ("load,IR2,int8,1,kPa,0,1,r,,fast,", "CELL-1032", 10),
        ("load,IR2,int16,0,kPa,0,1,r,,fast,", "CELL-1032", 16),
        ("load,IR2,int16,nan,kPa,0,1,r,,fast,", "CELL-1032", 16),
        ("load,IR2,int16,inf,kPa,0,1,r,,fast,", "CELL-1032", 16),
        ("load,IR2,int16,x,kPa,0,1,r,,fast,", "CELL-1032", 16),
        ("load,IR2,int16,1,furlongz,0,1,r,,fast,", "CELL-1032", 18),
        ("load,IR2,int16,1,kPa,1,1,r,,fast,", "CELL-1032", 24),
        ("load,IR2,int16,1,kPa,0,1,write,,fast,", "CELL-1032", 26),
        ("load,IR2,int16,1,kPa,0,1,r,,often,", "CELL-1032", 29),
        ("load,IR2,int16,1,kPa,0,1,rw,,fast,", "CELL-1034", 26),
        ("load,HR2,int16,1,kPa,0,1,r,IR9,fast,", "CELL-1034", 28),
        ("load,HR2,int16,1,kPa,0,1", "CELL-1031", 1),
        ('load,"HR2,int16,1,kPa,0,1,r,,fast,', "CELL-1031", 1),
    ],
)
def test_a_mistake_has_its_place(tmp_path: Path, row: str, code: str, column: int) -> None:
    """Code, line and column of the cell that is wrong."""
    assert (code, 2, column) in _mistakes(_table(tmp_path, row))


def test_all_mistakes_are_reported_together(tmp_path: Path) -> None:
    """Three rows, three mistakes, one reading."""
    rows = ("a,IR1,int99,1,,0,1,r,,fast,", "b,IR2,int16,1,,0,1,r,,fast,", "b,IR3,int16,0,,0,1,r,,fast,")
    assert [line for _, line, _ in _mistakes(_table(tmp_path, *rows))] == [2, 4]


def test_no_name_twice(tmp_path: Path) -> None:
    """The second one is the mistake."""
    assert _mistakes(_table(tmp_path, GOOD, "load,IR2,int16,1,kPa,0,1,r,,fast,")) == [("CELL-1033", 3, 1)]


def test_no_register_is_written_under_two_names(tmp_path: Path) -> None:
    """A 32 bit set-point reaches into its neighbour."""
    rows = ("wide,HR1,int32,1,kPa,0,1,rw,IR101,fast,", GOOD)
    assert _mistakes(_table(tmp_path, *rows)) == [("CELL-1033", 3, 6)]


def test_the_same_register_may_be_read_under_two_names(tmp_path: Path) -> None:
    """A word and one view of it."""
    rows = ("word,IR1,uint16,1,,0,65535,r,,fast,", "view,IR1,int16,0.1,,0,1,r,,fast,")
    assert len(read_tag_table(_table(tmp_path, *rows)).tags) == 2


def test_wrong_header_is_named(tmp_path: Path) -> None:
    """Missing and unknown columns."""
    assert _mistakes(_table(tmp_path, GOOD, header=HEADER.replace("unit", "units"))) == [("CELL-1031", 1, 1)]


def test_a_table_without_tags_is_a_mistake(tmp_path: Path) -> None:
    """A header alone, and nothing at all."""
    assert _mistakes(_table(tmp_path)) == [("CELL-1031", 2, None)]
    (tmp_path / "tags.csv").write_text("")
    assert _mistakes(tmp_path / "tags.csv")[0][0] == "CELL-1031"


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\0b", b"x" * (4 * 1024 * 1024 + 1)])
def test_what_is_no_text_table_is_refused(tmp_path: Path, data: bytes) -> None:
    """Wrong encoding, binary, too large: one error, no traceback."""
    path = tmp_path / "tags.csv"
    path.write_bytes(data)
    assert _mistakes(path)[0][0] == "CELL-1030"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """CELL-1030 with the path."""
    assert _mistakes(tmp_path / "nowhere.csv") == [("CELL-1030", None, None)]


def test_errors_read_as_the_grammar_says(tmp_path: Path) -> None:
    """file:line:column: code: expected, got; do."""
    with pytest.raises(ConfigErrors) as caught:
        read_tag_table(_table(tmp_path, "load,HX2,int16,1,kPa,0,1,r,,fast,"))
    expected = "tags.csv:2:6: CELL-1032: address: expected a register such as HR2 or IR10, got 'HX2'; do: "
    assert expected in str(caught.value)


def test_the_shipped_table_is_the_coaters_map() -> None:
    """Spot values: the registers that the handshake and the loop need."""
    table = read_tag_table(SHIPPED)
    expected = {"heartbeat": "HR0", "cmd_seq": "HR1", "blade_load_sp_left": "HR2", "seq_echo": "IR1",
                "web_speed": "IR10", "encoder_pos": "IR12",
                "film_weight": "IR53", "film_weight_pos": "IR54", "splice_flag": "IR63",
                "accept_code": "IR99"}  # fmt: skip
    assert {name: str(tag.address) for name in expected if (tag := table.get(name))} == expected
    assert table.get("nothing") is None


def test_every_setpoint_of_the_shipped_table_shows_its_value_in_force() -> None:
    """IR 100 + k for HR k."""
    for tag in read_tag_table(SHIPPED).tags:
        if tag.writable and tag.address.register >= 2:
            assert tag.in_force == Address(Bank.INPUT, 100 + tag.address.register)
