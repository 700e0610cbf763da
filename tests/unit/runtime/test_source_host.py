"""The host of a source: what can wait loses nothing, what cannot is counted, and an end is told when all is sent."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cellctl.clock import MonotonicClock
from cellctl.config.resolved import Device, GuardRules, PluginEntry, Recipe, ResolvedCell, Web
from cellctl.model import SAMPLE_BYTES, Waveform
from cellctl.pipes import FramePool, Policy, Ports
from cellctl.runtime.control import EXHAUSTED
from cellctl.runtime.station import Station
from cellctl.runtime.topology import FRAME_DEPTH, SPARE_SLOTS, Role, build
from cellctl.runtime.worker.source_host import SourceHost
from cellctl.runtime.worker.waveform_host import WaveformSource
from cellctl.sdk import Channel, EndOfData, WaveGrab

SAMPLES = 4


class Counting:
    """A driver of numbered windows; it notes how often it was asked."""

    waits = True

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked = 0

    def open(self) -> Channel:
        return Channel(SAMPLES, 10.0, "g")

    def grab(self, buffer: memoryview, _timeout_s: float) -> WaveGrab:
        if self.asked >= self.count:
            raise EndOfData
        self.asked += 1
        np.frombuffer(buffer, np.float32, SAMPLES)[:] = self.asked
        return WaveGrab(self.asked, SAMPLES, 0, 1, origin="a.npy", fault="odd" if self.asked % 2 else "")

    def close(self) -> None:
        pass


class Hasty(Counting):
    """The same as a sensor that cannot wait."""

    waits = False


class Slow(Counting):
    """Takes so long over a file that the process must beat twice meanwhile."""

    def __init__(self, channel: Silence) -> None:
        super().__init__(1)
        self.channel = channel

    def grab(self, buffer: memoryview, timeout_s: float) -> WaveGrab:
        if self.asked < self.count:
            assert self.channel.beaten_twice.wait(30.0)
        return super().grab(buffer, timeout_s)


class Silence:
    """A channel to a supervisor that says nothing and remembers what it was told."""

    def __init__(self) -> None:
        self.socket = -1
        self.beats: list[Any] = []
        self.beaten_twice = threading.Event()

    def beat(self, beat: Any) -> None:
        self.beats.append(beat)
        if len(self.beats) >= 2:
            self.beaten_twice.set()


class Bench:
    """A source, and a reader that reads when it is told to."""

    def __init__(self, folder: Path, driver: Counting) -> None:
        cell = ResolvedCell(
            id="c", path="", mode="production", lot="l", seed=0, web=Web("", "", "", {}),
            recipe=Recipe("", 0.0, "", ""), devices=(Device("bearing", "waveform-file", {}),),
            plugins=(PluginEntry("listen", "vibration-features", (), {"limits": {"kurtosis": 4}}),
                     PluginEntry("evidence", "evidence-recorder", (), {})),
            defects=(), loops=(), guard=GuardRules((), 1.0, 1.0, 1.0, {}),
        )  # fmt: skip
        topology = build(cell, folder, folder)
        policy = Policy.BLOCK if driver.waits else Policy.DROP_OLDEST
        self.links = tuple(
            link.__class__(**{**{name: getattr(link, name) for name in link.__struct_fields__}, "policy": policy})
            for link in topology.links
            if (link.source, link.target) == ("bearing", "listen")
        )
        topology = topology.__class__(topology.workers, self.links, topology.pools)
        worker = next(it for it in topology.workers if it.name == "bearing")
        assert worker.role is Role.WAVEFORM
        self.pipe = os.pipe()
        self.channel = driver.channel if isinstance(driver, Slow) else Silence()
        self.channel.socket = self.pipe[0]
        self.reader = Ports("listen", self.links, MonotonicClock(), {}, ())
        station = Station(str(folder), topology, cell)
        self.host: Any = SourceHost(station, worker, self.channel, lambda: WaveformSource("bearing", driver))  # type: ignore[arg-type]
        self.pool = FramePool.attach(Path(topology.pools["bearing"]))
        self.got: list[tuple[Waveform, list[float]]] = []

    def steps(self, count: int) -> None:
        """Let the host do so many steps."""
        for _ in range(count):
            self.host._step()
            self.host._ports.pump()

    def read(self) -> None:
        """Handle one window, if there is one, as a plugin's host does."""
        for delivery in self.reader.receive():
            window = delivery.message
            with self.pool.borrow(window.slot, window.samples, SAMPLE_BYTES) as stored:
                self.got.append((window, stored.reshape(-1).view(np.float32).tolist()))
            self.pool.release(window.slot.index, delivery.link.spec.holder)
            self.reader.consumed(delivery)

    @property
    def exhausted(self) -> bool:
        """Whether the host says that it has come to its end."""
        return bool(self.host._notes()[EXHAUSTED])

    def close(self) -> None:
        """Close everything."""
        self.host._reader.shutdown()
        self.reader.close()
        self.host._ports.close()
        self.pool.close()
        self.host._pool.close()
        for end in self.pipe:
            os.close(end)


@pytest.fixture
def benches(tmp_path: Path) -> Iterator[Any]:
    """Makes a bench for a driver, and closes it."""
    made: list[Bench] = []

    def make(driver: Counting) -> Bench:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Bench(folder, driver))
        return made[-1]

    yield make
    for bench in made:
        bench.close()


def test_source_that_waits_is_not_asked_before_there_is_room(benches: Any) -> None:
    """With a reader that reads nothing it gives as many windows as may be in flight, and no more."""
    driver = Counting(100)
    bench = benches(driver)
    bench.steps(FRAME_DEPTH + 5)
    assert driver.asked == FRAME_DEPTH


def test_source_that_waits_loses_nothing(benches: Any) -> None:
    """A slow reader gets every window, in order, with the samples, the file and the fault that the driver gave."""
    driver = Counting(30)
    bench = benches(driver)
    for _ in range(400):
        bench.steps(1)
        bench.read()
        if bench.exhausted and len(bench.got) == 30:
            break
    assert [window.window_id for window, _ in bench.got] == list(range(1, 31))
    assert [samples for _, samples in bench.got] == [[float(n)] * SAMPLES for n in range(1, 31)]
    assert [(it.origin, it.fault) for it, _ in bench.got[:2]] == [("a.npy", "odd"), ("a.npy", "")]
    assert bench.host._notes()["no_slot"] == 0


def test_source_that_cannot_wait_is_counted(benches: Any) -> None:
    """The negative control: the same windows without waiting are lost at a reader that reads nothing, and counted."""
    driver = Hasty(60)
    bench = benches(driver)
    bench.steps(60)
    assert driver.asked == 60
    lost = bench.host._notes()["no_slot"] + bench.host._ports.sending[0].dropped
    assert lost == 60 - FRAME_DEPTH - SPARE_SLOTS


def test_end_is_told_once_nothing_waits_here(benches: Any) -> None:
    """A source is exhausted when its last window has left, not when its last file was read."""
    bench = benches(Counting(3))
    bench.steps(3)
    assert not bench.exhausted
    bench.steps(1)
    assert bench.exhausted


def test_source_that_waits_is_never_silent(benches: Any) -> None:
    """A folder that is held back raises no alarm of a dead sensor."""
    assert benches(Counting(3)).host._source.silent_ns == 0
    assert benches(Hasty(3)).host._source.silent_ns > 0


def test_process_that_reads_a_large_file_goes_on_beating(benches: Any) -> None:
    """A file that takes long is no worker that hangs: the supervisor hears it all the while."""
    bench = benches(Slow(Silence()))
    bench.steps(1)
    assert len(bench.channel.beats) >= 2
    while not bench.got:  # it is on its way through a socket; the test's time-out ends a wait for nothing
        bench.read()
    assert [samples for _, samples in bench.got] == [[1.0] * SAMPLES]
