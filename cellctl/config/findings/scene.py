"""What a finding may look at, and how it is reported: places and templates, never a file or a clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from cellctl.config.checking.validation import dotted
from cellctl.config.resolved import Loop, ResolvedCell
from cellctl.config.sections.cell import CellConfig
from cellctl.config.sections.stage_times import StageTimes
from cellctl.config.source.document import Document, Loc
from cellctl.errors import ConfigError, Text, text


class Surroundings(NamedTuple):
    """What a check takes from the machine it runs on.

    Attributes:
        today: the day that waivers are held against.
        free_bytes: free space where runs are written.
        place: that place, in words.
        host: name of this machine.
        versions: distribution → installed version, of what the cell runs on.
    """

    today: date
    free_bytes: int
    place: str
    host: str
    versions: Mapping[str, str]


class Storage(NamedTuple):
    """What must be kept: bytes over the contracted time, and what that is reckoned from, in words."""

    needed_bytes: float
    basis: Text


class Worker(NamedTuple):
    """A device or plugin as its neighbours see it.

    Attributes:
        name: as in the configuration.
        use: its driver or plugin.
        takes: types of message that it listens to.
        gives: types of message that it sends.
        hears: names of those it is linked from.
        heard_by: names of those it is linked to; faces and the supervisor do not count.
        reports: classes that it can report; None when it does not say.
        keeps_every: it keeps every n-th whole frame; 0 for none.
        rate_hz: samples or frames per second that its settings state; 0 when they do not.
        is_waveform: a device that gives waveforms.
        frame_m: length of web in one of its frames; 0 when it is not known before it is opened.
        is_own: every cell has it, whether it is listed or not.
    """

    name: str
    use: str
    takes: frozenset[str]
    gives: frozenset[str]
    hears: frozenset[str] = frozenset()
    heard_by: frozenset[str] = frozenset()
    reports: frozenset[str] | None = None
    keeps_every: int = 0
    rate_hz: float = 0.0
    is_waveform: bool = False
    frame_m: float = 0.0
    is_own: bool = False


class Finding(NamedTuple):
    """One finding: its code, the dotted place it is about, and the error that it is unless it is waived."""

    code: str
    path: str
    error: ConfigError


class Scene(NamedTuple):
    """One cell, ready to be looked at.

    Attributes:
        document: the file, for places.
        config: its sections as written.
        cell: what they were resolved to.
        plugins: name → plugin.
        devices: name → device.
        around: the machine.
        conflict: why one loop may not act while the other's correction has no verdict; empty when it may.
        times: measured stage times, when the file names some.
        storage: what the contract keeps, when there is one.
        found: what was reported so far.
        notes: remarks that are no mistakes.
    """

    document: Document
    config: CellConfig
    cell: ResolvedCell
    plugins: Mapping[str, Worker]
    devices: Mapping[str, Worker]
    around: Surroundings
    conflict: Callable[[Loop, Loop], str]
    times: StageTimes | None
    storage: Storage | None
    found: list[Finding]
    notes: list[Text]

    def report(
        self, code: str, loc: Loc, what: str, do: str, *, key: bool = False, nearest: str = "", **values: Any
    ) -> None:
        """Report a finding at a place; `what` and `do` are templates, with `key` the place is the key's."""
        where = self.document.where_key(loc) if key else self.document.where(loc)
        path = dotted(loc)
        error = ConfigError(code, "{path}: {sentence}", where=where, do=text(do, **values), nearest=nearest,
                            path=path, sentence=text(what, **values))  # fmt: skip
        if all(str(error) != str(other.error) for other in self.found):  # both sides of a `{side}` say the same
            self.found.append(Finding(code, path, error))
