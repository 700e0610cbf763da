"""Tag tables: what is right is read, and every mistake is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.devices.tags import COLUMNS, Address, Bank, Poll, WireType, read_tag_table, scan_tag_table
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


def _message(path: Path) -> str:
    with pytest.raises(ConfigErrors) as caught:
        read_tag_table(path)
    return str(caught.value)


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
        ("_load,HR2,int16,1,kPa,0,1,r,,fast,", "CELL-1032", 1),
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
        ('load,"HR2,int16,1,kPa,0,1,r,,fast,', "CELL-1031", 6),
        ('load,"HR2"x,int16,1,kPa,0,1,r,,fast,', "CELL-1031", 11),
        ("load,HR2,int16,1,kPa,0,1,r,,fast,left,above", "CELL-1031", 39),
        ("load,IR2,int16,1_0,kPa,0,1,r,,fast,", "CELL-1032", 16),
        (f"load,IR2,int16,1,kPa,0,1,r,,fast,{'x' * 1001}", "CELL-1031", 34),
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
    path = _table(tmp_path, GOOD, header=HEADER.replace("unit", "units"))
    assert _mistakes(path) == [("CELL-1031", 1, 25)]
    assert "; nearest: unit; do: correct its name" in _message(path)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    """Each column that the header lacks, and what it has instead."""
    assert _mistakes(_table(tmp_path, GOOD, header=HEADER.replace("scale,unit,", ""))) == [("CELL-1031", 1, 1)] * 2
    assert _mistakes(_table(tmp_path, GOOD, header="tag,register,kind")) == [("CELL-1031", 1, 1)]


def test_a_misspelt_column_does_not_hide_the_rows(tmp_path: Path) -> None:
    """The column that is meant is read, so that its cells are checked as well."""
    path = _table(tmp_path, GOOD.replace("kPa", "kPaa"), header=HEADER.replace("unit", "units"))
    assert _mistakes(path) == [("CELL-1031", 1, 25), ("CELL-1032", 2, 21)]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_read(tmp_path: Path, separator: str) -> None:
    """As spreadsheets export where the comma is the decimal sign: the same tags, the same columns of mistakes."""
    path = _table(tmp_path, GOOD.replace(",", separator), header=HEADER.replace(",", separator))
    assert read_tag_table(path).tags == read_tag_table(_table(tmp_path, GOOD)).tags
    path = _table(tmp_path, GOOD.replace("kPa", "kPaa").replace(",", separator), header=HEADER.replace(",", separator))
    assert _mistakes(path) == [("CELL-1032", 2, 21)]


def test_a_decimal_comma_is_refused_with_the_number_that_is_meant(tmp_path: Path) -> None:
    """`0,01` in a table with semicolons is shown with a point."""
    path = _table(tmp_path, GOOD.replace(",", ";").replace("0.01", "0,01"), header=HEADER.replace(",", ";"))
    assert _mistakes(path) == [("CELL-1032", 2, 16)]
    assert "; do: write 0.01, with a decimal point" in _message(path)


def test_a_modicon_address_is_refused_with_the_register_that_is_meant(tmp_path: Path) -> None:
    """40003 counts from one and names its table by a digit."""
    assert "; do: write HR2: registers count from 0" in _message(_table(tmp_path, GOOD.replace("HR2", "40003")))


def test_a_quoted_cell_may_have_line_breaks(tmp_path: Path) -> None:
    """The rows behind it keep their places."""
    rows = ('load,HR2,int16,1,kPa,0,1,r,,fast,"left,\nabove ""all"""', "Not good,HR3,int16,1,kPa,0,1,r,,fast,")
    assert _mistakes(_table(tmp_path, *rows)) == [("CELL-1032", 4, 1)]
    (tag,) = read_tag_table(_table(tmp_path, rows[0])).tags
    assert tag.description == 'left, above "all"'


def test_a_forgotten_quote_does_not_hide_the_rows_behind_it(tmp_path: Path) -> None:
    """The line with the quote is reported, and the next mistake too."""
    rows = ('load,HR2,int16,1,kPa,0,1,r,,fast,"left', "Not good,HR3,int16,1,kPa,0,1,r,,fast,")
    assert _mistakes(_table(tmp_path, *rows)) == [("CELL-1031", 2, 34), ("CELL-1032", 3, 1)]


def test_marks_and_empty_cells_of_a_spreadsheet_are_fine(tmp_path: Path) -> None:
    """A byte order mark, a separator line, CRLF, empty columns and rows at the end."""
    path = tmp_path / "tags.csv"
    lines = ("sep=,", f"{HEADER},,", f"{GOOD},,", "," * 12, "")
    path.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    assert [tag.name for tag in read_tag_table(path).tags] == ["load"]


@pytest.mark.parametrize(
    ("data", "place", "said"),
    [
        (HEADER.encode("utf-16"), (1, 1), "got UTF-16"),
        (f"{HEADER}\na,IR1,int16,1,µm".encode("latin-1"), (2, 15), "got byte 0xb5"),
        (f"\ufeff{HEADER}\na,IR1,int16,1,".encode() + b"\xb5m", (2, 15), "got byte 0xb5"),
        (f"{HEADER}\nload,HR2\u2028".encode(), (2, 9), "got the character U+2028 (line separator)"),
    ],
)
def test_other_encodings_are_named(tmp_path: Path, data: bytes, place: tuple[int, int], said: str) -> None:
    """With the first byte or character that is wrong, where an editor shows it."""
    path = tmp_path / "tags.csv"
    path.write_bytes(data)
    assert [found[1:] for found in _mistakes(path)] == [place]
    assert said in _message(path)


def test_a_broken_row_is_remembered_by_its_name(tmp_path: Path) -> None:
    """Who asks for that tag asks for one that is there, but not sound; the sound rows are read."""
    reading = scan_tag_table(_table(tmp_path, "bad,IR1,int99,1,,0,1,r,,fast,", GOOD))
    assert reading.broken == {"bad"}
    assert [tag.name for tag in reading.table.tags] == ["load"]


def test_a_table_full_of_mistakes_ends_with_a_word(tmp_path: Path) -> None:
    """After a thousand the reading ends."""
    found = _mistakes(_table(tmp_path, *("bad,IR1,int99,1,,0,1,r,,fast," for _ in range(1500))))
    assert len(found) == 1001


def test_a_table_without_tags_is_a_mistake(tmp_path: Path) -> None:
    """A header alone, and nothing at all."""
    assert _mistakes(_table(tmp_path)) == [("CELL-1031", 2, 1)]
    (tmp_path / "tags.csv").write_text("")
    assert _mistakes(tmp_path / "tags.csv")[0][0] == "CELL-1031"


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\xffb", b"x" * (4 * 1024 * 1024 + 1)])
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
    expected = "tags.csv:2:6: CELL-1032: address: expected an address such as HR2, IR4.0 or CO7, got 'HX2'; do: "
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
