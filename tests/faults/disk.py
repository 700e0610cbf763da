"""What a disk may hold after the power went: what was synced, and any part of what was not.

A file's bytes are safe when the file was synced; its name is safe when its folder was. Of the rest a disk may have
taken nothing, everything, one thing before another, or half of the last write: sectors have 512 bytes, and each is
there whole or not at all. What it never does is lose what it has synced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tests.faults.trace import Cut, Event, Made, Moved, Removed, Said, Synced, Wrote

SECTOR = 512
Files = dict[str, bytes | None]
"""Path → content; None for a folder."""


@dataclass
class Inode:
    """One file or folder; `synced` is what the disk surely has of a file, `names` of a folder."""

    folder: bool
    synced: bytes = b""
    size: int = 0
    names: dict[str, int] = field(default_factory=dict)


@dataclass
class Change:
    """One thing that was not synced: bytes at a place of a file, its size, or a name of a folder."""

    inode: int
    offset: int = 0
    data: bytes = b""
    cut: bool = False
    add: tuple[str, int] | None = None
    remove: str = ""

    @property
    def is_write(self) -> bool:
        """Whether it added bytes to a file."""
        return not (self.cut or self.add or self.remove)


class Disk:
    """Follows events below `root`, and says what may be there after a cut now."""

    def __init__(self, root: str) -> None:
        self._root = PurePosixPath(root)
        self._inodes = [Inode(folder=True)]
        self._live: dict[str, int] = {root: 0}
        self._open: list[Change] = []

    def follow(self, event: Event) -> None:
        """Take in what the program did."""
        match event:
            case Said():
                return
            case Made(path, folder=folder):
                self._inodes.append(Inode(folder=folder))
                self._live[path] = len(self._inodes) - 1
                self._name(path, add=(PurePosixPath(path).name, self._live[path]))
            case Wrote(path, data):
                inode = self._inodes[self._live[path]]
                self._open.append(Change(self._live[path], inode.size, data))
                inode.size += len(data)
            case Cut(path, size):
                self._inodes[self._live[path]].size = size
                self._open.append(Change(self._live[path], size, cut=True))
            case Moved(old, new):
                self._live[new] = self._live.pop(old)
                self._name(new, add=(PurePosixPath(new).name, self._live[new]), remove=PurePosixPath(old).name)
            case Removed(path):
                self._name(path, remove=PurePosixPath(path).name)
                del self._live[path]
            case Synced(path):
                self._sync(self._live[path])

    def outcomes(self) -> Iterator[Files]:
        """All that may be there when the power goes now; some may be alike."""
        every = self._open
        yield self._with([])
        yield self._with(every)
        for place, change in enumerate(every):
            yield self._with([change])
            yield self._with([*every[:place], *every[place + 1 :]])
        writes = [place for place, change in enumerate(every) if change.is_write]
        if writes:
            yield from (self._with([*every[: writes[-1]], *torn]) for torn in _torn(every[writes[-1]]))

    def _name(self, path: str, add: tuple[str, int] | None = None, remove: str = "") -> None:
        self._open.append(Change(self._live[str(PurePosixPath(path).parent)], add=add, remove=remove))

    def _sync(self, number: int) -> None:
        mine = [change for change in self._open if change.inode == number]
        self._open = [change for change in self._open if change.inode != number]
        inode = self._inodes[number]
        inode.synced, inode.names = _content(inode, mine), _names(inode, mine)

    def _with(self, changes: list[Change]) -> Files:
        """The files when of the open changes just these reached the disk."""
        found: Files = {}
        waiting = [(self._root, 0)]
        while waiting:
            path, number = waiting.pop()
            inode, mine = self._inodes[number], [change for change in changes if change.inode == number]
            found[str(path)] = None if inode.folder else _content(inode, mine)
            waiting += [(path / name, it) for name, it in _names(inode, mine).items()]
        return found


def lay_out(files: Files, root: str, target: Path) -> None:
    """Write the files of an outcome below another folder, and nothing else there."""
    for path, content in sorted(files.items()):
        place = target / PurePosixPath(path).relative_to(root)
        if content is None:
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.write_bytes(content)


def _content(inode: Inode, changes: list[Change]) -> bytes:
    data = bytearray(inode.synced)
    for change in changes:
        if change.cut:
            del data[change.offset :]
            data.extend(bytes(change.offset - len(data)))
        elif change.is_write:
            data.extend(bytes(max(0, change.offset - len(data))))
            data[change.offset : change.offset + len(change.data)] = change.data
    return bytes(data)


def _names(inode: Inode, changes: list[Change]) -> dict[str, int]:
    names = dict(inode.names)
    for change in changes:
        names.pop(change.remove, None)
        if change.add:
            names[change.add[0]] = change.add[1]
    return names


def _torn(change: Change) -> Iterator[list[Change]]:
    """The last write as far as each of its sectors, then with a hole where the first or the last sector should be."""
    end = change.offset + len(change.data)
    edges = range((change.offset // SECTOR + 1) * SECTOR, end, SECTOR)
    for edge in edges:
        yield [_part(change, change.offset, edge)]
        yield [_part(change, edge, end)]
    yield [Change(change.inode, change.offset, bytes(len(change.data)))]


def _part(change: Change, begin: int, end: int) -> Change:
    return Change(change.inode, begin, change.data[begin - change.offset : end - change.offset])
