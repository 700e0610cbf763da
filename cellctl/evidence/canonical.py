"""One spelling for every value, so that a hash over it can be computed again by anyone."""

from __future__ import annotations

import hashlib
import math
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def plain(value: object) -> Any:
    """The value as dicts, lists, strings, numbers and None; non-finite floats become their names.

    JSON has no NaN and encoders quietly write null for it. A record must show what was there, so it says
    "NaN", "Infinity" or "-Infinity" instead.
    """
    return _finite(msgspec.to_builtins(value))


def restore(body: object, kind: type[T]) -> T:
    """The inverse of `plain`; msgspec.ValidationError when the body is no `kind`."""
    return msgspec.convert(body, kind, strict=False)  # reads "NaN" as a float again


def canonical(value: object) -> bytes:
    """Canonical JSON: UTF-8, sorted keys, no white space, shortest floats that read back the same."""
    return spelled(plain(value))


def spelled(value: object) -> bytes:
    """`canonical` of a value that is plain already: each look at a whole record costs time."""
    return msgspec.json.encode(value, order="sorted")


def sha256_hex(data: bytes) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(data).hexdigest()


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
