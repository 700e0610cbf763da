"""What a fuzz target saw."""

from __future__ import annotations

import logging
import time
import traceback
from dataclasses import dataclass, field

MAX_GROWTH_BYTES = 16 * 1024 * 1024
MOST_EXAMPLES = 20


@dataclass
class Tally:
    """What one process saw, or several together.

    Attributes:
        inputs: streams.
        accepted: of them, with at least one request or answer that was taken.
        uncaught: exceptions that are none of ours, and log records with a traceback.
        wrong: answers taken that are none.
        slowest_s: of one input.
        grown_bytes: resident memory after the last batch, over that after the second.
        examples: the first failures: bytes in hex, and what came of them.
    """

    inputs: int = 0
    accepted: int = 0
    uncaught: int = 0
    wrong: int = 0
    slowest_s: float = 0.0
    grown_bytes: int = 0
    examples: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in what another one saw."""
        for name in ("inputs", "accepted", "uncaught", "wrong"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.slowest_s = max(self.slowest_s, other.slowest_s)
        self.grown_bytes = max(self.grown_bytes, other.grown_bytes)
        self.examples = [*self.examples, *other.examples][:MOST_EXAMPLES]

    def fail(self, kind: str, data: bytes, why: str) -> None:
        """Count a failure and keep its bytes."""
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append((data.hex(), why))

    def close(self, start_s: float) -> None:
        """One input is over."""
        self.inputs += 1
        self.slowest_s = max(self.slowest_s, time.perf_counter() - start_s)

    @property
    def failed(self) -> bool:
        """Whether anything was found."""
        return bool(self.uncaught or self.wrong) or self.grown_bytes > MAX_GROWTH_BYTES


class Tracebacks(logging.Handler):
    """Notices every record with a traceback, whoever writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one record."""
        if record.exc_info:
            self.seen = f"{record.getMessage()}\n{''.join(traceback.format_exception(*record.exc_info))}"

    def take(self) -> str:
        """What was noticed since the last call; empty when nothing was."""
        seen, self.seen = self.seen, ""
        return seen
