"""Which processes a cell has and how they are linked: derived from the resolved cell, nothing is wired by hand.

Every input is linked to every output of the same message type, unless `from:` narrows it. The supervisor takes
part twice: it sends the cell's state, and it listens to what the faces of the cell show.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from cellctl.config.resolved import PluginEntry, ResolvedCell
from cellctl.devices.modbus.settings import MODBUS, line_of
from cellctl.errors import ConfigError
from cellctl.model import (
    Advice,
    Alarm,
    CellChange,
    CellState,
    Correction,
    Escalation,
    Features,
    Frame,
    Inspection,
    Instruction,
    Label,
    Message,
    Nonconformity,
    Pooled,
    Proposal,
    Reading,
    Regulation,
    RoiImage,
    Waveform,
    WriteResult,
)
from cellctl.pipes import LinkSpec, Policy, qualified_name
from cellctl.sdk.needs import Need, needs_of
from cellctl.sdk.registry import WAVEFORMS, delivers, find_driver, find_plugin
from cellctl.sdk.source import waits

SUPERVISOR = "supervisor"
SCADA = "scada"
FACES = frozenset({SUPERVISOR, SCADA})
"""Who shows what the others say, and says nothing of its own that they wait for."""
FRAME_DEPTH = 8
"""Frames in flight per link: 0.2 s of a 39 Hz camera, enough to ride out a scheduler stall."""
BUS_NEEDS = {
    "modbus-tcp": frozenset({Need.NETWORK}),
    "modbus-tls": frozenset({Need.NETWORK}),
    "modbus-rtu": frozenset({Need.DEVICE_FILES}),
}
"""What the process of a field connection needs, by driver."""
SPARE_SLOTS = 4
"""Slots beyond all links' depths: one being written, the rest being read."""


class Role(StrEnum):
    """What a worker process is."""

    CAMERA = "camera"
    WAVEFORM = "waveform"
    PLUGIN = "plugin"
    BUS = "bus"
    SCADA = "scada"


SOURCES = frozenset({Role.CAMERA, Role.WAVEFORM})
"""Roles of the processes in which something from outside the cell becomes a message."""
DISPENSABLE = frozenset({Role.SCADA})
"""Roles of the processes whose loss stops nothing: they only show."""


class WorkerSpec(msgspec.Struct, frozen=True):
    """One process of the cell.

    Attributes:
        name: as in the configuration.
        role: what kind of process it is.
        use: the driver or plugin in it.
        rank: its place in the flow, cameras first; workers stop rank by rank, so that nothing is lost.
        needs: what its process may do beside reading files and sending messages.
        devices: those that share its connection, itself among them; empty when it is alone.
    """

    name: str
    role: Role
    use: str
    rank: int
    needs: frozenset[Need] = frozenset()
    devices: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Under which names it sends and receives."""
        return self.devices or (self.name,)


class Topology(msgspec.Struct, frozen=True):
    """All processes and links; `pools` maps a camera or another source to the path of its frame pool."""

    workers: tuple[WorkerSpec, ...]
    links: tuple[LinkSpec, ...]
    pools: dict[str, str]

    def holders(self, source: str) -> int:
        """Links that read a source's pool."""
        return sum(1 for link in self.links if link.source == source and link.holder >= 0)


class _Port(NamedTuple):
    worker: str
    name: str
    message: type[Message]


class _Rule(NamedTuple):
    policy: Policy
    depth: int
    max_age_s: float = 0.0


RULES: dict[type[Message], _Rule] = {
    Frame: _Rule(Policy.DROP_OLDEST, FRAME_DEPTH),
    Waveform: _Rule(Policy.DROP_OLDEST, FRAME_DEPTH),
    Reading: _Rule(Policy.DROP_OLDEST, 16),
    CellState: _Rule(Policy.LATEST, 1),
    RoiImage: _Rule(Policy.DROP_OLDEST, 64),
}
"""Where losing the oldest is right: cameras never wait, and only the newest plant values and state count."""
WAITING_RULE = _Rule(Policy.BLOCK, FRAME_DEPTH)
"""A source that can be held back loses nothing."""
DEFAULT_RULE = _Rule(Policy.BLOCK, 64)
FACE_RULE = _Rule(Policy.DROP_OLDEST, 512)
"""A slow screen never holds up the line."""
FACE_MESSAGES = (
    Inspection, Reading, Correction, WriteResult, Nonconformity, Alarm, Advice, Escalation, Regulation, Features,
)  # fmt: skip

SCADA_MESSAGES = (Reading, CellState, Alarm, Correction)

SUPERVISOR_OUTPUTS: dict[str, type[Message]] = {
    "state": CellState, "changes": CellChange, "instructions": Instruction, "labels": Label, "alarms": Alarm,
}  # fmt: skip
"""What the supervisor tells: the cell's state again and again and each change of it once, what people told it, and what
it has to say of its processes."""

BUS_INPUTS: dict[str, type[Message]] = {
    "proposals": Proposal, "state": CellState, "instructions": Instruction,
}  # fmt: skip
BUS_OUTPUTS: dict[str, type[Message]] = {"results": WriteResult, "readings": Reading, "alarms": Alarm}
CAMERA_OUTPUTS: dict[str, type[Message]] = {"frames": Frame, "alarms": Alarm}
WAVEFORM_OUTPUTS: dict[str, type[Message]] = {"waveforms": Waveform, "alarms": Alarm}
OUTPUTS = {Role.BUS: BUS_OUTPUTS, Role.CAMERA: CAMERA_OUTPUTS, Role.WAVEFORM: WAVEFORM_OUTPUTS}


def role_of(driver: str) -> Role:
    """What the process of a device with this driver is. Raises ConfigError CELL-1020 when there is none."""
    if driver in MODBUS:
        return Role.BUS
    return Role.WAVEFORM if delivers(find_driver(driver)) == WAVEFORMS else Role.CAMERA


def reads_again(driver: str) -> bool:
    """Whether devices with this driver can be read in virtual time, as files can. Raises as `role_of`."""
    return driver not in MODBUS and hasattr(find_driver(driver), "in_virtual_time")


def build(cell: ResolvedCell, sockets: Path, pools: Path) -> Topology:
    """Derive the topology.

    Args:
        cell: the resolved cell.
        sockets: folder for the links' sockets.
        pools: folder for frame pools (in memory), whose file names start with the sockets folder's name.

    Raises ConfigError CELL-1026 for a `from:` that names nothing.
    """
    plugins = {entry.name: entry for entry in cell.plugins}
    outputs, inputs = _plugin_ports(cell.plugins)
    roles = {device.name: role_of(device.driver) for device in cell.devices}
    for name, role in roles.items():
        outputs += [_Port(name, *item) for item in OUTPUTS[role].items()]
        inputs += [_Port(name, *item) for item in BUS_INPUTS.items()] if role is Role.BUS else []
    outputs += [_Port(SUPERVISOR, *item) for item in SUPERVISOR_OUTPUTS.items()]
    faces = [_Port(SUPERVISOR, message.__name__, message) for message in FACE_MESSAGES]
    faces += [_Port(SCADA, it.__name__, it) for it in SCADA_MESSAGES] if cell.scada is not None else []
    links = _link(outputs, [*inputs, *faces], plugins, sockets)
    patient = _patient(cell)
    return Topology(
        workers=_workers(cell, links),
        links=tuple(_wait_for_room(link) if link.source in patient else link for link in links),
        pools={name: str(pools / f"{sockets.name}-{name}") for name, role in roles.items() if role in SOURCES},
    )


def _patient(cell: ResolvedCell) -> set[str]:
    """Devices that can be held back."""
    return {it.name for it in cell.devices if it.driver not in MODBUS and waits(find_driver(it.driver))}


def _wait_for_room(link: LinkSpec) -> LinkSpec:
    if link.holder < 0:
        return link
    return msgspec.structs.replace(link, policy=WAITING_RULE.policy, depth=WAITING_RULE.depth)


def _plugin_ports(entries: tuple[PluginEntry, ...]) -> tuple[list[_Port], list[_Port]]:
    outputs: list[_Port] = []
    inputs: list[_Port] = []
    for entry in entries:
        plugin = find_plugin(entry.use)
        outputs += [_Port(entry.name, name, port.message) for name, port in plugin.outputs().items()]
        inputs += [_Port(entry.name, name, port.message) for name, port in plugin.inputs().items()]
    return outputs, inputs


def _link(outputs: list[_Port], inputs: list[_Port], plugins: dict[str, PluginEntry], sockets: Path) -> list[LinkSpec]:
    links: list[LinkSpec] = []
    holders: dict[str, int] = {}
    names = {port.worker for port in outputs}
    for target in inputs:
        sources = plugins[target.worker].sources if target.worker in plugins else ()
        for unknown in set(sources) - names:
            raise ConfigError("CELL-1026", "plugins.{worker}.from: nothing is named {unknown!r}",
                              do="use one of: {known}", worker=target.worker, unknown=unknown,
                              known=", ".join(sorted(names)))  # fmt: skip
        for source in outputs:
            if source.message is not target.message or source.worker == target.worker:
                continue
            if sources and source.worker not in sources and _offers(outputs, sources, target.message):
                continue
            holder = -1
            if issubclass(source.message, Pooled):
                holder = holders[source.worker] = holders.get(source.worker, -1) + 1
            links.append(_spec(source, target, holder, sockets / f"{len(links)}.ipc"))
    return links


def _offers(outputs: list[_Port], sources: tuple[str, ...], message: Any) -> bool:
    """Whether `from:` says anything about this message type at all."""
    return any(port.worker in sources and port.message is message for port in outputs)


def _spec(source: _Port, target: _Port, holder: int, address: Path) -> LinkSpec:
    rule = FACE_RULE if target.worker in FACES else RULES.get(source.message, DEFAULT_RULE)
    return LinkSpec(
        source=source.worker, output=source.name, target=target.worker, input=target.name,
        message=qualified_name(source.message), policy=rule.policy, depth=rule.depth,
        max_age_s=rule.max_age_s, holder=holder, address=f"ipc://{address}",
    )  # fmt: skip


def _workers(cell: ResolvedCell, links: list[LinkSpec]) -> tuple[WorkerSpec, ...]:
    roles = {device.name: (role_of(device.driver), device.driver) for device in cell.devices} | {
        entry.name: (Role.PLUGIN, entry.use) for entry in cell.plugins
    }
    if cell.scada is not None:
        roles[SCADA] = (Role.SCADA, "modbus-tcp")
    ranks = _ranks({name: role for name, (role, _) in roles.items()}, links)
    shared = _shared(cell)
    guests = {name for names in shared.values() for name in names[1:]}
    workers = [
        WorkerSpec(name, role, use, max(ranks[it] for it in shared.get(name, (name,))), _needs(role, use),
                   shared.get(name, ()))
        for name, (role, use) in roles.items() if name not in guests
    ]  # fmt: skip
    return tuple(sorted(workers, key=lambda worker: worker.rank))


def _shared(cell: ResolvedCell) -> dict[str, tuple[str, ...]]:
    """First device of a connection → all of it, where it has several: one process owns them."""
    lines: dict[str, list[str]] = {}
    for device in cell.devices:
        if device.driver in MODBUS:
            lines.setdefault(line_of(device.settings), []).append(device.name)
    return {names[0]: tuple(names) for names in lines.values() if len(names) > 1}


def _needs(role: Role, use: str) -> frozenset[Need]:
    """What a driver declares; a plugin that processes messages has no rights to ask for."""
    if role in {Role.BUS, Role.SCADA}:
        return BUS_NEEDS[use]
    return frozenset() if role is Role.PLUGIN else needs_of(find_driver(use))


def _ranks(roles: dict[str, Role], links: list[LinkSpec]) -> dict[str, int]:
    """Longest way from a camera. What a bus says back to those that drive it is no way forward."""
    drives_a_bus = {link.source for link in links if roles.get(link.target) is Role.BUS}
    forward = [
        (link.source, link.target)
        for link in links
        if link.source in roles
        and link.target in roles
        and not (roles[link.source] is Role.BUS and link.target in drives_a_bus)
        and link.message != qualified_name(Alarm)
    ]
    ranks = dict.fromkeys(roles, 0)
    for _ in roles:
        for source, target in forward:
            ranks[target] = max(ranks[target], min(ranks[source] + 1, len(roles)))
    return ranks
