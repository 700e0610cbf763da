"""One link: a DEALER–DEALER pair over `ipc://` in which the receiver grants credits.

The sender begins with a credit of `depth` and gets one back for every message that was handled. It never has
more than `depth` messages in flight, so both ends are bounded. What happens when the
credit is used up is the link's policy, by its honest name:

- `block`: the host does not dispatch a handler whose outputs have no credit. Nothing is lost.
- `drop_oldest`: the sender keeps `depth` messages and drops the oldest; every drop is counted.
- `latest`: one message in flight, one kept; a superseded message is dropped and counted.
- `fail`: running out of credit is an error of the sender.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

import msgspec
import zmq

from cellctl.errors import PluginError

GRANT = struct.Struct("<I")


class Policy(StrEnum):
    """What a link does when its receiver is behind."""

    BLOCK = "block"
    DROP_OLDEST = "drop_oldest"
    LATEST = "latest"
    FAIL = "fail"


class LinkSpec(msgspec.Struct, frozen=True):
    """One link of the cell.

    Attributes:
        source: sending worker.
        output: its output.
        target: receiving worker.
        input: its input.
        message: qualified name of the message type.
        policy: what happens when the receiver is behind.
        depth: messages in flight at most.
        max_age_s: older messages are dropped when consumed, 0 for no limit.
        holder: index of this link among the holders of the source's frame pool, -1 without frames.
        address: `ipc://…`.
    """

    source: str
    output: str
    target: str
    input: str
    message: str
    policy: Policy
    depth: int
    max_age_s: float
    holder: int
    address: str

    @property
    def name(self) -> str:
        """`inspect.inspections → loop.inspections`."""
        return f"{self.source}.{self.output} → {self.target}.{self.input}"


class SendingLink:
    """The sender's end.

    Args:
        spec: the link.
        context: ZeroMQ context of this process.
        on_drop: called with the token of every message that is dropped here.
    """

    def __init__(
        self, spec: LinkSpec, context: zmq.Context[zmq.Socket[bytes]], on_drop: Callable[[int], None] | None = None
    ) -> None:
        self.spec = spec
        self.credit = self._bound = 1 if spec.policy is Policy.LATEST else spec.depth
        self.sent = 0
        self.dropped = 0
        self._on_drop = on_drop
        self._backlog: deque[tuple[bytes, int]] = deque()
        self.socket = _dealer(context)
        self.socket.connect(spec.address)

    @property
    def ready(self) -> bool:
        """Whether a handler that sends here may be dispatched."""
        return self.spec.policy is not Policy.BLOCK or (self.credit > 0 and not self._backlog)

    @property
    def backlog(self) -> int:
        """Messages kept here for lack of credit."""
        return len(self._backlog)

    def offer(self, payload: bytes, token: int = -1) -> None:
        """Send now, keep, or drop by policy. Raises PluginError CELL-3010 under `fail`."""
        self._backlog.append((payload, token))
        self._flush()
        if self.spec.policy is Policy.BLOCK or len(self._backlog) <= self._bound:
            return
        if self.spec.policy is Policy.FAIL:
            raise PluginError("CELL-3010", "link {link}: receiver is {bound} messages behind",
                              do="make the receiver faster, or choose another policy", link=self.spec.name,
                              bound=self._bound)  # fmt: skip
        _, dropped = self._backlog.popleft()
        self.dropped += 1
        if self._on_drop is not None:
            self._on_drop(dropped)

    def pump(self) -> None:
        """Take in granted credits and send what was kept."""
        while True:
            try:
                grant = self.socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                break
            self.credit += GRANT.unpack(grant)[0]
        self._flush()

    def _flush(self) -> None:
        while self.credit > 0 and self._backlog:
            payload, _ = self._backlog.popleft()
            self.socket.send(payload, zmq.NOBLOCK)
            self.credit -= 1
            self.sent += 1

    def close(self) -> None:
        """Close the socket; what was sent may still be read by the receiver."""
        self.socket.close(linger=200)


class ReceivingLink:
    """The receiver's end; grants credit as messages are consumed, in batches of half the depth."""

    def __init__(self, spec: LinkSpec, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        self.spec = spec
        self.received = 0
        self.superseded = 0
        self.stale = 0
        self._owed = 0
        self._batch = 1 if spec.policy is Policy.LATEST else max(1, spec.depth // 2)
        self.socket = _dealer(context)
        self.socket.bind(spec.address)

    def receive(self) -> bytes | None:
        """The next payload, or None; under `latest` the newest one, the others counted as superseded."""
        payload = self._next()
        if payload is None or self.spec.policy is not Policy.LATEST:
            return payload
        while True:
            newer = self._next()
            if newer is None:
                return payload
            self.superseded += 1
            self.consumed()
            payload = newer

    def _next(self) -> bytes | None:
        try:
            payload = self.socket.recv(zmq.NOBLOCK)
        except zmq.Again:
            return None
        self.received += 1
        return payload

    def consumed(self) -> None:
        """One message was handled; grant credit when half the window is used up."""
        self._owed += 1
        if self._owed < self._batch:
            return
        with suppress(zmq.Again):  # the sender is gone; its successor begins with a whole credit
            self.socket.send(GRANT.pack(self._owed), zmq.NOBLOCK)
        self._owed = 0

    def close(self) -> None:
        """Close the socket."""
        self.socket.close(linger=0)


def _dealer(context: zmq.Context[zmq.Socket[bytes]]) -> zmq.Socket[bytes]:
    socket = context.socket(zmq.DEALER)
    socket.set_hwm(10_000)  # credits bound the traffic, not the high-water mark
    return socket
