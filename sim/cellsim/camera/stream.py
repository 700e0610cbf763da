"""One acquisition: blocks are rendered ahead, handed over at their last line and sent as the client takes them."""

from __future__ import annotations

import socket
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellsim.camera.faults import CameraFaults
from cellsim.camera.protocol import FRAME_BYTES, FrameHeader
from cellsim.camera.scene import Scene
from cellsim.clock import LineClock, block_end_um, block_first_row
from cellsim.render.field import COLUMNS, ROWS
from cellsim.render.renderer import WebRenderer
from cellsim.render.shapes import Pixels

AHEAD = 6
"""Blocks rendered ahead (154 ms at 1 m/s): a short stall of the renderer delays no block."""
QUEUE = 16
"""Blocks that wait for a slow client before the next is dropped, as in a real camera's memory."""
LATE_NS = 5 * NS_PER_MS
_PAYLOAD = ROWS * COLUMNS


class View(NamedTuple):
    """What a camera sees: the line's clock, what lies on the web, who draws it, and scripted faults."""

    clock: LineClock
    scene: Scene
    renderer: WebRenderer
    faults: CameraFaults


class _Block(NamedTuple):
    number: int
    frame_id: int
    buffer: bytearray


@dataclass
class StreamStats:
    """What happened in one acquisition; ids are frame ids.

    Attributes:
        first_block: block of the camera's grid that was frame 0.
        produced: frames whose last line was exposed during the acquisition.
        sent: frames handed completely to the network.
        dropped: ids lost because the client was too slow.
        withheld: ids not sent because of a scripted silence.
        late: frames handed over more than 5 ms after their last line.
        max_late_ms: worst hand-over.
        render_ms: CPU time spent rendering.
        rendered: blocks rendered.
        last_received: last frame the client had when it asked to stop, None when it never asked.
    """

    first_block: int
    produced: int = 0
    sent: int = 0
    dropped: list[int] = field(default_factory=list)
    withheld: list[int] = field(default_factory=list)
    late: int = 0
    max_late_ms: float = 0.0
    render_ms: float = 0.0
    rendered: int = 0
    last_received: int | None = None

    def to_json(self) -> dict[str, Any]:
        """For the summary; frames in flight when the client asked to stop are `flushed`, not produced."""
        flushed = 0
        if self.last_received is not None:
            flushed = max(0, self.produced - 1 - self.last_received)
        return {
            "first_id": 0,
            "produced": self.produced - flushed,
            "flushed": flushed,
            "sent": self.sent,
            "dropped": self.dropped,
            "withheld": self.withheld,
            "late": self.late,
            "max_late_ms": round(self.max_late_ms, 3),
            "render_ms_mean": round(self.render_ms / max(1, self.rendered), 4),
            "first_block": self.first_block,
            "last_received": self.last_received,
        }


class Stream:
    """One client's acquisition over a non-blocking socket.

    Args:
        connection: connected, non-blocking.
        view: what the camera sees.
        now_ns: start of the acquisition; the first whole block after it is frame 0.
    """

    def __init__(self, connection: socket.socket, view: View, now_ns: int) -> None:
        self.connection = connection
        self._clock, self._scene = view.clock, view.scene
        self._renderer, self._faults = view.renderer, view.faults
        first = view.clock.next_block(now_ns)
        self.stats = StreamStats(first)
        self._next = first
        self._ready: deque[_Block] = deque()
        self._outbox: deque[_Block] = deque()
        self._position = 0
        self._free = [bytearray(FRAME_BYTES + _PAYLOAD) for _ in range(AHEAD + QUEUE + 1)]
        self._frozen: Pixels | None = None

    @property
    def wants_to_send(self) -> bool:
        """Whether bytes wait for the socket to become writable."""
        return bool(self._outbox)

    def due_ns(self) -> int:
        """When the next block must be handed over."""
        return self._clock.last_line_ns(self.stats.first_block + self.stats.produced)

    def prepare(self) -> bool:
        """Render one block ahead, if there is one to render; returns whether it did."""
        first_row = block_first_row(self._next)
        if len(self._ready) >= AHEAD or not self._free or not self._scene.knows(first_row):
            return False
        block = _Block(self._next, self._next - self.stats.first_block, self._free.pop())
        started = time.thread_time_ns()
        self._fill(block, first_row)
        self.stats.render_ms += (time.thread_time_ns() - started) / NS_PER_MS
        self.stats.rendered += 1
        self._ready.append(block)
        self._next += 1
        return True

    def release(self, now_ns: int) -> None:
        """Hand over every block whose last line is exposed by now."""
        while self._ready and self._clock.last_line_ns(self._ready[0].number) <= now_ns:
            block = self._ready.popleft()
            self.stats.produced += 1
            lateness_ns = now_ns - self._clock.last_line_ns(block.number)
            self.stats.late += lateness_ns > LATE_NS
            self.stats.max_late_ms = max(self.stats.max_late_ms, lateness_ns / NS_PER_MS)
            self._enqueue(block)

    def pump(self) -> None:
        """Send what the socket takes; OSError when the client is gone."""
        while self._outbox:
            block = self._outbox[0]
            try:
                self._position += self.connection.send(memoryview(block.buffer)[self._position :])
            except BlockingIOError:
                return
            if self._position == len(block.buffer):
                self._position = 0
                self.stats.sent += 1
                self._free.append(self._outbox.popleft().buffer)

    def _enqueue(self, block: _Block) -> None:
        if self._fault(block) == "silent":
            self.stats.withheld.append(block.frame_id)
        elif len(self._outbox) >= QUEUE:
            self.stats.dropped.append(block.frame_id)
        else:
            self._outbox.append(block)
            return
        self._free.append(block.buffer)

    def _fill(self, block: _Block, first_row: int) -> None:
        pixels: Pixels = np.frombuffer(block.buffer, dtype=np.uint8, offset=FRAME_BYTES).reshape(ROWS, COLUMNS)
        fault = self._fault(block)
        if fault == "frozen" and self._frozen is not None:
            pixels[:] = self._frozen
        elif fault == "dark":
            pixels[:] = _DARK
        else:
            t_s = self._since_start_s(block)
            self._renderer.render(first_row, self._scene.over(first_row), t_s=t_s, out=pixels)
            self._frozen = pixels.copy() if fault == "frozen" else None
        self._head(block).pack_into(block.buffer)

    def _head(self, block: _Block) -> FrameHeader:
        return FrameHeader(
            rows=ROWS,
            columns=COLUMNS,
            payload=_PAYLOAD,
            frame_id=block.frame_id,
            first_line_ns=self._clock.first_line_ns(block.number),
            last_line_ns=self._clock.last_line_ns(block.number),
            encoder_um=block_end_um(block.number),
        )

    def _fault(self, block: _Block) -> str | None:
        return self._faults.active(self._since_start_s(block))

    def _since_start_s(self, block: _Block) -> float:
        return (self._clock.last_line_ns(block.number) - self._clock.start_ns) / NS_PER_S


_DARK = np.random.default_rng(0).integers(0, 4, (ROWS, COLUMNS), dtype=np.uint8)
"""What the sensor gives without light."""
