"""Builds plain data from YAML's events, one after the other, without recursion and without following an alias."""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml

from cellctl.config.source.nearest import shown
from cellctl.config.source.scalars import LONGEST_KEY, LONGEST_TEXT, resolve
from cellctl.config.source.text import foreign
from cellctl.errors import ConfigError, Text, Where, text

Loc = tuple[str | int, ...]

MAX_DEPTH = 64
"""No cell nests deeper than a dozen levels."""
MAX_VALUES = 12_000
"""Keys and values of one file: a cell of a thousand full lines stays below it."""
MAX_MISTAKES = 100
"""Of the form of one file; who made more will not read them in one go."""

_NOBODY = "\0"
"""No key begins with it."""
_NOT_TEXT = {bool: "true or false", int: "a number", float: "a number", type(None): "nothing"}


class _Open(NamedTuple):
    """A mapping or list that has begun and not ended."""

    container: Any
    loc: Loc
    is_list: bool


class Builder:
    """Takes the events of one file; afterwards it holds the data, all places, and the mistakes in single values."""

    def __init__(self, file: str, most: int = MAX_VALUES) -> None:
        self.data: Any = None
        self.values: dict[Loc, Where] = {}
        self.keys: dict[Loc, Where] = {}
        self.errors: list[ConfigError] = []
        self.lost: set[Loc] = set()
        self._file = file
        self._most = most
        self._open: list[_Open] = []
        self._key: str | None = None  # of the innermost mapping: what the next value belongs to
        self._skip = 0  # depth inside a key that is no scalar
        self._count = 0
        self._last: Any = None  # the plain scalar before, and the path of its value

    def take(self, event: Any) -> None:
        """One event. Raises ConfigError when a bound of the file is reached."""
        if isinstance(event, yaml.ScalarEvent):
            self._bound(event)
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._bound(event)
            self._start(event, is_list=isinstance(event, yaml.SequenceStartEvent))
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._document(event)

    def _bound(self, event: Any) -> None:
        self._count += 1
        if self._count > self._most:
            raise ConfigError("CELL-1005", "expected at most {limit} keys and values", where=self._where(event),
                              do="split the file", limit=self._most)  # fmt: skip

    def _document(self, event: Any) -> None:
        if () in self.values:
            raise ConfigError("CELL-1002", "expected one document, got a second", where=self._where(event),
                              do="remove the `---` line")  # fmt: skip

    def _scalar(self, event: Any) -> None:
        if self._skip:
            return
        if self._wants_key():
            self._take_key(event)
            return
        loc = self._place(event)
        if self._decorated(event, loc):
            self._put(None)
            return
        value: object = event.value
        if len(event.value) > LONGEST_TEXT:
            self._lose(loc, "CELL-1005", event, text("expected a value of at most {limit} characters, got {count}",
                       limit=LONGEST_TEXT, count=len(event.value)), "shorten it")  # fmt: skip
            value = None
        elif found := foreign(event.value):
            self._lose(loc, "CELL-1037", event, text("expected text, got the character U+{code:04X}", code=ord(found)),
                       "leave the escape out")  # fmt: skip
            value = None
        elif event.style is None or not event.style.strip():  # quoted or a block: text by intent
            value = self._plain(event, loc)
            self._last = (event, loc)
        self._put(value)

    def _plain(self, event: Any, loc: Loc) -> object:
        try:
            return resolve(event.value)
        except ValueError:
            self._lose(loc, "CELL-1038", event, text("expected a number that fits into 64 bits, got {got}",
                       got=shown(event.value)), "correct it, or quote it if it is text")  # fmt: skip
            return None

    def _start(self, event: Any, *, is_list: bool) -> None:
        if len(self._open) + self._skip >= MAX_DEPTH:
            raise ConfigError("CELL-1005", "expected at most {limit} levels", where=self._where(event),
                              do="flatten the file", limit=MAX_DEPTH)  # fmt: skip
        if self._skip or self._wants_key():
            if not self._skip:
                self._fail("CELL-1002", event, "expected a plain key", "use text as the key")
            self._skip += 1
            return
        loc = self._place(event)
        self._decorated(event, loc)
        before = self._before()  # of a key that stands twice: its parts are looked at together
        kind: type = list if is_list else dict
        container = before if type(before) is kind else kind()
        if container is not before:
            self._put(container)
        self._open.append(_Open(container, loc, is_list))
        self._key = None

    def _end(self) -> None:
        if self._skip:
            self._skip -= 1
            self._key = self._key if self._skip else self._nobody()
            return
        self._open.pop()
        self._key = None

    def _alias(self, event: Any) -> None:
        if self._skip:
            return
        if self._wants_key():
            self._key = self._nobody()
            self._fail("CELL-1004", event, "anchors and aliases are not supported", "write the key out")
            return
        loc = self._place(event)
        self._lose(loc, "CELL-1004", event, "anchors and aliases are not supported", "write the value out")
        self._put(None)

    def _wants_key(self) -> bool:
        return bool(self._open) and not self._open[-1].is_list and self._key is None

    def _take_key(self, event: Any) -> None:
        inside, key = self._open[-1], str(event.value)
        loc = (*inside.loc, key)
        if self._decimal_comma(event, inside):
            self._key = self._nobody()
            return
        why = self._refused(event, key)
        if why is not None:
            self._key = self._nobody()
            if key == "<<":  # what it would bring is missing, and that is no news
                self.lost.add(inside.loc)
            self._fail("CELL-1004" if key == "<<" else "CELL-1039", event, *why)
            return
        if event.style is None or not event.style.strip():
            self._must_be_text(event, key)
        if loc in self.keys:
            self._fail("CELL-1003", event, text("{key}: this key stands twice, first in line {line}", key=shown(key),
                       line=self.keys[loc].line), "remove one of the two, or join what they hold")  # fmt: skip
        self.keys.setdefault(loc, self._where(event))
        self._key = key

    def _decimal_comma(self, event: Any, inside: _Open) -> bool:
        """Whether a key is what stands behind a decimal comma: in `{gauge: 64,5 m}` it is `5 m`. It is reported."""
        number, loc = self._last or (None, ())
        if number is None or loc[:-1] != inside.loc or number.end_mark.line != event.start_mark.line:
            return False
        adjacent = number.end_mark.column + 1 == event.start_mark.column
        if not (adjacent and event.value[:1].isdigit() and number.value.lstrip("+-").isdigit()):
            return False
        what = text("expected a decimal point, got a comma in {got}", got=shown(f"{number.value},{event.value}"))
        self._lose(loc, "CELL-1038", number, what,
                   text("write {number}", number=f"{number.value}.{event.value}"))  # fmt: skip
        return True

    def _refused(self, event: Any, key: str) -> tuple[str | Text, str] | None:
        """Why a scalar cannot be a key, and what to do."""
        if event.anchor or event.tag:
            return "anchors and tags are not supported", "leave it out"
        if len(key) > LONGEST_KEY or foreign(key):
            wanted = "expected a key of printable text of at most {limit} characters"
            return text(wanted, limit=LONGEST_KEY), "use a short name"
        if event.style is not None and event.style.strip():
            return ("expected a key, got an empty one", "name it") if not key else None
        if key == "<<":
            return "merge keys are not supported", "write the keys out"
        return None

    def _must_be_text(self, event: Any, key: str) -> None:
        """Other YAML readers take an unquoted number or `true` for what it is; here it is named, and read as text."""
        try:
            value = resolve(key)
        except ValueError:
            value = 0
        if not isinstance(value, str):
            what = text("expected text as a key, got {kind} ({key})", kind=text(_NOT_TEXT[type(value)]), key=key)
            self._fail("CELL-1039", event, what, "name it, or write it in quotes if it is meant so")

    def _nobody(self) -> str:
        """A key under which nothing is kept: of what belongs to a refused key only the form is looked at."""
        return f"{_NOBODY}{len(self.errors)}"

    def _place(self, event: Any) -> Loc:
        """Path of the value that begins here, with its place noted."""
        if not self._open:
            loc: Loc = ()
        elif self._open[-1].is_list:
            loc = (*self._open[-1].loc, len(self._open[-1].container))
        else:
            loc = (*self._open[-1].loc, self._key or "")
        self.values.setdefault(loc, self._where(event))
        return loc

    def _before(self) -> Any:
        """What the key that is being read holds already, when it stands twice."""
        if not self._open or self._open[-1].is_list:
            return None
        return self._open[-1].container.get(self._key or "")

    def _put(self, value: Any) -> None:
        if not self._open:
            self.data = value
        elif self._open[-1].is_list:
            self._open[-1].container.append(value)
        else:
            if self._key is not None and not self._key.startswith(_NOBODY):
                self._open[-1].container.setdefault(self._key, value)  # of two values the first holds
            self._key = None

    def _decorated(self, event: Any, loc: Loc) -> bool:
        """Whether the value has an anchor or a tag, which is reported."""
        if event.anchor:
            self._lose(loc, "CELL-1004", event, "anchors and aliases are not supported", "write the value out")
        elif event.tag:
            tag = text(
                "tags are not supported, got {tag}", tag=shown(str(event.tag).replace("tag:yaml.org,2002:", "!!"))
            )
            self._lose(loc, "CELL-1004", event, tag, "remove the tag")
        return bool(event.anchor or event.tag)

    def _lose(self, loc: Loc, code: str, event: Any, what: str | Text, do: str | Text) -> None:
        self.lost.add(loc)
        self._fail(code, event, what, do)

    def _fail(self, code: str, event: Any, what: str | Text, do: str | Text) -> None:
        self.errors.append(ConfigError(code, what, where=self._where(event), do=do))
        if len(self.errors) >= MAX_MISTAKES:
            raise ConfigError("CELL-1005", "expected fewer than {limit} mistakes in the form of one file",
                              where=self._where(event), do="correct the first ones and check again",
                              limit=MAX_MISTAKES)  # fmt: skip

    def _where(self, event: Any) -> Where:
        return Where(self._file, event.start_mark.line + 1, event.start_mark.column + 1)
