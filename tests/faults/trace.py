"""What a program did to its files, from a log of `strace`: made, wrote, synced, moved, removed, and what it said.

The program runs under `strace -f -y -xx`: every thread, file descriptors with their paths, all strings in hex. A call
that was interrupted by another thread's counts where it returned. What the program writes to its standard output is
what it says to the world outside, in the order in which it said it.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CALLS = (
    "openat,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,"
    "write,pwrite64,ftruncate,fsync,fdatasync"
)
_WHOLE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+)(.*)")
_BEGUN = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>")
_ENDED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_DESCRIPTOR = re.compile(r"^(\d+)<((?:\\x[0-9a-f]{2})*)>")


class Made(NamedTuple):
    """A file or folder came into being, empty."""

    path: str
    folder: bool


class Wrote(NamedTuple):
    """Bytes were added to the end of a file."""

    path: str
    data: bytes


class Cut(NamedTuple):
    """A file was cut, or emptied, to a size."""

    path: str
    size: int


class Synced(NamedTuple):
    """A file's bytes, or a folder's names, are on the disk."""

    path: str


class Moved(NamedTuple):
    """A name became another, and what had that name before is gone."""

    old: str
    new: str


class Removed(NamedTuple):
    """A name is gone."""

    path: str


class Said(NamedTuple):
    """The program told the world outside."""

    text: str


Event = Made | Wrote | Cut | Synced | Moved | Removed | Said


def run_traced(command: list[str], log: Path, root: Path) -> list[Event]:
    """Run a program to its end, and return what it did below `root`."""
    options = ["strace", "-f", "-y", "-xx", "-s", "1000000", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o", str(log)]
    subprocess.run([*options, *command], check=True, stdout=subprocess.DEVNULL, timeout=300)
    return list(events(log.read_text(), str(root)))


def events(log: str, root: str) -> Iterator[Event]:
    """The events of a log below `root`."""
    known: set[str] = set()
    for call, arguments, result in _calls(log):
        for event in _events(call, arguments, result, known):
            if isinstance(event, Said) or event[0].startswith(root):
                yield event


def _calls(log: str) -> Iterator[tuple[str, str, str]]:
    """Name, arguments and result of each call that succeeded, in the order in which they returned."""
    begun: dict[str, str] = {}
    for line in log.splitlines():
        if match := _BEGUN.match(line):
            begun[match[1]] = f"{match[1]} {match[2]}({match[3]}"
        else:
            ended = _ENDED.match(line)
            whole = _WHOLE.match(begun.pop(ended[1]) + ended[2] if ended else line)
            if whole and not whole[4].startswith("-"):
                yield whole[2], whole[3], whole[4] + whole[5]


def _events(call: str, arguments: str, result: str, known: set[str]) -> Iterator[Event]:
    names = [_text(it) for it in _STRING.findall(arguments)]
    descriptor = _DESCRIPTOR.match(arguments)
    if call == "openat" and "O_CREAT" in arguments:
        if names[0] not in known:
            known.add(names[0])
            yield Made(names[0], folder=False)
        elif "O_TRUNC" in arguments:
            yield Cut(names[0], 0)
    elif call.startswith("mkdir"):
        yield Made(names[0], folder=True)
    elif call.startswith("rename"):
        known.discard(names[0])
        known.add(names[1])
        yield Moved(*names)
    elif call.startswith(("unlink", "rmdir")):
        known.discard(names[0])
        yield Removed(names[0])
    elif descriptor is not None:
        yield from _on_descriptor(call, arguments, result, int(descriptor[1]), _text(descriptor[2]))


def _on_descriptor(call: str, arguments: str, result: str, number: int, path: str) -> Iterator[Event]:
    if call in {"write", "pwrite64"}:
        data = bytes.fromhex(_STRING.findall(arguments)[0].replace("\\x", ""))[: int(result.split("<", maxsplit=1)[0])]
        yield Said(data.decode()) if number == 1 else Wrote(path, data)
    elif call == "ftruncate":
        yield Cut(path, int(arguments.rsplit(", ", 1)[1]))
    elif call in {"fsync", "fdatasync"}:
        yield Synced(path)


def _text(escaped: str) -> str:
    return bytes.fromhex(escaped.replace("\\x", "")).decode()
