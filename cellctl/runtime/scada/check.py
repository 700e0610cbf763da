"""Whether the server for SCADA can serve what its table names, before the cell runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cellctl.config.checking.mistakes import Mistakes
from cellctl.config.resolved.scada import ScadaServer
from cellctl.config.sections.scada import ScadaSection, endpoint
from cellctl.config.source.document import Loc
from cellctl.config.source.nearest import nearest
from cellctl.devices.modbus_server.points import Served, scan_points
from cellctl.devices.modbus_server.requests import Function
from cellctl.devices.tags import WireType
from cellctl.errors import ConfigError, ConfigErrors
from cellctl.runtime.scada.names import OWN, Known

WRITES = frozenset({5, 6, 15, 16, 21, 22, 23})
"""Function codes that change something (Modbus application protocol 1.1b3, 6)."""
AT: Loc = ("scada",)


class ScadaCheck(NamedTuple):
    """Looks over the section and its table.

    Attributes:
        folder: paths in the file are relative to it.
        section: as it is written.
        known: every name that can be served.
        broken: whether a device or loop was left out, so that a name that is not known may be one of its own.
        mistakes: where every mistake goes.
    """

    folder: Path
    section: ScadaSection
    known: Mapping[str, Known]
    broken: bool
    mistakes: Mistakes

    def resolve(self) -> ScadaServer | None:
        """The server, or None when its table is not there."""
        self._allow()
        path, where = self.folder / self.section.tags, endpoint(self.section.listen)
        try:
            raw = path.read_bytes()
            reading = scan_points(path)
        except (OSError, ValueError):
            self.mistakes.add("CELL-1030", (*AT, "tags"), "no file {file}", "correct the path", file=path)
            return None
        except ConfigErrors as errors:
            self.mistakes.take(errors)
            return None
        self.mistakes.take(reading.errors)
        names: set[str] = set()
        for served in reading.served:
            self._row(served, names)
        section = self.section
        return ScadaServer(
            *(where or ("", 0)), section.allow, section.connections, section.idle, section.rate, section.stale,
            str(path.resolve()), hashlib.sha256(raw).hexdigest(),
        )  # fmt: skip

    def _allow(self) -> None:
        for index, code in enumerate(self.section.allow):
            if code in WRITES:
                self.mistakes.add(
                    "CELL-1240", (*AT, "allow", index), "function code {function} writes, and nobody writes to the "
                    "cell by Modbus: it has no login that would say who it was",
                    "remove it; set-points come from recipes and from people with a name", function=code)  # fmt: skip
            elif code not in set(Function):
                self.mistakes.add("CELL-1240", (*AT, "allow", index), "expected 1, 2, 3 or 4, got {function}",
                                  "remove it: these are the codes that read", function=code)  # fmt: skip

    def _row(self, served: Served, names: set[str]) -> None:
        """One row serves a name that is known, once, in a type and unit that fit."""
        name, tag = served.point
        known = self.known.get(name)
        if name in names:
            self._fail(served, "name", "{name} stands twice", "remove one of the two", name=name)
        elif known is None and not (self.broken and name.partition(".")[0] not in OWN):
            self._fail(served, "name", "expected a name that the cell knows, got {name!r}",
                       "name a tag as <device>.<tag>, or what the cell says of itself such as cell.state",
                       near=nearest(name, self.known), name=name)  # fmt: skip
        names.add(name)
        if known is None:
            return
        if not known.is_read:
            self._fail(served, "name", "{name} is never read: nobody knows its value",
                       "give it a class under `poll` in the table of its device", name=name)  # fmt: skip
        if known.is_text is not (tag.type is WireType.STRING):
            do = "use a type such as string[16]" if known.is_text else "use a type such as uint16 or float32"
            self._fail(served, "type", "{type} does not hold {name}", do, type=tag.type.value, name=name)
        if tag.unit not in {"", known.unit}:
            self._fail(served, "unit", "expected {unit}, got {got}", "write the unit that the value has, or nothing",
                       unit=known.unit or "nothing", got=tag.unit)  # fmt: skip

    def _fail(self, served: Served, column: str, what: str, do: str, near: str = "", **values: object) -> None:
        self.mistakes.take([ConfigError("CELL-1241", what, where=served.where(column), do=do, nearest=near, **values)])
