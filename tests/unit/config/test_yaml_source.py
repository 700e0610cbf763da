"""The YAML reader keeps places and refuses what a cell does not need."""

import pytest

from cellctl.config import parse_yaml
from cellctl.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "value"),
    [("no", "no"), ("012", 12), ("12:30:45", "12:30:45"), ("1e3", 1000.0), (".5", 0.5), ("0x1f", 31),
     ("'1'", "1"), ("~", None), ("true", True), ("0.25 /m", "0.25 /m")],
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
        ("a: [1\n", "CELL-1002", "f:1:4"),
        ("a:\n\t- b\n", "CELL-1002", "f:2:1"),
        ("---\na: 1\n---\nb: 2\n", "CELL-1002", "f:3:1"),
        ("[" * 100, "CELL-1005", "f:1:65"),
        ("? [a]\n: b\n", "CELL-1002", "f:1:3"),
        ("a: \x00\n", "CELL-1037", "f:1:4"),
    ],
)
def test_what_is_not_supported_is_refused_with_its_place(text, code, place):
    """Each refusal names file, line and column."""
    with pytest.raises(ConfigError) as caught:
        parse_yaml(text, "f")
    assert caught.value.code == code
    assert str(caught.value).startswith(f"{place}: {code}: ")
    assert "; do: " in str(caught.value)


def test_places_of_values_and_keys():
    """Line and column count from one."""
    document = parse_yaml("a:\n  b: [1, 22]\n", "f")
    assert str(document.where(("a", "b", 1))) == "f:2:10"
    assert str(document.where_key(("a", "b"))) == "f:2:3"


def test_a_path_that_does_not_exist_points_to_its_parent():
    """Missing keys are reported where they belong."""
    document = parse_yaml("a:\n  b: 1\n", "f")
    assert document.where(("a", "c", "d")) == document.where(("a",))
