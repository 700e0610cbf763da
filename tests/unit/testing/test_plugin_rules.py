"""`check_plugin` passes what keeps the rules, and each rule has a plugin that breaks it alone."""

import logging
import random
import socket
import subprocess
import threading
import time
from datetime import UTC, date, datetime

import numpy as np
import pytest
from pydantic import BaseModel, Field

from cellctl.builtin import MODELS
from cellctl.builtin.evidence_recorder import EvidenceRecorder
from cellctl.builtin.quality_loop import QualityLoop
from cellctl.builtin.web_inspector import WebInspector
from cellctl.config.resolved import Recipe
from cellctl.model import Alarm, Frame, Inspection, Waveform
from cellctl.sdk import Input, Output, Plugin, PluginSettings, on
from cellctl.testing import PLUGIN_RULES, NotConforming, bare_cell, check_plugin, example


class Good(Plugin):
    """Says again what it hears."""

    class Settings(PluginSettings):
        """How it speaks."""

        suffix: str = Field("!", description="what it adds")

    heard = Input(Alarm)
    said = Output(Alarm)

    @on(heard)
    def hear(self, message):
        """Say it again."""
        self.said.send(example(Alarm, text=self.words(message)))

    def words(self, message):
        """What is said."""
        return message.text + self.settings.suffix


def broken(plugin, settings=None, **more):
    """The rules that a plugin breaks."""
    with pytest.raises(NotConforming) as caught:
        check_plugin(plugin, settings, **more)
    assert {breach.rule for breach in caught.value.breaches} <= set(PLUGIN_RULES)
    return {breach.rule for breach in caught.value.breaches}


def worded(make):
    """A plugin like the good one, whose words come from elsewhere."""

    class Worded(Good):
        """Says something else."""

        def words(self, message):
            return make(message)

    return Worded


def test_a_good_plugin_passes():
    """No finding, with and without messages of its own."""
    check_plugin(Good)
    check_plugin(Good, {"suffix": "?"}, messages=[("heard", example(Alarm, text="hello"))])


@pytest.mark.parametrize("plugin", [QualityLoop, EvidenceRecorder, WebInspector])
def test_the_plugins_that_ship_pass(plugin):
    """What we ask of others we keep."""
    check_plugin(plugin, cell=bare_cell(recipe=Recipe("P", 1.0, str(MODELS / "coating.onnx"), "")))


def test_no_plugin():
    """A class that does not derive from Plugin is named."""
    assert broken(dict) == {"class"}


def test_no_docstring():
    """Nobody could be told what it does."""

    class Mute(Good):
        pass

    Mute.__doc__ = None
    assert broken(Mute) == {"class"}


def test_no_ports():
    """It could neither hear nor say anything."""

    class Closed(Plugin):
        """Does nothing."""

    assert broken(Closed) == {"ports"}


def test_an_input_without_a_handler():
    """It would never be heard."""

    class Deaf(Plugin):
        """Hears nothing."""

        heard = Input(Alarm)

    assert broken(Deaf) == {"ports"}


def test_a_port_for_no_message():
    """Only messages travel."""

    class Odd(Plugin):
        """Sends texts."""

        said = Output(str)  # type: ignore[type-var]  # the point of it

    assert broken(Odd) == {"ports"}


def test_a_handler_without_a_parameter():
    """It is handed the message."""

    class Short(Plugin):
        """Takes nothing."""

        heard = Input(Alarm)

        @on(heard)
        def hear(self):
            """Take nothing."""

    assert broken(Short) == {"ports"}


class Loose(BaseModel):
    """Neither frozen nor strict nor explained."""

    suffix: str = "!"


class Lossy(PluginSettings):
    """Another value after its journey."""

    suffix: str = Field("!", description="what it adds", exclude=True)


@pytest.mark.parametrize(("kind", "count"), [(Loose, 3), (Lossy, 1), (int, 1)])
def test_settings_that_break_the_rules(kind, count):
    """Each of frozen, strict and explained is a finding, and so is a value that does not survive JSON."""
    plugin = type("Set", (Good,), {"Settings": kind, "__doc__": "Is set."})
    with pytest.raises(NotConforming) as caught:
        check_plugin(plugin, {"suffix": "?"})
    assert [breach.rule for breach in caught.value.breaches] == ["settings"] * count


def test_settings_that_cannot_be_read():
    """A slip in the test's own settings is a finding, not a traceback."""
    assert broken(Good, {"sufix": "?"}) == {"settings"}


def test_an_exception():
    """A handler that fails ends the plugin's process."""
    assert broken(worded(lambda _: 1 / 0)) == {"runs"}


@pytest.mark.parametrize("words", [lambda _: str(time.time_ns()), lambda _: str(random.random())])
def test_not_deterministic(words):
    """The wall clock and unseeded randomness make two runs differ."""
    assert broken(worded(words)) == {"deterministic"}


@pytest.mark.parametrize("read", [time.time, time.monotonic_ns, lambda: datetime.now(UTC), date.today])
def test_a_look_at_the_clock(read):
    """Virtual time has another one, also where the messages would be the same."""

    class Late(Good):
        """Compares with the machine's clock."""

        def words(self, message):
            read()
            return message.text

    assert broken(Late) == {"deterministic"}


def test_a_log_is_no_look_at_the_clock():
    """What a library does with the time is its own matter."""

    class Chatty(Good):
        """Logs."""

        def words(self, message):
            logging.getLogger("chatty").warning("heard")
            return message.text

    check_plugin(Chatty)


def test_state_of_the_class():
    """What one instance leaves to the next makes two runs differ."""
    count = iter(range(1000))
    assert broken(worded(lambda _: str(next(count)))) == {"deterministic"}


def slept(_):
    time.sleep(0)
    return ""


def opened(_):
    with socket.socket():
        return ""


def started(_):
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    return ""


@pytest.mark.parametrize("words", [slept, opened, started, lambda _: str(subprocess.call(["true"]))])
def test_blocking(words):
    """Sleep, sockets, threads and processes are seen, however they were imported."""
    assert broken(worded(words)) == {"does not block"}


def test_stuck():
    """A handler that waits for ever is told from one that works."""
    release = threading.Event()
    assert broken(worded(lambda _: str(release.wait())), patience_s=0.05) == {"does not block"}
    release.set()


def test_another_type_than_declared():
    """A listener could not read it."""

    class Mixed(Good):
        """Sends something else."""

        @on(Good.heard)
        def hear(self, _message):
            self.said.send(example(Inspection))  # type: ignore[arg-type]  # the point of it

    assert broken(Mixed) == {"messages"}


def test_what_cannot_travel():
    """An array has no place in a message."""
    assert broken(worded(lambda _: np.zeros(3))) == {"messages"}


def test_a_wrong_type_inside():
    """A number where a text is declared does not survive the journey."""
    assert broken(worded(lambda _: 7)) == {"messages"}


def test_changed_after_it_was_sent():
    """A list that goes on growing is not what was sent."""

    class Growing(Good):
        """Keeps a list."""

        def start(self):
            self.seen = []

        @on(Good.heard)
        def hear(self, _message):
            self.seen.append("x")
            self.said.send(example(Alarm, objects=self.seen))

    assert broken(Growing) == {"messages"}


def test_frames_come_with_pixels():
    """A plugin that looks at frames gets those of the test, grey ones else, and may not write into them."""
    means = []

    class Look(Plugin):
        """Looks at frames."""

        frames = Input(Frame)

        @on(frames)
        def look(self, frame):
            """Look."""
            with self.pixels(frame) as pixels:
                assert not pixels.flags.writeable
                means.append(pixels.mean())

    white = {0: np.full((8, 64), 255, np.uint8)}
    check_plugin(Look, messages=[("frames", example(Frame)), ("frames", example(Frame, frame_id=1))], pixels=white)
    assert means[:2] == [255, 128]


def test_windows_come_with_samples():
    """A plugin that listens to windows gets those of the test, noise else, and may not write into them."""
    heard = []

    class Listen(Plugin):
        """Listens to windows."""

        waveforms = Input(Waveform)

        @on(waveforms)
        def listen(self, window):
            """Listen."""
            with self.samples(window) as samples:
                assert not samples.flags.writeable
                heard.append((window.window_id, samples.size, float(samples.std())))

    check_plugin(Listen, samples={1: np.zeros(256, np.float32)})
    (first, flat, last) = heard[:3]
    assert [number for number, _, _ in heard[:3]] == [0, 1, 2]
    assert flat == (1, 256, 0.0)
    assert all(size == 256 and spread > 0.5 for _, size, spread in (first, last))


def test_a_plugin_that_ends_the_process_is_not_said_to_be_stuck():
    """`sys.exit` in a handler is what was raised, and is told at once."""

    def leave(message):
        raise SystemExit(message.text)

    assert broken(worded(leave)) == {"runs"}


def test_all_breaches_are_told_at_once():
    """One run of the tests shows everything that is to be mended."""
    plugin = type("Bad", (worded(lambda _: str(time.time_ns())),), {"Settings": Loose, "__doc__": ""})
    assert broken(plugin) == {"class", "settings", "deterministic"}
