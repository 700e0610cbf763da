"""Every named place of a sentence gets its value where the sentence is raised."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.texts.syntax import arguments_of, imports, name_of
from tests.unit.texts.walk import CODE, OWN, Module, Walker

ROOT = Path(__file__).parents[3]
NOT_VALUES = frozenset({"where", "do", "nearest", "key"})
"""Arguments of an error that are no values of its sentences."""
RESERVED = frozenset({"code", "what", "where", "do", "nearest", "template"})
"""Names that an error or a sentence has for itself."""


def missing(modules: list[Module]) -> Iterator[str]:
    """Sentences with a place that has no value, and values whose name is taken."""
    functions = {function.name.lstrip("_"): function for module in modules for function in module.functions}
    for module in modules:
        for call in module.calls:
            name = name_of(call.func)
            if not _speaks(module, call) or any(item.arg is None for item in call.keywords):
                continue
            own = functions.get(name.lstrip("_"))
            given = {item.arg or "" for item in call.keywords} | set(arguments_of(own) if own else ())
            for template in _templates(call):
                for place in _places(template, has_values=bool(given - NOT_VALUES)) - given:
                    yield f"{module.file}:{call.lineno}: {{{place}}} of {template!r}"
            if name.endswith("Error") or name in {"text", "say"}:
                taken = RESERVED if name.endswith("Error") else {"template"}
                wrong = {item.arg for item in call.keywords} & taken - NOT_VALUES
                yield from (f"{module.file}:{call.lineno}: {it} is taken" for it in wrong if it)


def _speaks(module: Module, call: ast.Call) -> bool:
    if any(isinstance(argument, ast.Constant) and CODE.fullmatch(str(argument.value)) for argument in call.args):
        return True
    name = name_of(call.func)
    return isinstance(call.func, ast.Name) and (
        (name == "text" and imports(module.tree, name, OWN))
        or (name == "say" and imports(module.tree, name, "cellctl/cli/language.py"))
    )


def _templates(call: ast.Call) -> Iterator[str]:
    for argument in (*call.args, *(item.value for item in call.keywords if item.arg in {"do", "what"})):
        for part in (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def _places(template: str, *, has_values: bool) -> set[str]:
    """The named places; `{use: coater}` in a sentence without values is YAML."""
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError:
        return {"unpaired brace"} if has_values else set()
    return {name for _, name, spec, _ in parsed if name and (has_values or not (spec or "").startswith(" "))}


def test_every_place_has_its_value():
    """No error ends in a KeyError, and none shows its own braces."""
    assert list(missing(Walker.over([ROOT / "cellctl", ROOT / "sim" / "cellsim"], ROOT).modules)) == []


@pytest.mark.parametrize(
    "source",
    [
        'raise ConfigError("CELL-1001", "got {name}", where=place)',
        'raise ConfigError("CELL-1001", "got {name}", do="add {other}", name=name)',
        'raise ConfigError("CELL-1001", "one", do="two" if name else "add {name}", other=1)',
        'text("got {got!r}", value=1)',
        'raise ConfigError("CELL-1001", "got {x} {", x=1)',
        'raise ConfigError("CELL-1001", "got {x}", x=1, code=2)',
        'self._fail("CELL-1001", (), "got {name}", "correct it", key=True)',
    ],
)
def test_a_place_without_value_is_found(source):
    """The controls: each of these would fail, or show its braces, when it is raised."""
    head = "from cellctl.errors import ConfigError, text\n"
    assert len(list(missing([Module("piece.py", ast.parse(head + source))]))) == 1


@pytest.mark.parametrize(
    "source",
    [
        'raise ConfigError("CELL-1001", "add `{use: coater}`")',
        'raise ConfigError("CELL-1001", "got {name!r:.60}", name=name)',
        'raise ConfigError("CELL-1001", "got {name}", **values)',
        'def _fail(self, code, what, name):\n    pass\nself._fail("CELL-1001", "got {name}", "x")',
    ],
)
def test_a_place_with_its_value_is_not(source):
    """Nor YAML in a sentence that has no values."""
    head = "from cellctl.errors import ConfigError, text\n"
    assert list(missing([Module("piece.py", ast.parse(head + source))])) == []
