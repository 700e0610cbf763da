"""The columns beyond the usual ones, and what only several columns together show."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.devices.tags import COLUMNS, OPTIONAL, Address, Bank, Order, TagTable, WireType, read_tag_table
from cellctl.errors import ConfigErrors

HEADER = "name,address,type,scale,unit,minimum,maximum,access,in_force,poll,description,order,offset,deadband"


def _read(folder: Path, *rows: str, polls: tuple[str, ...] = ("fast", "slow")) -> TagTable:
    path = folder / "tags.csv"
    path.write_text("\n".join((HEADER, *rows)), encoding="utf-8")
    return read_tag_table(path, polls)


def _said(folder: Path, *rows: str) -> list[str]:
    with pytest.raises(ConfigErrors) as caught:
        _read(folder, *rows)
    return [str(error).removeprefix(f"{folder}/tags.csv:") for error in caught.value.errors]


def test_every_optional_column_arrives_in_its_field(tmp_path: Path) -> None:
    """And without them a tag is as it was."""
    assert {*HEADER.split(",")} == {*COLUMNS, *OPTIONAL}
    full, plain = _read(
        tmp_path,
        "t_dry,IR7,float32,1,°C,-40,200,r,,slow,after the dryer,CDAB,-40,0.5",
        "speed,IR9,int16,1,mm/s,,,r,,fast,,,,",
    ).tags
    assert (full.order, full.offset, full.deadband) == (Order.CDAB, -40.0, 0.5)
    assert (plain.order, plain.offset, plain.deadband) == (Order.ABCD, 0.0, 0.0)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("HR0", Address(Bank.HOLDING, 0)), ("IR65535", Address(Bank.INPUT, 65535)), ("CO12", Address(Bank.COIL, 12)),
        ("DI3", Address(Bank.DISCRETE, 3)), ("HR5.0", Address(Bank.HOLDING, 5, 0)),
        ("IR5.15", Address(Bank.INPUT, 5, 15)),
    ],
)  # fmt: skip
def test_all_four_banks_and_bits_have_addresses(tmp_path: Path, address: str, expected: Address) -> None:
    """And an address is shown as it is written."""
    (tag,) = _read(tmp_path, f"flag,{address},bool,,,,,r,,fast,,,,").tags
    assert tag.address == expected
    assert str(tag.address) == address


@pytest.mark.parametrize("address", ["HR5.16", "CO1.0", "DI2.1", "HR5.", "HR.5", "HR-1", "hr5", "5", "HR5.03x", ""])
def test_what_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    """With the forms that are right."""
    (said,) = _said(tmp_path, f"flag,{address},bool,,,,,r,,fast,,,,")
    assert "address: expected an address such as HR2, IR4.0 or CO7, got" in said


@pytest.mark.parametrize(
    ("modicon", "meant"), [("00001", "CO0"), ("10004", "DI3"), ("30054", "IR53"), ("40003", "HR2"), ("400123", "HR122")]
)
def test_modicon_numbers_are_refused_with_what_they_mean(tmp_path: Path, modicon: str, meant: str) -> None:
    """Of all four tables."""
    (said,) = _said(tmp_path, f"flag,{modicon},bool,,,,,r,,fast,,,,")
    assert f"do: write {meant}: registers count from 0" in said


@pytest.mark.parametrize(
    ("written", "words"),
    [("bool", 1), ("int16", 1), ("uint16", 1), ("int32", 2), ("uint32", 2), ("float32", 2), ("int64", 4),
     ("uint64", 4), ("float64", 4), ("string[1]", 1), ("string[16]", 8), ("string[246]", 123)],
)  # fmt: skip
def test_every_type_takes_its_registers(tmp_path: Path, written: str, words: int) -> None:
    """Two bytes each."""
    (tag,) = _read(tmp_path, f"value,IR0,{written},,,,,r,,fast,,,,").tags
    assert tag.words == words


@pytest.mark.parametrize(
    ("written", "meant"),
    [("INT", "int16"), ("REAL", "float32"), ("LREAL", "float64"), ("DINT", "int32"), ("STRING", "string[16]"),
     ("Int16", "int16"), ("double", "float64")],
)  # fmt: skip
def test_names_of_other_tools_lead_to_ours(tmp_path: Path, written: str, meant: str) -> None:
    """Those of IEC 61131-3 above all."""
    (said,) = _said(tmp_path, f"value,IR0,{written},,,,,r,,fast,,,,")
    assert f"nearest: {meant}; do:" in said


@pytest.mark.parametrize("written", ["string", "string[]", "string[0]", "string[247]", "string[-1]", "int8", "bool[2]"])
def test_what_is_no_type_is_refused(tmp_path: Path, written: str) -> None:
    """A string says its length, within one request."""
    (said,) = _said(tmp_path, f"value,IR0,{written},,,,,r,,fast,,,,")
    assert said.startswith("2:11: CELL-1032: type: expected one of: bool, int16")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,CO1,int16,,,,,r,,fast,,,,", "CELL-1032: address: expected a register: a single bit holds no int16"),
        ("a,IR1.2,uint16,,,,,r,,fast,,,,", "CELL-1032: address: expected a register: a single bit holds no uint16"),
        ("a,HR1,int16,1,,0,9,rw,DI3,fast,,,,", "CELL-1032: in_force: expected a register: a single bit"),
        ("a,DI1,bool,,,,,rw,,fast,,,,", "CELL-1034: access: expected r: DI1 cannot be written"),
        ("a,HR1.3,bool,,,,,rw,,fast,,,,", "CELL-1034: access: expected r: writing HR1.3 would write the other"),
        ("a,HR1,string[8],,,,,rw,,fast,,,,", "CELL-1034: access: expected r: a string is only read"),
        ("a,IR1,string[8],2,,,,r,,fast,,,,", "CELL-1032: scale: expected nothing: a string has no number"),
        ("a,IR1,string[8],,kPa,,,r,,fast,,,,", "CELL-1032: unit: expected nothing: a string has no number"),
        ("a,IR1,string[8],,,0,,r,,fast,,,,", "CELL-1032: minimum: expected nothing: a string has no number"),
        ("a,IR1,bool,0.1,,,,r,,fast,,,,", "CELL-1032: scale: expected nothing: a bool has no number"),
        ("a,IR1,bool,,,,,r,,fast,,,1,", "CELL-1032: offset: expected nothing: a bool has no number"),
        ("a,IR1,string[8],,,,,r,,fast,,CDAB,,", "CELL-1032: order: expected ABCD or BADC for a string"),
        ("a,CO1,bool,,,,,r,,fast,,BADC,,", "CELL-1032: order: expected nothing: a single bit has no bytes"),
        ("a,IR1,int32,,,,,r,,fast,,BACD,,", "CELL-1032: order: expected one of: ABCD, CDAB, BADC, DCBA"),
        ("a,IR1,int32,,,,,r,,fast,,,,-1", "CELL-1032: deadband: expected 0 or more"),
        ("a,HR1,int16,1,,0,9,rw,,fast,,,,1", "CELL-1032: deadband: expected nothing: what is written is judged"),
        ("a,HR1,float32,1,,0,,rw,,fast,,,,", "CELL-1032: maximum: expected a number: what is written as float32 needs"),
        ("a,HR1,int64,1,,,9,rw,,fast,,,,", "CELL-1032: minimum: expected a number: what is written as int64 needs"),
        ("a,HR1,uint64,1,,0,1e16,rw,,fast,,,,", "CELL-1032: maximum: expected 0 to 9.0072e+15, what uint64 holds"),
        ("a,HR1,int16,1e-12,,0,1e-9,rw,,fast,,,,", "CELL-1032: scale: expected 1e-9 or more for what is written"),
        ("a,HR1,int16,1,,0,9,rw,,fast,,,0.5,", "CELL-1032: offset: expected a multiple of the scale for what"),
        ("a,IR1,int16,1e31,,,,r,,fast,,,,", "CELL-1032: scale: expected a number from 1e-30 to 1e30"),
        ("a,IR1,int16,1,,,,r,,fast,,,-1e31,", "CELL-1032: offset: expected a number up to 1e30"),
        ("a,IR65533,float64,1,,,,r,,fast,,,,", "CELL-1032: address: expected a register up to 65535"),
    ],
)  # fmt: skip
def test_columns_that_do_not_go_together_are_named(tmp_path: Path, row: str, said: str) -> None:
    """At the cell that is to be corrected, once."""
    column = HEADER.split(",").index(said.split(": ")[1])
    (found,) = _said(tmp_path, row)
    assert found.startswith(f"2:{len(','.join(row.split(',')[:column])) + (2 if column else 1)}: {said}")


@pytest.mark.parametrize(
    "row",
    [
        "a,CO1,bool,,,0,1,rw,DI1,fast,,,,", "a,CO1,bool,,,0,1,rw,IR5.3,fast,,,,",
        "a,HR1,int16,0.1,°C,0,99,rw,,fast,,,-40,",
        "a,IR1,int16,1,,,,r,,fast,,CDAB,,", "a,IR1,string[9],1,,,,r,,fast,,BADC,0,0",
        "a,HR1,float64,1,kPa,0,25,rw,,fast,,,0.5,",
        "a,HR1,int64,1,,-9007199254740992,9007199254740992,rw,,fast,,,,",
        "a,HR1,uint16,0.1,°C,-40,6513.5,rw,,fast,,,-40,",
    ],
)  # fmt: skip
def test_columns_that_go_together_are_taken(tmp_path: Path, row: str) -> None:
    """The other side of each border."""
    assert [tag.name for tag in _read(tmp_path, row).tags] == ["a"]


def test_banks_do_not_share_numbers(tmp_path: Path) -> None:
    """Coil 1 and register 1 are written apart; one value in force for two tags is still refused."""
    rows = ("a,HR1,int16,1,,0,9,rw,IR5,fast,,,,", "b,CO1,bool,,,0,1,rw,DI5,fast,,,,")
    assert len(_read(tmp_path, *rows).tags) == 2
    (said,) = _said(tmp_path, *rows, "c,CO2,bool,,,0,1,rw,DI5,fast,,,,")
    assert "4:21: CELL-1033: in_force: expected registers that 'b' does not use" in said


def test_poll_classes_are_those_of_the_device(tmp_path: Path) -> None:
    """Others are named with the way to have them."""
    row = "a,IR1,int16,,,,,r,,daily,,,,"
    assert _read(tmp_path, row, polls=("fast", "daily")).polled().keys() == {"daily"}
    (said,) = _said(tmp_path, row)
    assert said == (
        "2:20: CELL-1032: poll: expected one of: fast, slow, nothing, got 'daily'; "
        "do: use one of these, or name the class under the device's `poll`"
    )


def test_polled_tags_come_by_class_in_the_order_of_the_table(tmp_path: Path) -> None:
    """Those that are never polled are in none."""
    rows = [f"{name},IR{number},int16,,,,,r,,{poll},,,," for number, (name, poll) in
            enumerate([("a", "slow"), ("b", "fast"), ("c", ""), ("d", "slow")])]  # fmt: skip
    polled = _read(tmp_path, *rows).polled()
    assert {poll: [tag.name for tag in tags] for poll, tags in polled.items()} == {"slow": ["a", "d"], "fast": ["b"]}


def test_a_string_has_its_length_apart_from_its_type(tmp_path: Path) -> None:
    """Both arrive."""
    (tag,) = _read(tmp_path, "lot,IR1,string[12],,,,,r,,slow,,,,").tags
    assert (tag.type, tag.characters) == (WireType.STRING, 12)
