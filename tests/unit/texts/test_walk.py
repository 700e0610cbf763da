"""Controls of the walker that looks for sentences: what it must find, and what it must refuse."""

from __future__ import annotations

import pytest

from tests.unit.texts.walk import Walker

HEAD = "from cellctl.errors import ConfigError, Text, text\n"


@pytest.mark.parametrize(
    "source",
    [
        'raise ConfigError("CELL-1001", f"got {name}")',
        'raise ConfigError("CELL-1001", "got %s" % name)',
        'raise ConfigError("CELL-1001", "got " + name)',
        'raise ConfigError("CELL-1001", "got {}".format(name))',
        'raise ConfigError("CELL-1001", "said", do=f"add {name}")',
        'raise ConfigError("CELL-1001", text(f"got {name}"))',
        'def f(name):\n    what = f"got {name}"\n    raise ConfigError("CELL-1001", what)',
        ('class A:\n    def _fail(self, code, what):\n        raise ConfigError(code, what)\n'
        '    def g(self, name):\n        self._fail("CELL-1001", f"got {name}")'),
        'def f(error):\n    raise ConfigError(error.code, error.what)',
        'raise ConfigError("CELL-1001", unknown)',
    ],
)  # fmt: skip
def test_a_sentence_that_is_put_together_is_found(source):
    """However a sentence is composed, the walker names it."""
    assert len(Walker.of(HEAD + source).findings) == 1


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('raise ConfigError("CELL-1001", "one", do="two" if name else "three")', {"one", "two", "three"}),
        ('raise ConfigError("CELL-1001", text("got {name}", name=text("none")))', {"got {name}", "none"}),
        ('DO = "two"\ndef f():\n    raise ConfigError("CELL-1001", "one", do=DO)', {"one", "two"}),
        ('WORDS = {"a": "one", "b": "two"}\ndef f(k):\n    raise ConfigError("CELL-1001", WORDS[k])', {"one", "two"}),
        ('def f() -> str:\n    return "one"\ndef g():\n    raise ConfigError("CELL-1001", f())', {"one"}),
        (('def f() -> tuple[str, str]:\n    return "one", "two"\ndef g():\n    why = f()\n'
         '    raise ConfigError("CELL-1001", *why)'), {"one", "two"}),
        (('class Said:\n    what: str\n    do: str\nALL = {1: Said("one", do="two")}\n'
         'def f(it):\n    raise ConfigError("CELL-1001", it.what, do=it.do)'), {"one", "two"}),
        (('class A:\n    def _fail(self, code, loc, what, do="three"):\n        raise ConfigError(code, what, do=do)\n'
         'def f(tools):\n    tools.fail("CELL-1001", (), "one")'), {"one", "three"}),
        ('def f():\n    for key, what in (("a", "one"), ("b", "two")):\n        raise ConfigError("CELL-1001", what)',
         {"one", "two"}),
        ('def f(error):\n    raise ConfigError(error.code, error.what_text, do=error.do_text)', set()),
    ],
)  # fmt: skip
def test_sentences_are_followed_to_their_constants(source, expected):
    """Through choices, tables, returned values and functions that hand them on."""
    walker = Walker.of(HEAD + source)
    assert (set(walker.sentences), walker.findings) == (expected, {})


@pytest.mark.parametrize(
    "source",
    [
        'class A:\n    @model_validator(mode="after")\n    def _f(self):\n        raise ValueError(f"got {self.x}")',
        'def read(x):\n    raise ValueError(f"got {x}")\nDay = Annotated[int, BeforeValidator(read)]',
    ],
)
def test_checks_of_typed_sections_are_looked_at(source):
    """What a validator says reaches the user as an error with a code."""
    assert len(Walker.of(HEAD + source).findings) == 1


def test_other_errors_of_values_are_left_alone():
    """A ValueError that no section raises is for programmers."""
    assert Walker.of(HEAD + 'def f(x):\n    raise ValueError(f"got {x}")').findings == {}


def test_other_librarys_functions_of_the_same_name_are_left_alone():
    """A chart's `text` is no sentence of ours."""
    assert Walker.of('from rich.text import Text\nText("red")\nText(f"{x}")').sentences == {}


def test_codes_are_those_that_are_raised():
    """A code in a comparison or a list is not raised by it."""
    walker = Walker.of(HEAD + 'KNOWN = {"CELL-1002"}\nraise ConfigError("CELL-1001", "one")')
    assert set(walker.codes) == {"CELL-1001"}
