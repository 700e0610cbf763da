"""How the line's processes talk: JSON, one value per line, over pipes."""

from __future__ import annotations

import base64
import json
import os
import pickle
from typing import IO, Any

from cellctl.model.web import Side
from cellsim.render.web_object import WebObject

_CHUNK = 1 << 16


class LineReader:
    """Splits what arrives on a non-blocking descriptor into JSON values.

    Attributes:
        ended: the other end has closed.
    """

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self.ended = False
        self._rest = b""

    def read(self) -> list[Any]:
        """Values that have arrived completely; empty when there are none."""
        try:
            data = os.read(self.descriptor, _CHUNK)
        except BlockingIOError:
            return []
        self.ended = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines if line]


def write_line(stream: IO[str], value: Any) -> None:
    """Send one value at once."""
    stream.write(json.dumps(value, ensure_ascii=False) + "\n")
    stream.flush()


def pack(value: object) -> str:
    """Any value of ours as text, for the set-up of a process."""
    return base64.b64encode(pickle.dumps(value)).decode("ascii")


def unpack(text: str) -> Any:
    """The inverse of `pack`; for what our own parent sent over its private pipe, and nothing else."""
    return pickle.loads(base64.b64decode(text))  # noqa: S301  # see above


def object_to_json(thing: WebObject) -> dict[str, Any]:
    """An object as plain data."""
    return {**vars(thing), "side": thing.side.value}


def object_from_json(data: dict[str, Any]) -> WebObject:
    """The inverse of `object_to_json`."""
    return WebObject(**{**data, "side": Side(data["side"])})
