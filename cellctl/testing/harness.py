"""Runs one plugin in memory: feed messages, look at what it sent."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from cellctl.config.resolved import ResolvedCell
from cellctl.model.frame import Frame
from cellctl.model.message import Message
from cellctl.model.waveform import Waveform
from cellctl.sdk.plugin import Keeping, Pixels, Plugin, Samples
from cellctl.testing.clock import VirtualClock


class _Outbox:
    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send(self, message: Any) -> None:
        self.sent.append(message)


class Harness:
    """A host for one plugin with a virtual clock.

    ```python
    with Harness(EdgeInspector, {"threshold": 0.4}, cell=bare_cell()) as harness:
        harness.frame_pixels[7] = array                 # pixels of frame 7, shape (rows, columns)
        harness.feed("frames", example(Frame, frame_id=7))
        assert harness.sent("inspections") == [...]
    ```
    """

    def __init__(
        self,
        plugin: type[Plugin],
        settings: dict[str, Any] | None = None,
        *,
        cell: ResolvedCell,
        name: str = "plugin",
        seed: int = 0,
    ) -> None:
        self.name = name
        self.clock = VirtualClock()
        self.rng = random.Random(seed)
        self.cell = cell
        self._folder = tempfile.TemporaryDirectory(prefix="cellctl-harness-")
        self.run_dir = Path(self._folder.name)
        self.keeping = Keeping.DISK
        self.frame_pixels: dict[int, Pixels] = {}
        self.window_samples: dict[int, Samples] = {}
        self._outboxes = {port: _Outbox() for port in plugin.outputs()}
        try:
            self.plugin = plugin(plugin.Settings.model_validate(settings or {}), self)
            self._handlers = self.plugin.handlers()
            self._timers = self.plugin.timers()
            self.plugin.start()
        except BaseException:
            self._folder.cleanup()
            raise

    def sender(self, port: str) -> _Outbox:
        """The outbox behind an output."""
        return self._outboxes[port]

    @contextmanager
    def pixels(self, frame: Frame) -> Iterator[Pixels]:
        """Pixels of a frame, as put into `frame_pixels`."""
        yield self.frame_pixels[frame.frame_id]

    @contextmanager
    def samples(self, waveform: Waveform) -> Iterator[Samples]:
        """Samples of a window, as put into `window_samples`."""
        yield self.window_samples[waveform.window_id]

    def feed(self, port: str, message: Message) -> None:
        """Hand one message to the handler of an input."""
        self._handlers[port](message)

    def tick(self) -> None:
        """Call every `@every` method once."""
        for _, method in self._timers:
            method()

    def sent(self, port: str) -> list[Any]:
        """Everything sent on an output so far."""
        return self._outboxes[port].sent

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the plugin and remove its run folder."""
        self.plugin.stop()
        self._folder.cleanup()
