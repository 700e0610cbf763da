"""What a conformance suite found: every broken rule with its reason, all at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from cellctl.errors import PluginError

PATIENCE_S = 10.0
"""A call that has not returned by then counts as stuck; a handler takes milliseconds."""


class Breach(NamedTuple):
    """One broken rule.

    Attributes:
        rule: its name, for example `settings`.
        text: what was seen.
    """

    rule: str
    text: str


class NotConforming(PluginError):
    """A plugin or driver breaks rules of the sdk (CELL-3040); `breaches` lists them."""

    def __init__(self, subject: str, breaches: list[Breach]) -> None:
        lines = "".join(f"\n  {breach.rule}: {breach.text}" for breach in breaches)
        what = "{subject} breaks {count} rules of the sdk:{lines}"
        do = "correct them in this order"
        super().__init__("CELL-3040", what, do=do, subject=subject, count=len(breaches), lines=lines)
        self.breaches = breaches


class Findings:
    """Collects breaches, and turns them into one error at the end."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.breaches: list[Breach] = []

    def add(self, rule: str, text: str) -> None:
        """Note a broken rule; the same finding twice is one."""
        breach = Breach(rule, text)
        if breach not in self.breaches:
            self.breaches.append(breach)

    def conclude(self) -> None:
        """Raise NotConforming when there is anything to say."""
        if self.breaches:
            raise NotConforming(self.subject, self.breaches)

    @contextmanager
    def guarded(self, rule: str, doing: str) -> Iterator[None]:
        """Whatever is raised inside is a breach of `rule`."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the finding
            self.add(rule, f"{doing} raised {type(error).__name__}: {error}")


class Stuck(Exception):
    """A call did not return."""


class Outcome(NamedTuple):
    """What a call came to: a value, or what it raised."""

    value: Any
    error: BaseException | None

    @property
    def words(self) -> str:
        """What was raised, for a finding."""
        return f"{type(self.error).__name__}: {self.error}"


def attempt(function: Callable[..., Any], *arguments: Any, patience_s: float = PATIENCE_S) -> Outcome:
    """Call in a thread of its own, so that a call that never returns can be told: its outcome is then `Stuck`."""
    box: list[Outcome] = []

    def run() -> None:
        try:
            box.append(Outcome(function(*arguments), None))
        except BaseException as error:  # noqa: BLE001  # whatever it is, sys.exit too, the caller judges it
            box.append(Outcome(None, error))

    thread = threading.Thread(target=run, daemon=True, name="cellctl-conformance")
    thread.start()
    thread.join(patience_s)
    return box[0] if box else Outcome(None, Stuck(f"did not return within {patience_s:g} s"))
