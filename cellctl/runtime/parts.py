"""The parts of a cell that others check: devices by their drivers, plugins, recipes' models and the world."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from cellctl.builtin import MODELS
from cellctl.config import WORLD, CellConfig, TagInfo
from cellctl.config.checking.mistakes import Mistakes
from cellctl.config.resolved import Device, PluginEntry, ResolvedCell, WorldEntry
from cellctl.config.resolved.scada import ScadaServer
from cellctl.config.resolving.recipes import Model
from cellctl.config.sections.cell import WorldSection
from cellctl.config.source.document import Loc
from cellctl.config.source.nearest import listed, nearest
from cellctl.config.source.text import reason
from cellctl.devices.modbus.settings import MODBUS, ModbusSettings, ModbusTlsSettings
from cellctl.devices.modbus.tls import CertificateError, tls_context
from cellctl.devices.tags import TagTable, WireType, scan_tag_table
from cellctl.errors import CellError, ConfigError, ConfigErrors
from cellctl.runtime.scada.check import ScadaCheck
from cellctl.runtime.scada.names import known_names
from cellctl.runtime.sources import settle
from cellctl.runtime.topology import FACES, reads_again
from cellctl.sdk.registry import find_driver, find_plugin, find_world

IMPLICIT = {"loop": "quality-loop", "evidence": "evidence-recorder"}
"""Plugins that every cell has; listing one under `plugins:` changes its settings."""
SHIPPED = "cellctl:"
"""`model: cellctl:coating.onnx` is a model that comes with the product."""


class Bus(NamedTuple):
    """A device with registers: what the file says of it, and its tag table as far as it is sound."""

    settings: ModbusSettings
    table: TagTable


class Parts:
    """Reads each part by itself; what is wrong with one leaves the others as they are.

    Args:
        folder: paths in the file are relative to it.
        config: the sections.
        mistakes: where every mistake goes.
        data: folder that `data:NAME` is below.
    """

    def __init__(self, folder: Path, config: CellConfig, mistakes: Mistakes, data: Path | None) -> None:
        self._folder = folder
        self._config = config
        self._mistakes = mistakes
        self._data = data
        self.tags: dict[str, TagInfo] = {}
        self.buses: dict[str, Bus] = {}
        self.tables: dict[str, str] = {}

    def check_names(self) -> None:
        """Every worker has its own name, and the cell has one loop and one recorder, whatever they are called."""
        config, kinds = self._config, [section.use for section in self._config.plugins.values()]
        for name in config.devices:
            if name in FACES:
                self._taken(("devices", name), "{name} is the cell's own", name=name)
        for name, section in config.plugins.items():
            own = IMPLICIT.get(name, section.use)
            if name in FACES:
                self._taken(("plugins", name), "{name} is the cell's own", name=name)
            elif name in config.devices:
                self._taken(("plugins", name), "a device is called {name} already", name=name)
            elif own not in kinds:
                self._taken(("plugins", name), "the cell's own {own} is called {name}", own=own, name=name)
            elif section.use in IMPLICIT.values() and kinds.count(section.use) > 1:
                self._taken(("plugins", name), "a cell has one {use}", "leave one of them out", use=section.use)

    def devices(self) -> tuple[Device, ...]:
        """Every sound device."""
        return tuple(it for name in self._config.devices if (it := self._device(name)) is not None)

    def plugins(self) -> tuple[PluginEntry, ...]:
        """Every sound plugin, with those that every cell has."""
        return tuple(it for name in self.plugin_names() if (it := self._plugin(name)) is not None)

    def plugin_names(self) -> list[str]:
        """Those listed, and those that every cell has."""
        used = {section.use for section in self._config.plugins.values()}
        lost = self._mistakes.lost_names("plugins")
        own = (name for name, use in IMPLICIT.items() if use not in used and name not in lost)
        return [*self._config.plugins, *own]

    def models(self) -> dict[str, Model]:
        """The classifier of each recipe; one that names none shares that of the recipe that the cell starts with."""
        own = {name: self._model(name, it.model) for name, it in self._config.recipes.items() if it.model is not None}
        first = own.get(self._config.product, Model())
        return {name: own.get(name, first) for name in self._config.recipes}

    def world(self) -> WorldEntry | None:
        """What stands in for all devices in virtual time; None after a mistake in it."""
        loc: Loc = ("simulate", WORLD)
        if self._mistakes.is_lost(loc):
            return None
        if WORLD not in self._config.simulate and self._reads_again():
            return None
        if WORLD not in self._config.simulate:
            self._mistakes.add("CELL-1080", loc, "nothing stands in for the devices in virtual time",
                               "add `world: {{use: coater}}` under `simulate:`")  # fmt: skip
            return None
        section = self._mistakes.part(WorldSection, loc)
        if section is None:
            return None
        try:
            kind = find_world(section.use)
        except ConfigError as error:
            self._mistakes.place(error, (*loc, "use"))
            return None
        settings = self._mistakes.part(kind.Settings, loc, ("use", "durations"))
        for name in section.durations:
            self._check_duration(name, (*loc, "durations", name))
        return None if settings is None else WorldEntry(section.use, _plain(settings), dict(section.durations))

    def _reads_again(self) -> bool:
        """Whether every device can be read in virtual time itself; one that is not known is reported elsewhere."""
        drivers = {section.driver for section in self._config.devices.values()}
        try:
            return bool(drivers) and all(reads_again(driver) for driver in drivers)
        except CellError:
            return False

    def _taken(self, loc: Loc, why: str, remedy: str = "give it another name", **values: Any) -> None:
        self._mistakes.add("CELL-1024", loc, why, remedy, key=True, **values)

    def _device(self, name: str) -> Device | None:
        loc: Loc = ("devices", name)
        driver = self._config.devices[name].driver
        if driver in MODBUS:
            return self._bus(name, driver, loc)
        try:
            kind = find_driver(driver)
        except ConfigError as error:
            error.nearest = error.nearest or nearest(driver, MODBUS)
            self._mistakes.place(error, (*loc, "driver"))
            self._mistakes.lose(loc)
            return None
        settings = self._mistakes.part(kind.Settings, loc, ("driver",))
        if settings is None:
            self._mistakes.lose(loc)
            return None
        try:
            return Device(name, driver, settle(self._mistakes.document, loc, kind, settings, self._data))
        except ConfigErrors as errors:
            self._mistakes.take(errors)
        except ConfigError as error:
            self._mistakes.place(error, (*loc, "driver"))
        self._mistakes.lose(loc)
        return None

    def _bus(self, name: str, driver: str, loc: Loc) -> Device | None:
        settings = self._mistakes.part(MODBUS[driver], loc, ("driver",))
        paths = self._paths(settings, loc) if settings is not None else None
        if settings is None or paths is None:
            self._mistakes.lose(loc)
            return None
        path = paths["tags"]
        try:
            reading = scan_tag_table(path, settings.poll)
        except ConfigErrors as errors:
            self._mistakes.take(errors)
            self._mistakes.lose(loc)
            return None
        self._mistakes.take(reading.errors)
        for broken in reading.broken:
            self._mistakes.lose((*loc, "tags", broken))
        for tag in reading.table.tags:
            self.tags[f"{name}.{tag.name}"] = TagInfo(tag.unit, tag.resolution, tag.minimum, tag.maximum, tag.writable,
                                                      is_text=tag.type is WireType.STRING)  # fmt: skip
        self.buses[name] = Bus(settings, reading.table)
        self.tables[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        whole = {key: str(file.resolve()) for key, file in paths.items()}
        return Device(name, driver, {**_plain(settings), **whole})

    def _paths(self, settings: ModbusSettings, loc: Loc) -> dict[str, Path] | None:
        """The files that a device's settings name, relative to the cell's file; None after a mistake in them."""
        paths = {key: self._folder / said for key, said in settings if isinstance(said, Path)}
        missing = [key for key, path in paths.items() if not self._is_file(path)]
        for key in missing:
            self._mistakes.add("CELL-1030", (*loc, key), "no file {file}", "correct the path", file=paths[key])
        if missing:
            return None
        if isinstance(settings, ModbusTlsSettings):
            try:
                tls_context(settings.model_copy(update=paths))
            except CertificateError as error:
                unusable = ConfigError("CELL-1046", error.what_text, do=error.do_text)
                self._mistakes.place(unusable, (*loc, error.key))
                return None
        return paths

    def _plugin(self, name: str) -> PluginEntry | None:
        section = self._config.plugins.get(name)
        loc: Loc = ("plugins", name)
        try:
            plugin = find_plugin(section.use if section is not None else IMPLICIT[name])
        except ConfigError as error:
            self._mistakes.place(error, (*loc, "use"))
            self._mistakes.lose(loc)
            return None
        if section is None:
            return PluginEntry(name, IMPLICIT[name], (), _plain(plugin.Settings()))
        settings = self._mistakes.part(plugin.Settings, loc, ("use", "from"))
        if settings is None:
            self._mistakes.lose(loc)
            return None
        return PluginEntry(name, section.use, section.sources, _plain(settings))

    def scada(self, cell: ResolvedCell) -> ScadaServer | None:
        """The server by which other systems read the cell, if it has one and its table is there."""
        section = self._config.scada
        if section is None:
            return None
        known = known_names(cell, {name: bus.table for name, bus in self.buses.items()})
        broken = any(loc[0] in {"devices", "loops"} for loc in self._mistakes.document.lost if loc)
        return ScadaCheck(self._folder, section, known, broken, self._mistakes).resolve()

    def _check_duration(self, name: str, loc: Loc) -> None:
        known = self.plugin_names()
        if name not in known and not self._mistakes.is_lost(("plugins", name)):
            self._mistakes.add("CELL-1020", loc, "expected a plugin of the cell, got {name!r}", "use one of: {known}",
                               key=True, near=nearest(name, known), name=name, known=listed(known))  # fmt: skip

    def _model(self, product: str, name: str) -> Model:
        shipped = name.startswith(SHIPPED)
        path = MODELS / name.removeprefix(SHIPPED) if shipped else (self._folder / name).absolute()
        loc: Loc = ("recipes", product, "model")
        try:
            if path.is_file():
                return Model(str(path), hashlib.sha256(path.read_bytes()).hexdigest())
        except (OSError, ValueError) as error:
            self._mistakes.add("CELL-1040", loc, "cannot read {file}: {reason}", "correct the path", file=path,
                               reason=reason(error))  # fmt: skip
        else:
            what = "no model that ships is called {file}" if shipped else "no file {file}"
            self._mistakes.add("CELL-1040", loc, what,
                               "correct {name!r}, or name a shipped model as {shipped}coating.onnx",
                               near=_nearest_shipped(name), file=path.name if shipped else self._folder / name,
                               name=name, shipped=SHIPPED)  # fmt: skip
        self._mistakes.lose(loc)
        return Model()

    @staticmethod
    def _is_file(path: Path) -> bool:
        try:
            return path.is_file()
        except (OSError, ValueError):  # a name that no file system takes
            return False


def _plain(settings: BaseModel) -> dict[str, Any]:
    return settings.model_dump(mode="json")


def _nearest_shipped(name: str) -> str:
    """The shipped model that is probably meant; empty when none is."""
    return nearest(name, (f"{SHIPPED}{it.name}" for it in MODELS.glob("*.onnx")))
