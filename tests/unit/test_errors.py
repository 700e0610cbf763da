"""Errors keep their sentences as templates, so that they can be said in another language or another process."""

from __future__ import annotations

from pathlib import Path

from cellctl.errors import (
    ConfigError,
    ConfigErrors,
    PlantError,
    Text,
    Where,
    joined,
    retold,
    sentence_of,
    text,
    told,
)

GERMAN = {"expected {kind}, got {got!r}": "erwartet: {kind}, ist {got!r}", "a time": "eine Zeit", "do": "tun"}


def german(template: str) -> str:
    return GERMAN.get(template, template)


def error() -> ConfigError:
    return ConfigError("CELL-1012", "expected {kind}, got {got!r}", where=Where("cell.yaml", 3, 7), nearest="800 ms",
                       do="write {got!r} with a unit", kind=text("a time"), got="800")  # fmt: skip


def test_an_error_says_place_code_reason_nearest_and_remedy():
    """One line in one grammar."""
    expected = "cell.yaml:3:7: CELL-1012: expected a time, got '800'; nearest: 800 ms; do: write '800' with a unit"
    assert str(error()) == expected


def test_an_error_is_said_in_another_language():
    """Sentences within sentences are translated too; what has no translation stays English."""
    expected = "cell.yaml:3:7: CELL-1012: erwartet: eine Zeit, ist '800'; nearest: 800 ms; tun: write '800' with a unit"
    assert error().said(german) == expected


def test_several_errors_are_said_one_in_a_line():
    """Each of them in the reader's language."""
    assert ConfigErrors([error(), error()]).said(german) == "\n".join([error().said(german)] * 2)


def test_without_values_braces_stand_for_themselves():
    """YAML may stand in a sentence."""
    assert ConfigError("CELL-1080", "nothing", do="add `world: {use: coater}`").do == "add `world: {use: coater}`"


def test_with_values_a_brace_is_doubled():
    """As in every template of the language."""
    assert text("add `{name}: {{}}`", name="world").said() == "add `world: {}`"


def test_an_error_crosses_processes_as_its_sentences():
    """What arrives can be said in the reader's language, with its numbers still numbers."""
    sent = PlantError("CELL-2011", "{peer}: {problem}", do="wait", peer=Path("plc"),
                      problem=text("no answer within {timeout:.1f} s", timeout=0.5))  # fmt: skip
    got = retold(told(sent), ConfigError, Where("run"))
    assert isinstance(got, ConfigError)
    assert str(got) == "run: CELL-2011: plc: no answer within 0.5 s; do: wait"
    assert isinstance(got.what_text.values["problem"], Text)


def test_the_place_of_an_error_crosses_too():
    """A file that a worker could not read is named with its line, unless the receiver knows a better place."""
    sent = ConfigError("CELL-1040", "damaged", where=Where("card.json", 3, 1), nearest="x")
    assert str(retold(told(sent), ConfigError)) == "card.json:3:1: CELL-1040: damaged; nearest: x"
    assert str(retold(told(sent), ConfigError, Where("run"))) == "run: CELL-1040: damaged; nearest: x"


def test_the_sentence_of_a_foreign_error_is_its_own_words():
    """Only errors that were raised with a template can be translated."""
    own = text("expected {kind}", kind="x")
    assert sentence_of(ValueError(own)) is own
    assert str(sentence_of(ValueError("{plain}"))) == "{plain}"
    assert str(sentence_of(KeyError("k"))) == "'k'"


def test_sentences_are_joined_without_losing_their_templates():
    """Each part is translated by itself."""
    assert joined([text("a time"), text("x")], " + ").said(german) == "eine Zeit + x"
