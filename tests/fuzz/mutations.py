"""Broken configurations made from sound ones: by bytes, by lines, by values, and from nothing."""

from __future__ import annotations

import copy
import functools
from random import Random
from typing import Any

import yaml

VALUES: tuple[Any, ...] = (
    "", None, True, False, 0, 1, -1, 3, 2**63, 2**63 - 1, -(2**64), 1e308, -0.0, 0.5, [], {}, [[]], [None], {"a": {}},
    "nan", ".inf", "-inf", "1e999", "1e999 m", "9" * 5000, "x" * 3000, "0 m", "-1 m", "5 %", "500 %", "1 m", "1 µm",
    "20 kPa", "3 kPa/s", "2 %/s", "0 s", "1 h", "1 m^9", "9 m**9**9", "1 /", "1 //m", "5 °C", "5 °F", "1 dB", "3 [m]",
    "1 degC/min", "1 kg*m", "1 (m)", "plc.web_speed", "plc.{side}", "{side}", "plc.", ".x", "plc", "camera", "a.b.c",
    "{0}", "{x!r}", "%s", "../../etc/passwd", "/", ".", "tags.csv", "x\0y", "\ud7ff", "😀", "off", "on", "auto", "mpc",
    "cellctl:", "cellctl:..", "cellctl:coating.onnx", "data:", "data:x", "modbus-tcp", "sim-camera", "web-inspector",
    "quality-loop", "evidence-recorder", "supervisor", "world", "loop", "2026-02-30", "2026-02-28", "CELL-1137",
    "HR5.3", "IR1.16", "CO0", "DI65535", "bool", "int64", "float64", "string[16]", "string[999]", "CDAB", "BADC", "rw",
)  # fmt: skip
"""What stands where something else should."""
CELLS = (
    "", " ", "HR0", "HR65535", "HR65536", "IR1", "HR-1", "40001", "30000", "bool", "int16", "uint32", "float32", "0",
    "HR5.3", "IR1.16", "CO0", "DI65535", "00001", "int64", "uint64", "float64", "string[16]", "string[999]", "ABCD",
    "CDAB", "BADC", "DCBA", "1e-30", "1e30", "1", "-1", "0,1", "1e999", "nan", "inf", "1_0", "٣",
    "r", "rw", "fast", "slow", "kPa", "%", "m^9^9", "m/", "(", "µ",
    '""', '"a', 'a"b', '"a"b', '"a,b"', ",", ";", "\t", "web_speed", "x" * 2000, "#", "name", "😀", "\u2028", "\x00",
)  # fmt: skip
"""What stands in a cell of a table."""
BYTES = bytes.fromhex("00090a0d1b2223252627 2a2c2d3a3b3c3e3f405b5d607b7c7d7e 85b5c2e2efff")
"""Characters that mean something to YAML or CSV, control characters, and bytes that are no UTF-8 by themselves."""
MOST = 200_000
"""Bytes of one input: what is larger is a benchmark's matter."""


def by_bytes(random: Random, raw: bytes, other: bytes) -> bytes:
    """A few bytes changed, left out, doubled, or taken from another file."""
    data = bytearray(raw)
    for _ in range(random.choice((1, 1, 2, 5, 30))):
        at = random.randrange(len(data) + 1)
        action = random.randrange(5)
        if action == 0 and at < len(data):
            data[at] = random.choice(BYTES)
        elif action == 1:
            data[at:at] = bytes(random.choice(BYTES) for _ in range(random.choice((1, 2, 8))))
        elif action == 2:
            del data[at : at + random.choice((1, 3, 40))]
        elif action == 3:
            start = random.randrange(len(data) + 1)
            data[at:at] = data[start : start + random.choice((5, 80, 400))]
        else:
            start = random.randrange(len(other) + 1)
            data[at : at + random.choice((0, 20))] = other[start : start + random.choice((3, 60, 300))]
    return bytes(data[:MOST])


def by_lines(random: Random, raw: bytes, other: bytes) -> bytes:
    """Lines left out, doubled, moved, indented otherwise, or taken from another file."""
    lines, others = raw.split(b"\n"), other.split(b"\n")
    for _ in range(random.choice((1, 1, 2, 6))):
        at = random.randrange(len(lines))
        action = random.randrange(6)
        if action == 0 and len(lines) > 1:
            del lines[at]
        elif action == 1:
            lines.insert(random.randrange(len(lines)), lines[at])
        elif action == 2:
            lines[at] = random.choice((b"", b" ", b"   ", b"\t", b"- ", b"? ", b"# ")) + lines[at]
        elif action == 3:
            lines[at] = lines[at].strip()
        elif action == 4:
            lines.insert(at, random.choice(others))
        else:
            lines[at] = lines[at][: random.randrange(len(lines[at]) + 1)]
    return b"\n".join(lines)[:MOST]


def by_values(random: Random, raw: bytes, other: bytes) -> bytes:
    """Values and sections replaced, left out, renamed or exchanged; the form stays sound."""
    data, pool = _parsed(raw), _parsed(other)
    for _ in range(random.choice((1, 1, 2, 4, 12))):
        inside, key = _place(random, data)
        if inside is None:
            continue
        action = random.randrange(5)
        if action <= 1:
            inside[key] = random.choice(VALUES)
        elif action == 2:
            del inside[key]
        elif action == 3:
            source, name = _place(random, pool)
            inside[key] = source[name] if source is not None else None
        elif isinstance(inside, dict):
            inside[_renamed(random, str(key))] = inside.pop(key)
    return _written(data, sort_keys=random.random() < 0.5)


def from_nothing(random: Random, raw: bytes, other: bytes) -> bytes:
    """A random structure of keys that the files have, or random bytes."""
    if random.random() < 0.2:
        return random.randbytes(random.randrange(200))
    top = _parsed(raw)
    names = sorted(_keys(top) | _keys(_parsed(other)))
    if isinstance(top, list):
        return _written([_structure(random, names, 2) for _ in top], sort_keys=True)
    data = {key: _structure(random, names, 4) for key in top if random.random() < 0.8} if isinstance(top, dict) else []
    if random.random() < 0.9 and isinstance(data, dict):
        data["version"] = 2
    return _written(data, sort_keys=True)


def by_cells(random: Random, raw: bytes, other: bytes) -> bytes:
    """Cells of a table replaced or exchanged, with another separator now and then."""
    rows = [line.split(",") for line in raw.decode(errors="replace").split("\n")]
    for _ in range(random.choice((1, 2, 5, 20))):
        row = random.choice(rows)
        at = random.randrange(len(row))
        if random.random() < 0.7:
            row[at] = random.choice(CELLS)
        elif random.random() < 0.5:
            row.insert(at, random.choice(CELLS))
        else:
            donor = random.choice(rows)
            row[at] = random.choice(donor)
    separator = random.choice((",", ",", ",", ";", "\t"))
    end = random.choice(("\n", "\n", "\r\n", "\r"))
    codec = random.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"))
    del other
    return end.join(separator.join(row) for row in rows).encode(codec, errors="replace")[:MOST]


def _parsed(raw: bytes) -> Any:
    return copy.deepcopy(_parsed_once(raw))


@functools.cache
def _parsed_once(raw: bytes) -> Any:
    return yaml.load(raw, Loader=yaml.CSafeLoader)


def _written(data: Any, *, sort_keys: bool) -> bytes:
    return yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=sort_keys, width=200).encode()[:MOST]


def _place(random: Random, data: Any) -> tuple[Any, Any]:
    """A random mapping or list in the data with one of its keys; None and None where there is none."""
    inside, key = None, None
    while isinstance(data, dict | list) and data:
        keys = list(data) if isinstance(data, dict) else range(len(data))
        inside, key = data, random.choice(list(keys))
        data = data[key]
        if random.random() < 0.25:
            break
    return inside, key


def _renamed(random: Random, key: str) -> str:
    at = random.randrange(len(key) + 1)
    return random.choice((key[:at] + key[at + 1 :], key[:at] + "x" + key[at:], key.upper(), key + "s", "", key[::-1]))


def _keys(data: Any) -> set[str]:
    if isinstance(data, dict):
        return {str(key) for key in data} | {name for value in data.values() for name in _keys(value)}
    return {name for value in data for name in _keys(value)} if isinstance(data, list) else set()


def _structure(random: Random, names: list[str], depth: int) -> Any:
    kind = random.random()
    if depth == 0 or kind < 0.35:
        return random.choice(VALUES)
    if kind < 0.85:
        return {random.choice(names): _structure(random, names, depth - 1) for _ in range(random.randrange(6))}
    return [_structure(random, names, depth - 1) for _ in range(random.randrange(4))]
