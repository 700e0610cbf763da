"""What the rows of a tag table may not share: names, written registers, and registers that show what is in force."""

from __future__ import annotations

from cellctl.devices.tags.address import Address, Bank
from cellctl.devices.tags.checks import Mistake
from cellctl.devices.tags.row import RowReader
from cellctl.devices.tags.tag import Tag
from cellctl.errors import text

_Place = tuple[Bank, int, int]


class Neighbours:
    """Names and registers of the rows so far: none may stand twice."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._written: dict[_Place, str] = {}
        self._shown: dict[_Place, str] = {}

    def check(self, reader: RowReader, tag: Tag) -> bool:
        """Report a name or a register that an earlier row has; whether there is none."""
        first = self._names.get(tag.name, 0)
        if first:
            expected = text("a name of its own: line {line} has it already", line=first)
            reader.report(Mistake("CELL-1033", "name", expected, text("rename one of the two")))
            return False
        self._names[tag.name] = reader.line
        if not tag.writable:
            return True
        written = self._is_free(reader, tag, "address", tag.address, self._written)
        return written and (tag.in_force is None or self._is_free(reader, tag, "in_force", tag.in_force, self._shown))

    @staticmethod
    def _is_free(reader: RowReader, tag: Tag, column: str, first: Address, taken: dict[_Place, str]) -> bool:
        """Take the registers of a tag; one that another has would be written, or read as confirmed, for both."""
        places = [(first.bank, first.register + word, first.bit) for word in range(tag.words)]
        owner = next((taken[it] for it in places if it in taken), None)
        for place in places:
            taken.setdefault(place, tag.name)
        if owner is not None:
            reader.report(Mistake("CELL-1033", column, text("registers that {other} does not use", other=repr(owner)),
                                  text("correct one of the two")))  # fmt: skip
        return owner is None
