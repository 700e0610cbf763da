"""The one base class of processing plugins: pure handlers that see a message and send messages."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from cellctl.clock import Clock
from cellctl.config.resolved import ResolvedCell
from cellctl.errors import PluginError
from cellctl.model.frame import Frame
from cellctl.model.waveform import Waveform
from cellctl.sdk.ports import INPUT_MARK, PERIOD_MARK, Input, Output, Sender

Pixels = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.float32]


class PluginSettings(BaseModel):
    """Base of a plugin's settings: frozen, strict about unknown keys; the YAML schema is made from it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Keeping(StrEnum):
    """How safely a host wants to be kept what its plugins put on record."""

    DISK = "disk"
    """In the run folder, on disk before it counts."""
    FILES = "files"
    """In the run folder, unsynced: the run can be repeated."""
    MEMORY = "memory"
    """Nowhere but in memory; there is no run folder."""


class Context(Protocol):
    """What a host gives to a plugin; `cellctl.runtime` and `cellctl.testing` implement it."""

    @property
    def name(self) -> str:
        """Name of the plugin in the cell."""
        ...

    @property
    def clock(self) -> Clock:
        """The host's clock."""
        ...

    @property
    def rng(self) -> random.Random:
        """Seeded randomness."""
        ...

    @property
    def cell(self) -> ResolvedCell:
        """The resolved configuration."""
        ...

    @property
    def run_dir(self) -> Path:
        """The folder of this run."""
        ...

    @property
    def keeping(self) -> Keeping:
        """How safely evidence must be kept."""
        ...

    def sender(self, port: str) -> Sender[Any]:
        """The sender behind an output."""
        ...

    def pixels(self, frame: Frame) -> AbstractContextManager[Pixels]:
        """Borrow a frame's pixels (see `Plugin.pixels`)."""
        ...

    def samples(self, waveform: Waveform) -> AbstractContextManager[Samples]:
        """Borrow a window's samples (see `Plugin.samples`)."""
        ...


class Plugin:
    """Derive from it, declare `Settings`, inputs, outputs and handlers.

    A handler opens no socket, starts no thread, reads no wall clock and never sleeps. `send` never blocks.
    The same class runs in every host: live, lockstep and replay.
    """

    Settings: ClassVar[type[PluginSettings]] = PluginSettings

    def __init__(self, settings: PluginSettings, context: Context) -> None:
        self.settings: Any = settings
        self.context = context

    @property
    def name(self) -> str:
        """Name of this instance in the cell."""
        return self.context.name

    @property
    def clock(self) -> Clock:
        """The host's clock; virtual in lockstep."""
        return self.context.clock

    @property
    def rng(self) -> random.Random:
        """Randomness seeded by the cell's seed and this plugin's name."""
        return self.context.rng

    @property
    def cell(self) -> ResolvedCell:
        """The resolved configuration of the whole cell, read only."""
        return self.context.cell

    def pixels(self, frame: Frame) -> AbstractContextManager[Pixels]:
        """Borrow the pixels of `frame` as a read-only array of shape (rows, columns), uint8.

        The array is valid inside the `with` block only. Raises `EvidenceError` (CELL-4001) on entry when
        generation or CRC-32C show that the content is not what the camera driver wrote.
        """
        return self.context.pixels(frame)

    def samples(self, waveform: Waveform) -> AbstractContextManager[Samples]:
        """Borrow the samples of `waveform` as a read-only array of `waveform.samples` values, float32.

        The array is valid inside the `with` block only. Raises `EvidenceError` (CELL-4001) on entry when
        generation or CRC-32C show that the content is not what the driver wrote.
        """
        return self.context.samples(waveform)

    @classmethod
    def check(cls, settings: Any, cell: ResolvedCell) -> None:
        """Look at what the settings name (a model, a table) before the cell runs; ConfigError says what is wrong."""

    @classmethod
    def reports(cls, settings: Any, cell: ResolvedCell) -> frozenset[str] | None:  # noqa: ARG003  # for those that know
        """Classes that it can report with these settings; None when it cannot say. The check asks inspectors."""
        return None

    def start(self) -> None:
        """Called once, after the ports are connected and before the first message."""

    def stop(self) -> None:
        """Called once, after the last message; outputs still work."""

    @classmethod
    def inputs(cls) -> dict[str, Input[Any]]:
        """Declared inputs by name."""
        return {port.name: port for port in _declared(cls, Input)}

    @classmethod
    def outputs(cls) -> dict[str, Output[Any]]:
        """Declared outputs by name."""
        return {port.name: port for port in _declared(cls, Output)}

    def handlers(self) -> dict[str, Callable[[Any], None]]:
        """Input name → bound handler; every input must have exactly one."""
        found: dict[str, Callable[[Any], None]] = {}
        for method, mark in self._marked(INPUT_MARK):
            if mark.name in found:
                raise PluginError(
                    "CELL-3002",
                    "{plugin}: two handlers for input {input!r}",
                    plugin=type(self).__name__,
                    input=mark.name,
                )
            found[mark.name] = method
        for name in self.inputs():
            if name not in found:
                raise PluginError(
                    "CELL-3003",
                    "{plugin}: input {name!r} has no handler",
                    do="mark a method with @on({name})",
                    plugin=type(self).__name__,
                    name=name,
                )
        return found

    def timers(self) -> list[tuple[float, Callable[[], None]]]:
        """(period in seconds, bound method) of every `@every` method."""
        return [(period, method) for method, period in self._marked(PERIOD_MARK)]

    def _marked(self, mark: str) -> list[tuple[Callable[..., None], Any]]:
        found = []
        for name in dir(type(self)):
            value = getattr(getattr(type(self), name, None), mark, None)
            if value is not None:
                found.append((getattr(self, name), value))
        return found


def _declared(cls: type, kind: type) -> list[Any]:
    """Ports of one kind over the class hierarchy, in order of declaration."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        found |= {name: value for name, value in vars(base).items() if isinstance(value, kind)}
    return list(found.values())
