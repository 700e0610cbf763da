"""The language that a command speaks: `--lang zh-CN` before or after its name, or the environment's.

The option becomes an environment variable, so that the processes which a command starts speak the same language.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from cellctl.texts.choice import LANGUAGES, VARIABLE, chosen, language_of

if TYPE_CHECKING:
    from cellctl.errors import CellError, Translate

OPTION = "--lang"


def take_option(arguments: list[str]) -> list[str]:
    """The arguments without `--lang NAME`; what stands behind `--` is the command's own."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept, rest = [], iter(arguments[:end])
    for argument in rest:
        name, equals, value = argument.partition("=")
        if name == OPTION:
            os.environ[VARIABLE] = (value if equals else next(rest, "")) or "nothing"
        else:
            kept.append(argument)
    return kept + arguments[end:]


def confirm() -> None:
    """ConfigError CELL-1014 when a language is asked for that there are no texts in."""
    from cellctl.errors import ConfigError  # noqa: PLC0415  # options are taken before anything is loaded

    name = os.environ.get(VARIABLE)
    if name and language_of(name) is None:
        raise ConfigError("CELL-1014", "expected a language that there are texts in, got {name!r}",
                          do="use one of: {known}, with --lang or {variable}", name=name, known=", ".join(LANGUAGES),
                          variable=VARIABLE)  # fmt: skip


def current() -> str:
    """The reader's language."""
    return chosen(os.environ)


def translate() -> Translate:
    """English template → the same in the reader's language."""
    from cellctl.texts.catalogue import translator  # noqa: PLC0415  # as above

    return translator(current())


def said(error: CellError) -> str:
    """An error in the reader's language."""
    return error.said(translate())


def say(template: str, /, **values: Any) -> str:
    """A sentence in the reader's language; `template` as for `cellctl.errors.text`."""
    from cellctl.errors import text  # noqa: PLC0415  # as above

    return text(template, **values).said(translate())
