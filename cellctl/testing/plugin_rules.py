"""`check_plugin`: does a plugin keep the rules of the sdk? One call in its tests is enough."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from cellctl.config.resolved import ResolvedCell
from cellctl.model.frame import Frame
from cellctl.model.message import Message
from cellctl.model.waveform import Waveform
from cellctl.sdk.plugin import Pixels, Plugin, Samples
from cellctl.testing.breaches import PATIENCE_S, Findings, Stuck, attempt
from cellctl.testing.examples import bare_cell, examples
from cellctl.testing.harness import Harness
from cellctl.testing.settings_rules import check_settings
from cellctl.testing.watch import watched

PLUGIN_RULES = {
    "class": "it derives from cellctl.sdk.Plugin and says in a docstring what it does",
    "ports": "it has ports, each for one type of message, and every input has one handler that takes the message",
    "settings": "they are frozen, refuse unknown keys, explain every key, and survive JSON",
    "runs": "it starts, takes messages and ticks, and stops, without an exception",
    "deterministic": "the same messages twice lead to the same messages sent: no wall clock, no unseeded randomness",
    "does not block": "no handler sleeps, opens a socket, starts a process or a thread, or fails to return",
    "messages": "what it sends is of the output's type, survives the journey, and does not change afterwards",
}
"""Rule → what it demands."""
Fed = Sequence[tuple[str, Message]]
TICK_S = 0.1
"""Virtual time between two messages."""
GREY = 128


def check_plugin(
    plugin: type[Plugin],
    settings: dict[str, Any] | None = None,
    *,
    messages: Fed | None = None,
    pixels: Mapping[int, Pixels] | None = None,
    samples: Mapping[int, Samples] | None = None,
    cell: ResolvedCell | None = None,
    patience_s: float = PATIENCE_S,
) -> None:
    """Raise NotConforming with every rule of `PLUGIN_RULES` that a plugin breaks.

    ```python
    def test_it_keeps_the_rules_of_the_sdk():
        check_plugin(SpeedWatch, {"limit": "1 m/s"})
    ```

    Args:
        plugin: the class.
        settings: as in the YAML.
        messages: (input, message) in order; three examples for every input without it.
        pixels: frame id → pixels of the frames among them, shape (rows, columns); grey without it.
        samples: window id → samples of the windows among them, shape (samples,), float32; noise without it.
        cell: the configuration that the plugin sees; an empty one without it.
        patience_s: a call that takes longer counts as stuck.
    """
    findings = Findings(getattr(plugin, "__name__", repr(plugin)))
    if not _is_plugin(plugin, findings):
        findings.conclude()
    readable = check_settings(plugin.Settings, settings or {}, findings)
    if _check_ports(plugin, findings) and readable is not None:
        fed = messages if messages is not None else _examples(plugin)
        trial = _Trial(plugin, settings or {}, cell or bare_cell(), _Shown(fed, pixels or {}, samples or {}))
        _check_runs(trial, findings, patience_s)
    findings.conclude()


def _is_plugin(plugin: Any, findings: Findings) -> bool:
    if not (isinstance(plugin, type) and issubclass(plugin, Plugin)):
        findings.add("class", f"{plugin!r} does not derive from cellctl.sdk.Plugin")
        return False
    if not (plugin.__doc__ or "").strip():
        findings.add("class", "it has no docstring; `cellctl describe` shows its first line")
    return True


def _check_ports(plugin: type[Plugin], findings: Findings) -> bool:
    """Whether every port can be used; the harness needs that much."""
    before = len(findings.breaches)
    ports: dict[str, Any] = {**plugin.inputs(), **plugin.outputs()}
    if not ports:
        findings.add("ports", "it has none: declare Input or Output in the class")
    for name, port in ports.items():
        if not (isinstance(port.message, type) and issubclass(port.message, Message)):
            findings.add("ports", f"{name} is for {port.message!r}, which is no message")
    with findings.guarded("ports", "binding its handlers"):
        handlers = plugin.handlers(plugin.__new__(plugin))
        for name, handler in handlers.items():
            if not _takes_one(handler):
                findings.add("ports", f"the handler of {name} does not take exactly one message")
    return len(findings.breaches) == before


def _takes_one(handler: Any) -> bool:
    try:
        inspect.signature(handler).bind(None)
    except TypeError:
        return False
    return True


def _examples(plugin: type[Plugin]) -> list[tuple[str, Message]]:
    """Three messages for each input, the inputs in turn."""
    ports = {name: examples(port.message) for name, port in plugin.inputs().items()}
    return [(name, made[number]) for number in range(3) for name, made in ports.items()]


class _Shown(NamedTuple):
    """Messages, and what the frames and windows among them show."""

    fed: Fed
    pixels: Mapping[int, Pixels]
    samples: Mapping[int, Samples]


class _Trial:
    """One plugin and what it is fed; every `run` begins anew."""

    def __init__(self, plugin: type[Plugin], settings: dict[str, Any], cell: ResolvedCell, shown: _Shown) -> None:
        self._plugin, self._settings, self._cell = plugin, settings, cell
        self._fed, self._pixels, self._samples = shown

    def run(self) -> tuple[dict[str, list[Any]], dict[str, list[bytes]]]:
        """Output → messages sent, and output → the same as they were when they were sent."""
        with Harness(self._plugin, self._settings, cell=self._cell) as harness:
            encoded: dict[str, list[bytes]] = {name: [] for name in self._plugin.outputs()}
            for port, message in self._fed:
                if isinstance(message, Frame):
                    harness.frame_pixels[message.frame_id] = self._pixels_of(message)
                if isinstance(message, Waveform):
                    harness.window_samples[message.window_id] = self._samples_of(message)
                harness.clock.advance(TICK_S)
                harness.feed(port, message)
                harness.tick()
                self._copy(harness, encoded)
            sent = {name: harness.sent(name) for name in encoded}
        self._copy(harness, encoded)
        return sent, encoded

    def _pixels_of(self, frame: Frame) -> Pixels:
        given = self._pixels.get(frame.frame_id)
        shown = np.full((frame.rows, frame.columns), GREY, np.uint8) if given is None else given.copy()
        shown.flags.writeable = False  # as a plugin borrows them from the host
        return shown

    def _samples_of(self, window: Waveform) -> Samples:
        given = self._samples.get(window.window_id)
        noise = np.random.default_rng(window.window_id).standard_normal(window.samples, np.float32)
        heard = noise if given is None else given.copy()
        heard.flags.writeable = False
        return heard

    @property
    def home(self) -> str:
        """Top-level package of the plugin."""
        return self._plugin.__module__.partition(".")[0]

    def message_type(self, output: str) -> type[Message]:
        """What an output is declared for."""
        kind: type[Message] = self._plugin.outputs()[output].message
        return kind

    @staticmethod
    def _copy(harness: Harness, encoded: dict[str, list[bytes]]) -> None:
        for name, copies in encoded.items():
            copies += [_encoded(message) for message in harness.sent(name)[len(copies) :]]


def _check_runs(trial: _Trial, findings: Findings, patience_s: float) -> None:
    first, second = (attempt(watched, trial.home, trial.run, patience_s=patience_s) for _ in range(2))
    for outcome in (first, second):
        if isinstance(outcome.error, Stuck):
            findings.add("does not block", f"a handler {outcome.error}")
        elif outcome.error is not None:
            findings.add("runs", f"it raised {outcome.words}")
    if first.error is not None or second.error is not None:
        return
    (sent, encoded), did = first.value
    (_, encoded_again), _ = second.value
    for what in did.blocking:
        findings.add("does not block", f"it {what} while the host waits")
    for what in did.clocks:
        findings.add("deterministic", f"it reads the machine's clock ({what}); self.clock is the host's")
    for name, copies in encoded.items():
        if copies != encoded_again[name]:
            findings.add("deterministic", f"{name}: a second run with the same messages sent something else")
        _check_sent(name, sent[name], copies, trial.message_type(name), findings)


def _check_sent(name: str, sent: list[Any], copies: list[bytes], kind: type[Message], findings: Findings) -> None:
    """What went out of one output, and the same as it was encoded when it was sent."""
    for message, copy in zip(sent, copies, strict=True):
        if type(message) is not kind:
            findings.add("messages", f"{name}: {type(message).__name__} was sent where {kind.__name__} is declared")
        elif not copy:
            findings.add("messages", f"{name}: it cannot be encoded; send numbers, texts and tuples, no arrays")
        elif _encoded(message) != copy:
            findings.add("messages", f"{name}: a message was changed after it was sent")
        elif not _survives(copy, message):
            findings.add("messages", f"{name}: it is not the same after the journey to another process")


def _encoded(message: Any) -> bytes:
    """As it travels; empty for what cannot."""
    try:
        return msgspec.msgpack.encode(message)
    except (TypeError, ValueError, OverflowError):
        return b""


def _survives(copy: bytes, message: Message) -> bool:
    try:
        return msgspec.msgpack.encode(msgspec.msgpack.decode(copy, type=type(message))) == copy
    except msgspec.MsgspecError:
        return False
