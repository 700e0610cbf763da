"""All links of one process behind its named ports: encode, fan out, poll, decode."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import msgspec
import zmq

from cellctl.clock import NS_PER_MS, NS_PER_S, Clock
from cellctl.errors import PluginError
from cellctl.model.message import Message
from cellctl.model.pooled import Pooled
from cellctl.pipes.link import LinkSpec, Policy, ReceivingLink, SendingLink
from cellctl.pipes.pool import FramePool


class Delivery(NamedTuple):
    """One received message; give it back with `Ports.consumed` when it was handled."""

    input: str
    message: Any
    link: ReceivingLink


def message_type(name: str) -> type[Message]:
    """The message class of a qualified name `package.module:Class`."""
    module, _, attribute = name.partition(":")
    found = getattr(importlib.import_module(module), attribute, None)
    if not (isinstance(found, type) and issubclass(found, Message)):
        raise PluginError(
            "CELL-3004", "expected a message type, got {name!r}", do="derive it from cellctl.model.Message", name=name
        )
    return found


def qualified_name(message: type[Message]) -> str:
    """`package.module:Class`."""
    return f"{message.__module__}:{message.__qualname__}"


class FanOut:
    """One output: every message goes to each of its links, encoded once."""

    def __init__(self, source: str, links: list[SendingLink], pool: FramePool | None) -> None:
        self.links = links
        self.sequence = 0
        self._source = source
        self._pool = pool
        self._encoder = msgspec.msgpack.Encoder()

    def send(self, message: Message) -> None:
        """Queue for every listener; never blocks."""
        self.sequence += 1
        stamped = msgspec.structs.replace(message, source=self._source, sequence=self.sequence)
        payload = self._encoder.encode(stamped)
        token = stamped.slot.index if isinstance(stamped, Pooled) else -1
        if token >= 0 and self._pool is not None:
            for link in self.links:
                self._pool.hold(token, link.spec.holder)
        for link in self.links:
            link.offer(payload, token)


class Ports:
    """The links of one process.

    Args:
        worker: name of the process in the topology.
        links: all links of the cell; only those of `worker` are opened.
        clock: judges the age of messages.
        pools: frame pools by device name; a link with frames needs its source's pool.
        outputs: declared outputs, so that one without a listener still has a sender.
    """

    def __init__(
        self,
        worker: str,
        links: tuple[LinkSpec, ...],
        clock: Clock,
        pools: dict[str, FramePool],
        outputs: tuple[str, ...],
    ) -> None:
        self._clock = clock
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._poller = zmq.Poller()
        self.receiving = [ReceivingLink(spec, self._context) for spec in links if spec.target == worker]
        self.sending: list[SendingLink] = []
        self._fan_outs: dict[str, FanOut] = {}
        for output in dict.fromkeys((*outputs, *(spec.output for spec in links if spec.source == worker))):
            mine = [self._open(spec, pools) for spec in links if spec.source == worker and spec.output == output]
            self.sending += mine
            self._fan_outs[output] = FanOut(worker, mine, pools.get(worker))
        self._decoders = {link: msgspec.msgpack.Decoder(message_type(link.spec.message)) for link in self.receiving}
        self._ends: list[ReceivingLink | SendingLink] = [*self.receiving, *self.sending]
        for end in self._ends:
            self._poller.register(end.socket, zmq.POLLIN)

    def _open(self, spec: LinkSpec, pools: dict[str, FramePool]) -> SendingLink:
        pool = pools.get(spec.source)
        if spec.holder < 0 or pool is None:
            return SendingLink(spec, self._context)
        return SendingLink(spec, self._context, on_drop=lambda slot: pool.release(slot, spec.holder))

    def sender(self, output: str) -> FanOut:
        """The sender of an output."""
        return self._fan_outs[output]

    def watch(self, source: zmq.Socket[bytes] | int) -> None:
        """Wake up for another socket or file descriptor too (the control channel, a process that ends)."""
        self._poller.register(source, zmq.POLLIN)

    def unwatch(self, source: zmq.Socket[bytes] | int) -> None:
        """Do not wake up for it any more."""
        self._poller.unregister(source)

    @property
    def ready(self) -> bool:
        """Whether every `block` output has credit, so that a handler may run."""
        return all(link.ready for link in self.sending)

    @property
    def backlog(self) -> int:
        """Messages waiting here for credit."""
        return sum(link.backlog for link in self.sending)

    @property
    def context(self) -> zmq.Context[zmq.Socket[bytes]]:
        """The process's ZeroMQ context."""
        return self._context

    @property
    def descriptors(self) -> list[int]:
        """File descriptors for a foreign event loop (edge-triggered: drain with `receive` after every wake-up)."""
        return [int(end.socket.getsockopt(zmq.FD)) for end in self._ends]

    def wait(self, timeout_ms: int) -> None:
        """Sleep until something arrives or the time is up."""
        self._poller.poll(timeout_ms)

    def pump(self) -> None:
        """Take in credits and send what waited for them."""
        for link in self.sending:
            link.pump()

    def receive(self) -> list[Delivery]:
        """At most one message per input link, none while a `block` output lacks credit; never waits."""
        self.pump()
        if not self.ready:
            return []
        found = []
        for link in self.receiving:
            payload = link.receive()
            if payload is not None:
                delivery = self._decode(link, payload)
                if delivery is not None:
                    found.append(delivery)
        return found

    def _decode(self, link: ReceivingLink, payload: bytes) -> Delivery | None:
        message = self._decoders[link].decode(payload)
        limit_s = link.spec.max_age_s
        if limit_s > 0 and self._clock.now_ns() - message.stamp.t_ns > limit_s * NS_PER_S:
            link.stale += 1
            link.consumed()
            return None
        return Delivery(link.spec.input, message, link)

    def consumed(self, delivery: Delivery) -> None:
        """The message was handled: its credit may be used again."""
        delivery.link.consumed()

    def flush(self, timeout_s: float) -> bool:
        """Wait until nothing is kept back for lack of credit; False when the time is up."""
        end = self._clock.now_ns() + round(timeout_s * NS_PER_S)
        while self.backlog and self._clock.now_ns() < end:
            self._poller.poll(max(1, (end - self._clock.now_ns()) // NS_PER_MS))
            self.pump()
        return self.backlog == 0

    def counts(self) -> dict[str, dict[str, int]]:
        """Per link: received or sent, and drops by reason."""
        counts = {
            link.spec.name: {"received": link.received, "superseded": link.superseded, "stale": link.stale}
            for link in self.receiving
        }
        for sender in self.sending:
            counts[sender.spec.name] = {"sent": sender.sent, "dropped": sender.dropped, "kept": sender.backlog}
        return counts

    def close(self) -> None:
        """Close every socket."""
        for end in self._ends:
            end.close()
        self._context.destroy(linger=200)


__all__ = ["Delivery", "FanOut", "Policy", "Ports", "message_type", "qualified_name"]
