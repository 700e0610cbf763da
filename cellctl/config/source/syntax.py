"""What the YAML parser says, in the words of someone who writes a configuration, at the place where they look."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from cellctl.config.source.builder import MAX_DEPTH
from cellctl.errors import ConfigError, Where, text


class _Said(NamedTuple):
    """What a problem of the parser means."""

    what: str
    do: str
    at_start: bool = False


_FORGOTTEN = "check indentation, colons and quotes on this line and the one above"
_PROBLEMS = {
    "mapping values are not allowed": _Said(
        "a second `: ` stands in one line", "quote the text that has the colon, or begin a new line"
    ),
    "could not find expected ':'": _Said(
        "expected a colon after the key", "write `key: value` with a blank behind the colon", at_start=True
    ),
    "found unexpected end of stream": _Said("this quote is not closed", "close the quote", at_start=True),
    "found unexpected document indicator": _Said("this quote is not closed", "close the quote", at_start=True),
    "found unknown escape character": _Said(
        "an unknown escape stands in double quotes", "use single quotes, or double the backslash"
    ),
    "did not find expected key": _Said(
        "expected a key of the section above", "give this line the indentation of the lines above, or close the quote"
    ),
    "did not find expected '-' indicator": _Said(
        "expected another item of the list", "begin the line with `- `, or indent it like the key of the list"
    ),
    "block sequence entries are not allowed": _Said(
        "a list cannot begin here", "begin the list on a new line, or quote the text that begins with `-`"
    ),
    "did not find expected node content": _Said("expected a value", "write the value, or remove the comma before it"),
    "found a tab character": _Said("expected blanks, got a tab", "indent with blanks"),
    "did not find expected <document start>": _Said(
        "expected a key, got text behind the end of the value", "write `key: value`, one on each line"
    ),
    "found unexpected ':'": _Said("a value cannot begin with `:`", "write `key: value`, or quote the value"),
    "block mapping": _Said("a key cannot begin here", "begin the key on a new line"),
}  # fmt: skip
_MEANT = {"：": "`:`", "，": "`,`", "\u00a0": "a blank", "\u3000": "a blank"}
"""Character that an input method writes → what YAML reads."""
_QUOTED_LINES = 20
"""Lines above an error in which an open quote is looked for."""
_KEY = r"[\"']?[\w.{}-]+[\"']?"
_LOOK_ALIKES = (
    re.compile(rf"^ *(?:- )?{_KEY}(：)"), re.compile(rf"[{{,] *{_KEY}(：)"), re.compile(rf"(，) *{_KEY}:"),
    re.compile(r"^[^#\"']*:([\u00a0\u3000])"), re.compile(r"^ *([\u00a0\u3000])"),
)  # fmt: skip
"""Where such a character is not part of a text, but stands for a sign of YAML."""
_BRACKETS = {"did not find expected ',' or ']'": "]", "did not find expected ',' or '}'": "}"}


def syntax_error(error: Any, source: str, file: str) -> ConfigError:
    """The parser's error as a ConfigError CELL-1002 with line and column."""
    problem = str(error.problem or "")
    mark = error.problem_mark or error.context_mark
    start = error.context_mark or mark
    if mark is None:
        return ConfigError("CELL-1002", "not valid YAML: {problem}", where=Where(file, 1, 1), do=_FORGOTTEN,
                           problem=problem)  # fmt: skip
    if problem == "exceeded maximum nesting depth":
        return ConfigError("CELL-1005", "expected at most {limit} levels", where=_where(file, mark),
                           do="flatten the file", limit=MAX_DEPTH)  # fmt: skip
    lines = source.split("\n")
    return _look_alike(mark, start, lines, file) or _said(problem, mark, start, lines, file)


def _said(problem: str, mark: Any, start: Any, lines: list[str], file: str) -> ConfigError:
    if problem in _BRACKETS:
        return _unclosed(_BRACKETS[problem], mark, start, lines, file)
    if problem == "found character that cannot start any token":
        return _no_start(_character(lines, mark), _where(file, mark))
    if problem.startswith("mapping values are not allowed") and (key := _key_above(lines, mark)) is not None:
        return ConfigError("CELL-1002", "expected a colon after the key", where=Where(file, *key),
                           do="write `key: value` with a blank behind the colon")  # fmt: skip
    if problem.startswith("did not find expected key") and (quote := _open_quote(lines, mark.line)) is not None:
        return ConfigError("CELL-1002", "this quote is not closed", where=Where(file, *quote), do="close the quote")
    for known, said in _PROBLEMS.items():
        if problem.startswith(known):
            where = _where(file, start if said.at_start else mark)
            return ConfigError("CELL-1002", said.what, where=where, do=said.do)
    return ConfigError("CELL-1002", "not valid YAML: {problem}", where=_where(file, mark), do=_FORGOTTEN,
                       problem=problem)  # fmt: skip


def _look_alike(mark: Any, start: Any, lines: list[str], file: str) -> ConfigError | None:
    """A character of another keyboard that looks like the one meant, on the lines where the parser stumbles."""
    above = next((number for number in range(mark.line - 1, -1, -1) if lines[number].split("#")[0].strip()), mark.line)
    for number in sorted({start.line, above, mark.line}):
        line = lines[number] if number < len(lines) else ""
        found = next((it for form in _LOOK_ALIKES if (it := form.search(line)) is not None), None)
        if found is not None:
            character = found[1]
            return ConfigError("CELL-1002", "expected {meant}, got the character U+{point:04X} ({character})",
                               where=Where(file, number + 1, found.start(1) + 1),
                               do="write the character of the Latin keyboard", point=ord(character),
                               meant=text(_MEANT[character]), character=character)  # fmt: skip
    return None


def _unclosed(bracket: str, mark: Any, start: Any, lines: list[str], file: str) -> ConfigError:
    """Inside the brackets the place is the parser's; when the text has moved on, it is the bracket that opens them."""
    moved_on = mark.line >= len(lines) or _indent(lines, mark.line) <= _indent(lines, start.line)
    if mark.line != start.line and moved_on:
        if (hidden := _hidden_by_comment(bracket, start, lines)) is not None:
            return ConfigError("CELL-1002", "everything behind this # is a comment, and so is the `{bracket}`",
                               where=Where(file, start.line + 1, hidden + 1), bracket=bracket,
                               do="quote the text that begins with #, or close the bracket before it")  # fmt: skip
        opened = lines[start.line].split(" #")[0]
        if opened.count('"') % 2 == 1:
            return ConfigError("CELL-1002", "this quote is not closed", do="close the quote",
                               where=Where(file, start.line + 1, opened.rindex('"') + 1))  # fmt: skip
        return ConfigError("CELL-1002", "this bracket is not closed", where=_where(file, start),
                           do="close it with `{bracket}`", bracket=bracket)  # fmt: skip
    return ConfigError("CELL-1002", "expected `,` or `{bracket}`", where=_where(file, mark),
                       do="add it, or quote the text that has a comma, a colon or a bracket",
                       bracket=bracket)  # fmt: skip


def _hidden_by_comment(bracket: str, start: Any, lines: list[str]) -> int | None:
    """Column of the # on the line of an open bracket that hides the closing one."""
    line = lines[start.line]
    column = line.find(" #", start.column) + 1
    comment, opening = line[column:], {"}": "{", "]": "["}[bracket]
    return column if column and comment.count(bracket) > comment.count(opening) else None


def _no_start(character: str, where: Where) -> ConfigError:
    if character == "\t":
        return ConfigError("CELL-1002", "expected blanks, got a tab", where=where, do="indent with blanks")
    return ConfigError("CELL-1002", "a value cannot begin with {character}", where=where, do="quote the value",
                       character=repr(character))  # fmt: skip


def _key_above(lines: list[str], mark: Any) -> tuple[int, int] | None:
    """Place of the text above that has no colon with a blank, when the colon at the mark is the first of its line."""
    before = lines[mark.line][: mark.column] if mark.line < len(lines) else ""
    if ":" in before or "{" in before or "[" in before:
        return None
    for number in range(mark.line - 1, -1, -1):
        line = lines[number].split(" #")[0].strip()
        if line and not line.startswith("#"):
            return None if ": " in line or line.endswith(":") else (number + 1, _indent(lines, number) + 1)
    return None


def _open_quote(lines: list[str], stumbled: int) -> tuple[int, int] | None:
    """Place of a quote that was forgotten to close: the parser stumbles where the next one closes it."""
    for number in range(min(stumbled, len(lines)) - 1, max(stumbled - _QUOTED_LINES, -1), -1):
        line = lines[number].split(" #")[0]
        if line.count('"') % 2 == 1 and '"' in "".join(lines[number + 1 : stumbled + 1]):
            return number + 1, line.rindex('"') + 1
    return None


def _character(lines: list[str], mark: Any) -> str:
    line = lines[mark.line] if mark.line < len(lines) else ""
    return line[mark.column : mark.column + 1]


def _indent(lines: list[str], number: int) -> int:
    line = lines[number] if number < len(lines) else ""
    return len(line) - len(line.lstrip())


def _where(file: str, mark: Any) -> Where:
    return Where(file, mark.line + 1, mark.column + 1)
