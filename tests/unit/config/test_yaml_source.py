"""The YAML reader keeps places, and refuses with its place whatever a cell does not need."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from cellctl.config import parse_yaml, read_yaml
from cellctl.config.source.document import scan_yaml
from cellctl.config.source.text import MAX_BYTES
from cellctl.errors import ConfigError
from tests.unit.config.hostile import HOSTILE


def said(text: str) -> list[str]:
    """Every mistake of a text."""
    with pytest.raises(ConfigError) as caught:
        parse_yaml(text, "f")
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("text", "value"),
    [("no", "no"), ("012", 12), ("12:30:45", "12:30:45"), ("1e3", 1000.0), (".5", 0.5), ("0x1f", 31),
     ("'1'", "1"), ("~", None), ("true", True), ("0.25 /m", "0.25 /m"), ("0o17", 15), ("-3", -3), ("+", "+"),
     (".inf", ".inf"), ("1_000", "1_000"), ("2026-03-31", "2026-03-31"), ("|\n  x", "x"),
     ("9223372036854775807", 2**63 - 1)],
)  # fmt: skip
def test_plain_scalars_follow_yaml_1_2(text, value):
    """`no` is text and `012` is twelve."""
    assert parse_yaml(f"a: {text}", "f").data == {"a": value}


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: 1\na: 2\n", "CELL-1003", "f:2:1"),
        ("a: &x 1\n", "CELL-1004", "f:1:4"),
        ("a: !!python/name:os.system x\n", "CELL-1004", "f:1:4"),
        ("<<: {a: 1}\n", "CELL-1004", "f:1:1"),
        ("a: [1\n", "CELL-1002", "f:1:4"),
        ("a: [1, 2\nb: 3\n", "CELL-1002", "f:1:4"),
        ("a: {b: 1 c: 2}\n", "CELL-1002", "f:1:11"),
        ("a: 'x\nb: 3\n", "CELL-1002", "f:1:4"),
        ("a: 1\nb\nc: 3\n", "CELL-1002", "f:2:1"),
        ("a: b: c\n", "CELL-1002", "f:1:5"),
        ("a: 1\nb:2 # why: so\nc: 3\n", "CELL-1002", "f:2:1"),
        ("a: 1\nb: c\n  d: 3\n", "CELL-1002", "f:3:4"),
        ("a:\n  b: 1\n c: 2\n", "CELL-1002", "f:3:2"),
        ("a:\n\t- b\n", "CELL-1002", "f:2:1"),
        ("a: @home\n", "CELL-1002", "f:1:4"),
        ('a: "C:\\data"\n', "CELL-1002", "f:1:7"),
        ("---\na: 1\n---\nb: 2\n", "CELL-1002", "f:3:1"),
        ("[" * 100, "CELL-1005", "f:1:65"),
        ("? [a]\n: b\n", "CELL-1002", "f:1:3"),
        ("a: \x00\n", "CELL-1037", "f:1:4"),
        ("a: b\u2028c\n", "CELL-1037", "f:1:5"),
        ("a: b\u0085c\n", "CELL-1037", "f:1:5"),
        ("a: 1\r\nb: 2\rc: \x1b\n", "CELL-1037", "f:3:4"),
        ('a: "\\0"\n', "CELL-1037", "f:1:4"),
        ("a: \ud800\n", "CELL-1037", "f:1:4"),
        ("a: 9223372036854775808\n", "CELL-1038", "f:1:4"),
        ("1: a\n", "CELL-1039", "f:1:1"),
        ("true: a\n", "CELL-1039", "f:1:1"),
        ("a: {null: a}\n", "CELL-1039", "f:1:5"),
        ("'': a\n", "CELL-1039", "f:1:1"),
        (f"{'k' * 201}: a\n", "CELL-1039", "f:1:1"),
    ],
)
def test_what_is_not_supported_is_refused_with_its_place(text, code, place):
    """Each refusal names file, line, column, and the remedy."""
    message = said(text)[0]
    assert message.startswith(f"{place}: {code}: ")
    assert "; do: " in message


def test_mistakes_in_single_values_are_found_together():
    """A duplicate, an anchor, an alias, a tag and a number as a key in one file: five lines, in order."""
    found = said("a: 1\na: 2\nb: &x 1\nc: *x\nd: !t 1\n5: 1\n")
    assert [line.split(": ")[0] for line in found] == ["f:2:1", "f:3:4", "f:4:4", "f:5:4", "f:6:1"]


def test_what_is_wrong_leaves_the_rest_readable():
    """The other values are there; the wrong ones are named as lost."""
    document, errors = scan_yaml("a: &x 1\nb: {c: *x, d: 2}\n", "f")
    assert len(errors) == 2
    assert document.data == {"a": None, "b": {"c": None, "d": 2}}
    assert document.lost == {("a",), ("b", "c")}


def test_the_parts_of_a_section_that_stands_twice_are_looked_at_together():
    """Of two values with one name the first holds."""
    document, errors = scan_yaml("a: {x: 1}\nb: 2\na: {y: 3, x: 4}\n", "f")
    assert document.data == {"a": {"x": 1, "y": 3}, "b": 2}
    assert [str(error.where) for error in errors] == ["f:3:1", "f:3:11"]


def test_places_of_values_and_keys():
    """Line and column count from one."""
    document = parse_yaml("a:\n  b: [1, 22]\n", "f")
    assert str(document.where(("a", "b", 1))) == "f:2:10"
    assert str(document.where_key(("a", "b"))) == "f:2:3"


@pytest.mark.parametrize("start", ["\ufeff", "# µ °C 😀 first\r\n", "\r\n"])
def test_lines_are_counted_as_an_editor_does(tmp_path: Path, start: str):
    """Whatever ends a line, and with a byte order mark."""
    path = tmp_path / "cell.yaml"
    path.write_bytes(f"{start}a: 1\r\nb: µ😀\r\nc: [1, x]\r\n".encode())
    document = read_yaml(path)
    assert document.data == {"a": 1, "b": "µ😀", "c": [1, "x"]}
    assert str(document.where(("c", 1))) == f"{path}:{3 + start.count(chr(10))}:8"


@pytest.mark.parametrize(
    ("raw", "place", "words"),
    [
        ("a: 1".encode("utf-16"), ":1:1", "got UTF-16"),
        (b"a: 1\nb: \xb5m\n", ":2:4", "got byte 0xb5"),
        (b"\xef\xbb\xbfa: \xc3\xa9\xb5", ":1:5", "got byte 0xb5"),
        (b"a: 1\n" * (MAX_BYTES // 5 + 1), ":1:1", f"at most {MAX_BYTES} bytes"),
    ],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, raw: bytes, place: str, words: str):
    """With the line and column of the first byte that is wrong."""
    path = tmp_path / "cell.yaml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError, match=words) as caught:
        read_yaml(path)
    assert str(caught.value).startswith(f"{path}{place}: ")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    """A folder, and nothing at all."""
    for path in (tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(ConfigError, match="CELL-1001: cannot read the configuration"):
            read_yaml(path)


def test_a_path_that_does_not_exist_points_to_its_parent():
    """Missing keys are reported where they belong."""
    document = parse_yaml("a:\n  b: 1\nc: [{d: 1}]\n", "f")
    assert document.where(("a", "c", "d")) == document.where(("a",))
    assert str(document.where_key(("a", "c"))) == "f:1:1"
    assert str(document.where_key(("c", 0, "e"))) == "f:3:5"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_within_bounds(name):
    """No file of up to 1 MB takes more than 32 MB to refuse; how long it takes is a benchmark's matter."""
    assert len(HOSTILE[name]) <= MAX_BYTES
    tracemalloc.start()
    try:
        lines = said(HOSTILE[name])
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 32e6
    assert len(lines) <= 101
    assert all(len(line) < 300 for line in lines)
