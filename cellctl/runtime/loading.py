"""From a YAML file to a resolved cell: drivers and plugins check their own parts, then everything is resolved."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from cellctl.builtin import MODELS
from cellctl.config import (
    WORLD,
    CellConfig,
    Document,
    ResolvedCell,
    Resolver,
    TagInfo,
    read_yaml,
    validate,
    with_stand_ins,
    with_values,
)
from cellctl.config.cell import WorldSection
from cellctl.config.nearest import nearest
from cellctl.config.resolved import Device, PluginEntry, WorldEntry
from cellctl.config.validation import dotted
from cellctl.config.yaml_source import Loc
from cellctl.devices.modbus.settings import ModbusTcpSettings
from cellctl.devices.tags import TagTable, read_tag_table
from cellctl.errors import ConfigError, ConfigErrors, text
from cellctl.runtime.bus.plant import PlantImage
from cellctl.runtime.topology import MODBUS_TCP, SUPERVISOR, build
from cellctl.sdk.registry import find_driver, find_plugin, find_world
from cellctl.sdk.world import World

IMPLICIT = {"loop": "quality-loop", "evidence": "evidence-recorder"}
"""Plugins that every cell has; listing one under `plugins:` changes its settings."""
VERSION = 2
"""Of the cell file; `cellctl migrate` brings older ones up to it."""
SHIPPED = "cellctl:"
"""`model: cellctl:coating.onnx` is a model that comes with the product."""


def load_cell(
    path: Path,
    *,
    simulated: bool = False,
    endpoints: dict[str, dict[str, Any]] | None = None,
    lockstep: bool = False,
    seed: int | None = None,
    world: dict[str, Any] | None = None,
) -> ResolvedCell:
    """Read, check and resolve a cell.

    Args:
        path: the YAML file; other files it names are relative to it.
        simulated: let the section `simulate:` stand in for devices.
        endpoints: device → keys that a simulator on free ports has chosen.
        lockstep: resolve `simulate: {world: …}` too, which stands in for all devices in virtual time.
        seed: of the cell and of its world, instead of the file's.
        world: keys of the world instead of the file's.

    Raises ConfigErrors with every mistake found in the first stage that finds any.
    """
    document = read_yaml(path)
    if simulated or lockstep:
        document = with_stand_ins(document, endpoints)
    check_version(document)
    document = with_values(document, _overrides(lockstep=lockstep, seed=seed, world=world or {}))
    config = validate(document, CellConfig)
    return _Loader(path.parent, document, config, lockstep=lockstep).load()


def check_version(document: Document) -> None:
    """ConfigError CELL-1006 for a file of an older or newer version: everything else in it would be misread."""
    found = document.data.get("version") if isinstance(document.data, dict) else None
    if isinstance(found, int) and not isinstance(found, bool) and found != VERSION:
        remedy = "run `cellctl migrate {file}`" if found < VERSION else "install a newer cellctl"
        raise ConfigError("CELL-1006", "version: expected {expected}, got {found}", where=document.where(("version",)),
                          do=remedy, expected=VERSION, found=found, file=document.file)  # fmt: skip


def has_world(path: Path) -> bool:
    """Whether the file says what stands in for all devices in virtual time."""
    data = read_yaml(path).data
    return isinstance(data, dict) and WORLD in (data.get("simulate") or {})


def make_world(cell: ResolvedCell) -> World:
    """The world of a cell that was loaded for virtual time; ConfigError CELL-1080 when it has none."""
    if cell.world is None:
        raise ConfigError("CELL-1080", "nothing stands in for the devices in virtual time", do="hand a world over")
    kind = find_world(cell.world.use)
    return kind(kind.Settings.model_validate(cell.world.settings), cell)


def _overrides(*, lockstep: bool, seed: int | None, world: dict[str, Any]) -> dict[Loc, Any]:
    changes: dict[Loc, Any] = {("simulate", WORLD, key): value for key, value in world.items()}
    if seed is not None:
        changes["cell", "seed"] = seed
        if lockstep:
            changes["simulate", WORLD, "seed"] = seed
    return changes


class _Loader:
    def __init__(self, folder: Path, document: Document, config: CellConfig, *, lockstep: bool) -> None:
        self._lockstep = lockstep
        self._folder = folder
        self._document = document
        self._config = config
        self._errors: list[ConfigError] = []
        self._tags: dict[str, TagInfo] = {}

    def load(self) -> ResolvedCell:
        self._check_names()
        devices = [device for name in self._config.devices if (device := self._device(name))]
        plugins = [plugin for name in self._plugin_names() if (plugin := self._plugin(name))]
        model = self._model()
        world = self._world() if self._lockstep else None
        if self._errors:
            raise ConfigErrors(self._errors)
        resolver = Resolver(self._document, self._config, self._tags)
        digest = hashlib.sha256(model.read_bytes()).hexdigest() if model is not None else ""
        cell = resolver.resolve(tuple(devices), tuple(plugins), str(model or ""), digest)
        cell = msgspec.structs.replace(cell, world=world)
        self._check_wiring(cell)
        self._check_command_blocks(cell)
        for entry in plugins:
            kind = find_plugin(entry.use)
            kind.check(kind.Settings.model_validate(entry.settings), cell)
        return cell

    def _check_names(self) -> None:
        """Every worker has its own name, and the cell has one loop and one recorder, whatever they are called."""
        config, kinds = self._config, [section.use for section in self._config.plugins.values()]
        for name in config.devices:
            if name == SUPERVISOR:
                self._taken(("devices", name), "{name} is the cell's own", name=name)
        for name, section in config.plugins.items():
            own = IMPLICIT.get(name, section.use)
            if name == SUPERVISOR:
                self._taken(("plugins", name), "{name} is the cell's own", name=name)
            elif name in config.devices:
                self._taken(("plugins", name), "a device is called {name} already", name=name)
            elif own not in kinds:
                self._taken(("plugins", name), "the cell's own {own} is called {name}", own=own, name=name)
            elif section.use in IMPLICIT.values() and kinds.count(section.use) > 1:
                self._taken(("plugins", name), "a cell has one {use}", "leave one of them out", use=section.use)

    def _taken(self, loc: Loc, why: str, remedy: str = "give it another name", **values: Any) -> None:
        where = self._document.where_key(loc)
        what = text("{path}: {problem}", path=dotted(loc), problem=text(why, **values))
        self._errors.append(ConfigError("CELL-1024", what, where=where, do=remedy))

    def _device(self, name: str) -> Device | None:
        loc: Loc = ("devices", name)
        driver = self._config.devices[name].driver
        try:
            if driver == MODBUS_TCP:
                settings = validate(self._document, ModbusTcpSettings, loc, ("driver",))
                return Device(name, driver, self._with_tags(name, settings))
            kind = find_driver(driver)
            source_settings = validate(self._document, kind.Settings, loc, ("driver",))
            return Device(name, driver, source_settings.model_dump(mode="json"))
        except ConfigErrors as error:
            self._errors += error.errors
        except ConfigError as error:
            self._errors.append(self._placed(error, (*loc, "driver")))
        return None

    def _with_tags(self, name: str, settings: ModbusTcpSettings) -> dict[str, Any]:
        """Read the tag table and keep its absolute path in the settings."""
        path = self._folder / settings.tags
        if not path.is_file():
            raise self._placed(
                ConfigError(
                    "CELL-1030", "devices.{name}.tags: no file {file}", do="correct the path", name=name, file=path
                ),
                ("devices", name, "tags"),
            )
        for tag in read_tag_table(path).tags:
            self._tags[f"{name}.{tag.name}"] = TagInfo(tag.unit, tag.resolution, tag.minimum, tag.maximum, tag.writable)
        return {**settings.model_dump(mode="json"), "tags": str(path.resolve())}

    def _plugin_names(self) -> list[str]:
        used = {section.use for section in self._config.plugins.values()}
        return [*self._config.plugins, *(name for name, use in IMPLICIT.items() if use not in used)]

    def _plugin(self, name: str) -> PluginEntry | None:
        section = self._config.plugins.get(name)
        loc: Loc = ("plugins", name)
        try:
            if section is None:
                plugin = find_plugin(IMPLICIT[name])
                return PluginEntry(name, IMPLICIT[name], (), plugin.Settings().model_dump(mode="json"))
            plugin = find_plugin(section.use)
            settings = validate(self._document, plugin.Settings, loc, ("use", "from"))
            return PluginEntry(name, section.use, section.sources, settings.model_dump(mode="json"))
        except ConfigErrors as error:
            self._errors += error.errors
        except ConfigError as error:
            self._errors.append(self._placed(error, (*loc, "use")))
        return None

    def _world(self) -> WorldEntry | None:
        loc: Loc = ("simulate", WORLD)
        try:
            self._check_world()
            section = validate(self._document, WorldSection, loc)
            kind = find_world(section.use)
            settings = validate(self._document, kind.Settings, loc, ("use", "durations"))
            for name in section.durations:
                self._check_duration(name, (*loc, "durations", name))
            return WorldEntry(section.use, settings.model_dump(mode="json"), dict(section.durations))
        except ConfigErrors as error:
            self._errors += error.errors
        except ConfigError as error:
            self._errors.append(self._placed(error, (*loc, "use")))
        return None

    def _check_world(self) -> None:
        if WORLD not in self._config.simulate:
            what = "simulate.world: nothing stands in for the devices in virtual time"
            remedy = "add `world: {use: coater}` under `simulate:`"
            raise ConfigError("CELL-1080", what, where=self._document.where(("simulate",)), do=remedy)

    def _check_duration(self, name: str, loc: Loc) -> None:
        if name not in self._plugin_names():
            raise ConfigError("CELL-1020", "{path}: expected a plugin of the cell, got {name!r}",
                              where=self._document.where_key(loc), do="use one of: {known}", path=dotted(loc),
                              nearest=nearest(name, self._plugin_names()), name=name,
                              known=", ".join(self._plugin_names()))  # fmt: skip

    def _model(self) -> Path | None:
        name = self._config.recipe.model
        if name is None:
            return None
        shipped = name.startswith(SHIPPED)
        path = MODELS / name.removeprefix(SHIPPED) if shipped else (self._folder / name).resolve()
        if not path.is_file():
            self._no_model(name, path)
        return path

    def _no_model(self, name: str, path: Path) -> NoReturn:
        loc: Loc = ("recipes", self._config.product, "model")
        where = self._document.where(loc)
        remedy = "correct {name!r}, or name a shipped model as {shipped}coating.onnx"
        error = ConfigError("CELL-1040", "{path}: no file {file}", where=where, do=remedy, path=dotted(loc),
                            file=path, name=name, shipped=SHIPPED)  # fmt: skip
        raise ConfigErrors([*self._errors, error])

    def _check_wiring(self, cell: ResolvedCell) -> None:
        """Derive the topology once, so that a `from:` that names nothing is found before the cell runs."""
        try:
            build(cell, Path(), Path())
        except ConfigError as error:
            raise self._placed(error, ("plugins", error.what_text.values["worker"], "from")) from error

    def _check_command_blocks(self, cell: ResolvedCell) -> None:
        """One write carries all registers from the sequence to the last guarded set-point: each needs a tag."""
        for device in cell.devices:
            if device.driver != MODBUS_TCP:
                continue
            settings = ModbusTcpSettings.model_validate(device.settings)
            table = read_tag_table(settings.tags)
            self._check_image(device, settings, table, cell)
            tags = {f"{device.name}.{tag.name}": tag for tag in table.tags}
            guarded = [tags[point.tag].address.register for point in cell.guard.setpoints if point.tag in tags]
            base = tags[f"{device.name}.{settings.handshake.sequence}"].address.register
            covered = {
                tag.address.register + word for tag in tags.values() if tag.in_force for word in range(tag.type.words)
            }
            missing = sorted(set(range(base + 1, max(guarded, default=base))) - covered)
            if missing:
                raise self._placed(
                    ConfigError(
                        "CELL-1029",
                        "devices.{name}.tags: no tag with a value in force covers HR{register}, which lies between the "
                        "set-points that are written",
                        do="add a row for it to the tag table, also when the controller does not use it",
                        name=device.name,
                        register=missing[0],
                    ),
                    ("devices", device.name, "tags"),
                )

    def _check_image(self, device: Device, settings: ModbusTcpSettings, table: TagTable, cell: ResolvedCell) -> None:
        """The bus finds every tag that it needs, and may write the two by which it makes itself known."""
        loc: Loc = ("devices", device.name, "handshake")
        try:
            image = PlantImage(device.name, settings, table, cell.guard, cell.web)
        except ConfigError as error:
            of_the_envelope = "tag" in error.what_text.values
            raise self._placed(error, ("guard", "envelope") if of_the_envelope else loc) from error
        for key, tag in (("heartbeat", image.heartbeat), ("sequence", image.sequence)):
            if not tag.writable:
                raise self._placed(ConfigError("CELL-1022", "{path}: {name} is not writable",
                                               do="choose a tag with access rw", path=dotted((*loc, key)),
                                               name=tag.name), (*loc, key))  # fmt: skip

    def _placed(self, error: ConfigError, loc: Loc) -> ConfigError:
        """The error with its place in the YAML file, unless it already has one."""
        if error.where is not None:
            return error
        return ConfigError(error.code, error.what_text, where=self._document.where(loc), do=error.do_text,
                           nearest=error.nearest)  # fmt: skip
