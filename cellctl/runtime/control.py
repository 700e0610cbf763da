"""The control channel between the supervisor and its workers."""

from __future__ import annotations

import msgspec

from cellctl.runtime.histogram import Summary

EXHAUSTED = "exhausted"
"""Note in the beat of a source: it has come to its end and sent everything."""


class Hello(msgspec.Struct, frozen=True, tag=True):
    """A worker is ready: its ports are open and its `start` has returned; `gaps` is what it could not give up."""

    pid: int
    gaps: tuple[str, ...] = ()


class Beat(msgspec.Struct, frozen=True, tag=True):
    """A worker is alive; `counts` and `stages` are totals since its start."""

    counts: dict[str, dict[str, int]]
    stages: dict[str, Summary]
    notes: dict[str, float]


class Fault(msgspec.Struct, frozen=True, tag=True):
    """A worker cannot go on; it ends itself after this. `told` is the error for the reader's language, if it is one."""

    code: str
    text: str
    told: str = ""


class Done(msgspec.Struct, frozen=True, tag=True):
    """A worker has drained its inputs and is about to end; `drained` is False when messages were left."""

    beat: Beat
    drained: bool


class Stop(msgspec.Struct, frozen=True, tag=True):
    """The supervisor asks a worker to drain and end."""

    timeout_s: float


Upward = Hello | Beat | Fault | Done
encode = msgspec.msgpack.Encoder().encode
decode_upward = msgspec.msgpack.Decoder(Upward).decode
decode_stop = msgspec.msgpack.Decoder(Stop).decode
