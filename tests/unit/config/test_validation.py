"""Mistakes in a typed section are all listed, each with place, reason and remedy."""

from typing import Literal

import pytest
from pydantic import model_validator

from cellctl.config import Section, parse_yaml, validate
from cellctl.config.checking.validation import check
from cellctl.errors import ConfigErrors, text
from cellctl.units import PerMetre, Seconds


class Inner(Section):
    """A nested section."""

    count: int
    rate: PerMetre = 0.1


class Window(Section):
    """A section with a check of its own."""

    least: int = 0
    most: int = 9
    name: str = ""

    @model_validator(mode="after")
    def _ordered(self):
        if self.least > self.most:
            raise ValueError(text("expected least below most, got {least}", least=self.least))
        return self


class Outer(Section):
    """A section with nested sections."""

    deadline: Seconds
    parts: dict[str, Inner] = {}
    choice: Inner | Literal["off"] = "off"
    factor: float = 1.0
    window: Window = Window()


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
    assert mistakes("deadline: 1 s\ndedline: 1 s\n") == [
        "f:2:1: CELL-1010: dedline: unknown key; nearest: deadline; do: correct it, or remove it"
    ]


def test_a_misspelt_key_that_must_be_there_is_one_mistake():
    """It is read as the one that is meant, and its value is checked as well."""
    assert mistakes("dedline: 3 kPa\n") == [
        "f:1:1: CELL-1010: dedline: unknown key; nearest: deadline; do: correct it, or remove it",
        "f:1:10: CELL-1012: deadline: expected a time such as '800 ms', got '3 kPa'; do: correct the value",
    ]


def test_a_misspelt_unit_shows_the_nearest():
    """And a number alone is shown with the unit of the example."""
    assert mistakes("deadline: 5 Ms2\n")[0].startswith("f:1:11: CELL-1012: deadline: expected a time")
    assert "; nearest: 5 ms; " in mistakes("deadline: 5 mss\n")[0]


def test_a_number_without_unit_gets_no_guess():
    """Which unit is meant, nobody can say; the remedy asks for it."""
    said = mistakes("deadline: 5\n")[0]
    assert "nearest" not in said
    assert said.endswith("do: write the unit behind the number, as in '800 ms'")


def test_a_second_mistake_of_one_section_is_found_behind_the_first():
    """A check of the whole section runs on what is left of it when one value is wrong."""
    assert [line.split(": ")[2] for line in mistakes("deadline: 1 s\nwindow: {least: 5, most: 3, name: 7}\n")] == [
        "window.name", "window",
    ]  # fmt: skip


def test_what_follows_from_a_mistake_is_none():
    """The check of the section says nothing of a value that was refused."""
    assert len(mistakes("deadline: 1 s\nwindow: {least: five, most: 3}\n")) == 1
    assert len(mistakes("deadline: 1 s\nwindow: {least: 5, most: three}\n")) == 1


@pytest.mark.parametrize(
    ("choice", "place", "said"),
    [
        ("{count: x}", "2:17", "choice.count: expected a whole number, got 'x'"),
        ("{}", "2:1", "choice.count: required key is missing"),
        ("on", "2:9", "choice: expected a mapping (key: value) or 'off', got 'on'"),
        ("[1]", "2:9", "choice: expected a mapping (key: value) or 'off', got [1]"),
        ("", "2:8", "choice: expected a mapping (key: value) or 'off', got nothing"),
    ],
)
def test_a_choice_of_two_forms_makes_one_mistake(choice, place, said):
    """The branch that was not meant is not reported."""
    (line,) = mistakes(f"deadline: 1 s\nchoice: {choice}\n")
    assert line.startswith(f"f:{place}: CELL-101")
    assert said in line


def test_what_is_sound_is_kept():
    """Of two parts the sound one stays; what was left out is named."""
    document = parse_yaml("deadline: 1 s\nparts:\n  a: {count: x}\n  b: {count: 2}\n", "f")
    checked = check(document, Outer)
    assert len(checked.errors) == 1
    assert checked.model is not None
    assert list(checked.model.parts) == ["b"]
    assert {("parts", "a"), ("parts", "a", "count")} == checked.document.lost


def test_numbers_that_are_none_are_refused():
    """Text such as `nan` is no number."""
    assert "expected a finite number" in mistakes("deadline: 1 s\nfactor: nan\n")[0]


def test_a_long_value_is_cut():
    """A message stays readable whatever stands in the file."""
    assert len(mistakes(f"deadline: {'x' * 1900}\n")[0]) < 250


def test_a_missing_key_is_shown_where_it_belongs():
    """The place is that of the section which lacks it."""
    assert mistakes("deadline: 1 s\nparts:\n  b: {}\n") == [
        "f:3:3: CELL-1011: parts.b.count: required key is missing; do: add `count:` here"
    ]
