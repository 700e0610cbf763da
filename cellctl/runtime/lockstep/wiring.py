"""Who hears whom: the links that the live cell has, made of calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from cellctl.config.resolved import ResolvedCell
from cellctl.model import Frame, Inspection
from cellctl.pipes import LinkSpec, qualified_name
from cellctl.runtime.lockstep.outbox import Outbox
from cellctl.runtime.lockstep.schedule import Call
from cellctl.runtime.topology import Topology, build
from cellctl.sdk.registry import find_plugin

Outboxes = Mapping[tuple[str, str], Outbox]
"""(worker, output) → its sender."""


def topology_of(cell: ResolvedCell) -> Topology:
    """Workers and links as the live cell has them; addresses mean nothing here."""
    return build(cell, Path(), Path())


def replaced_inspectors(cell: ResolvedCell, topology: Topology, modelled: set[str]) -> dict[str, tuple[str, str]]:
    """Modelled camera → (plugin, output) whose inspections the world makes instead.

    It is the first plugin that takes the camera's frames and gives inspections. Plugins that take a modelled camera's
    frames and give none run as ever, and see none.
    """
    found: dict[str, tuple[str, str]] = {}
    uses = {entry.name: entry.use for entry in cell.plugins}
    for link in topology.links:
        if link.source in modelled and link.message == qualified_name(Frame) and link.target in uses:
            outputs = find_plugin(uses[link.target]).outputs().values()
            name = next((port.name for port in outputs if port.message is Inspection), None)
            if name is not None:
                found.setdefault(link.source, (link.target, name))
    return found


def connect(
    links: tuple[LinkSpec, ...], outboxes: Outboxes, entrance: Callable[[str, str], tuple[int, Call] | None]
) -> None:
    """Give every outbox its listeners.

    Args:
        links: of the topology.
        outboxes: every sender.
        entrance: (worker, input) → its place and what is called, None for one that does not run.
    """
    for link in links:
        outbox = outboxes.get((link.source, link.output))
        target = entrance(link.target, link.input)
        if outbox is not None and target is not None:
            outbox.listeners.append(target)
