"""Who hears whom: pipes of the wrong type, and plugins that talk or listen to nobody."""

from __future__ import annotations

from cellctl.config.findings.scene import Scene, Worker
from cellctl.config.source.nearest import listed


def check_wiring(scene: Scene) -> None:
    """Report every `from:` that leads nowhere and every plugin without a neighbour."""
    for plugin in scene.plugins.values():
        if plugin.is_own:
            continue
        mismatched = _mismatched(scene, plugin)
        if plugin.takes and not plugin.hears and not mismatched:
            scene.report("CELL-1145", ("plugins", plugin.name), "it hears nobody: nothing in this cell sends {takes}",
                         "add the device or plugin that does, or remove this one", key=True,
                         takes=listed(plugin.takes))  # fmt: skip
        if plugin.gives and not plugin.heard_by:
            scene.report("CELL-1144", ("plugins", plugin.name), "nobody hears it: nothing in this cell takes {gives}",
                         "add the plugin that does, or remove this one", key=True,
                         gives=listed(plugin.gives))  # fmt: skip


def _mismatched(scene: Scene, plugin: Worker) -> bool:
    """Whether a `from:` names somebody who sends nothing that the plugin takes."""
    found = False
    for index, source in enumerate(scene.config.plugins[plugin.name].sources):
        other = scene.devices.get(source) or scene.plugins.get(source)
        if other is None or other.gives & plugin.takes:
            continue
        found = True
        scene.report("CELL-1143", ("plugins", plugin.name, "from", index),
                     "{source} sends {gives}; {use} takes {takes}",
                     "name one that sends what it takes: {known}", source=source, gives=listed(other.gives),
                     use=plugin.use, takes=listed(plugin.takes), known=listed(_senders(scene, plugin)))  # fmt: skip
    return found


def _senders(scene: Scene, plugin: Worker) -> list[str]:
    workers = [*scene.devices.values(), *scene.plugins.values()]
    return [it.name for it in workers if it.gives & plugin.takes and it.name != plugin.name and not it.is_own]
