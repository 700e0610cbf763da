"""Mistakes in a typed section are all listed, each with place, reason and remedy."""

import pytest

from cellctl.config import Section, parse_yaml, validate
from cellctl.errors import ConfigErrors
from cellctl.units import PerMetre, Seconds


class Inner(Section):
    """A nested section."""

    count: int
    rate: PerMetre = 0.1


class Outer(Section):
    """A section with nested sections."""

    deadline: Seconds
    parts: dict[str, Inner] = {}


def mistakes(text):
    with pytest.raises(ConfigErrors) as caught:
        validate(parse_yaml(text, "f"), Outer)
    return [str(error) for error in caught.value.errors]


def test_all_mistakes_are_reported_at_once():
    """Four mistakes, four lines."""
    found = mistakes("deadline: fast\ndedline: 1 s\nparts:\n  a: {count: x}\n  b: {}\n")
    assert len(found) == 4


def test_a_wrong_quantity_says_what_was_expected():
    """The message shows an example of the right form."""
    assert mistakes("deadline: 3 kPa\n") == [
        "f:1:11: CELL-1012: deadline: expected a time such as '800 ms', got '3 kPa'; do: correct the value"
    ]


def test_an_unknown_key_is_shown_at_the_key_with_the_nearest_one():
    """A typing slip is named."""
    assert "f:2:1: CELL-1010: dedline: unknown key; do: did you mean `deadline`?" in mistakes(
        "deadline: 1 s\ndedline: 1 s\n"
    )


def test_a_missing_key_is_shown_where_it_belongs():
    """The place is that of the section which lacks it."""
    assert mistakes("deadline: 1 s\nparts:\n  b: {}\n") == [
        "f:3:3: CELL-1011: parts.b.count: required key is missing; do: add `count:` here"
    ]
