"""The process of one source: the driver writes into the frame pool, the host sends the message on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cellctl.clock import NS_PER_S, MonotonicClock
from cellctl.model import Alarm, Pooled, Priority, SlotRef, Stamp
from cellctl.pipes import FramePool, Ports
from cellctl.quality.contract import Seen
from cellctl.runtime.control import EXHAUSTED
from cellctl.runtime.histogram import Histogram
from cellctl.runtime.topology import FRAME_DEPTH, OUTPUTS, SPARE_SLOTS
from cellctl.runtime.worker.beat import Pulse
from cellctl.runtime.worker.contract_alarms import ContractAlarms
from cellctl.sdk.source import EndOfData

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellctl.runtime.station import Station
    from cellctl.runtime.topology import WorkerSpec
    from cellctl.runtime.worker.channel import Channel

GRAB_TIMEOUT_S = 0.1
SILENT_NS = NS_PER_S // 4
"""The shortest silence after which a source has failed."""
BEAT_S = 0.05
"""How often a process that reads a large file looks whether it is time for a beat."""
ROOM_MS = 20
"""How long a source that is held back sleeps at most before it looks again; a grant wakes it at once."""


class Taken(Protocol):
    """One thing that a driver has written into the buffer: `Grab` or `WaveGrab`."""

    @property
    def last_ns(self) -> int:
        """When the last of it was measured, ns."""
        ...

    @property
    def size(self) -> int:
        """Bytes that were written."""
        ...

    def seen(self, received_ns: int) -> Seen:
        """What the watch over the contract needs to know of it."""
        ...

    def message(self, slot: SlotRef, received_ns: int) -> Pooled:
        """The message that the cell sees."""
        ...


class Source(Protocol):
    """An open driver, whatever it delivers.

    Attributes:
        noun: what it is, in the names of alarms.
        output: name of the output for its messages.
        unit: what the contract counts of it: frames, samples.
        slot_bytes: largest content.
        silent_ns: without anything for this long it has failed; 0 when it may be silent.
        silent_text: what the alarm then says.
        waits: whether it can be held back.
    """

    noun: str
    output: str
    unit: str
    slot_bytes: int
    silent_ns: int
    silent_text: str
    waits: bool

    def grab(self, buffer: memoryview, timeout_s: float) -> Taken | None:
        """The driver's next; None on time-out. Raises `EndOfData` when nothing more will come."""
        ...

    def close(self) -> None:
        """Close the driver."""
        ...


class SourceHost:
    """Loans a slot, lets the driver fill it, publishes, sends.

    What a source that cannot wait gives when no slot is free is dropped and counted. One that can wait is not asked
    before there is a slot and every reader has room.
    """

    def __init__(self, station: Station, worker: WorkerSpec, channel: Channel, opened: Callable[[], Source]) -> None:
        self._name = worker.name
        self._clock = MonotonicClock()
        self._channel = channel
        self._transfer = Histogram()
        self._received = self._no_slot = 0
        self._silent = self._at_end = False
        source = self._source = opened()
        holders = station.topology.holders(worker.name)
        self._overrun = bytearray(source.slot_bytes)
        self._pool = FramePool.create(
            Path(station.topology.pools[worker.name]), slots=FRAME_DEPTH * holders + SPARE_SLOTS,
            slot_bytes=source.slot_bytes, holders=max(1, holders),
        )  # fmt: skip
        self._ports = Ports(
            worker.name, station.topology.links, self._clock, {worker.name: self._pool}, tuple(OUTPUTS[worker.role])
        )
        self._ports.watch(channel.socket)
        self._contract = ContractAlarms(station.cell, worker.name, unit=source.unit, waits=source.waits)
        self._last_ns = self._clock.now_ns()
        self._reader = ThreadPoolExecutor(1, f"{worker.name}-reader")
        self._pulse = Pulse(channel, self._ports, {"transfer": self._transfer}, self._notes)

    def run(self) -> None:
        """Acquire until told to stop; a source at its end stays, so that what it sent can be read."""
        try:
            self._channel.hello()
            stop = None
            while stop is None:
                self._ports.pump()
                self._step()
                self._ports.pump()
                self._pulse.keep(self._clock.now_ns())
                stop = self._channel.stop_asked()
        finally:
            self._reader.shutdown()
            self._source.close()
        drained = self._ports.flush(stop.timeout_s)
        self._channel.done(self._pulse.now(), drained=drained)
        self._ports.close()

    def _step(self) -> None:
        """Take one thing if there is room for it, else sleep a little."""
        slot = None
        if not self._at_end and self._has_room():
            slot = self._pool.loan()
            if slot is not None or not self._source.waits:
                self._take(slot)
                return
        self._ports.wait(ROOM_MS)

    def _has_room(self) -> bool:
        return not self._source.waits or self._ports.ready

    def _take(self, slot: int | None) -> None:
        source = self._source
        buffer = memoryview(self._overrun) if slot is None else self._pool.buffer(slot)[: source.slot_bytes]
        try:
            taken = self._patiently(buffer) if source.waits else source.grab(buffer, GRAB_TIMEOUT_S)
        except EndOfData:
            self._at_end = True
            return
        if taken is None:
            self._watch_silence()
            return
        now = self._last_ns = self._clock.now_ns()
        self._received += 1
        self._transfer.add(now - taken.last_ns)
        self._watch_silence()
        for alarm in self._contract.see(taken.seen(now)):
            self._ports.sender("alarms").send(alarm)
        if slot is None:
            self._no_slot += 1
            return
        self._ports.sender(source.output).send(taken.message(self._pool.publish(slot, taken.size), now))

    def _patiently(self, buffer: memoryview) -> Taken | None:
        """Let the driver take as long over a large file as it takes: the process goes on beating, so it does not hang.

        Of a source that cannot wait a long silence is a fault; that one is read in the main thread.
        """
        reading = self._reader.submit(self._source.grab, buffer, GRAB_TIMEOUT_S)
        while not wait((reading,), BEAT_S).done:
            self._pulse.keep(self._clock.now_ns())
        return reading.result()

    def _watch_silence(self) -> None:
        """Raise or clear the alarm of a source that gives nothing."""
        now = self._clock.now_ns()
        silent = 0 < self._source.silent_ns < now - self._last_ns
        if silent != self._silent:
            self._silent = silent
            text = self._source.silent_text if silent else f"{self._source.output} again"
            alarm = Alarm(
                stamp=Stamp(now), id=f"{self._source.noun}.{self._name}.silent", active=silent,
                priority=Priority.HIGH, text=text, holds=True,
            )  # fmt: skip
            self._ports.sender("alarms").send(alarm)

    def _notes(self) -> dict[str, float]:
        return {
            "received": self._received, "no_slot": self._no_slot, "silent": float(self._silent),
            EXHAUSTED: float(self._at_end and self._ports.backlog == 0),
        }  # fmt: skip
