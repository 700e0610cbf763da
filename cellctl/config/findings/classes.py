"""Classes that loops watch and protect, and that no plugin can report: such a loop waits or trusts in vain."""

from __future__ import annotations

from cellctl.config.findings.scene import Scene
from cellctl.config.source.document import Loc
from cellctl.config.source.nearest import listed, nearest


def check_classes(scene: Scene) -> None:
    """Report watched and protected classes that no inspector knows, and loops that protect what they watch."""
    for name, section in scene.config.loops.items():
        known = _reported(scene, section.watch.camera or "")
        if section.watch.defect in scene.config.defects:
            _known(scene, "CELL-1142", ("loops", name, "watch", "defect"), section.watch.defect, known)
        for index, protected in enumerate(section.protect.classes):
            loc: Loc = ("loops", name, "protect", "classes", index)
            if protected in scene.config.defects:
                _known(scene, "CELL-1141", loc, protected, _reported(scene, ""))
            if protected == section.watch.defect:
                scene.report("CELL-1146", loc, "the loop watches {name} itself", "remove it: the test of a correction "
                             "asks for less of it already", name=protected)  # fmt: skip


def _known(scene: Scene, code: str, loc: Loc, name: str, known: frozenset[str] | None) -> None:
    """Report a class that nobody reports; with `known` None somebody reports whatever there is."""
    if known is None or name in known:
        return
    scene.report(code, loc, "no plugin reports {name}; reported are: {known}",
                 "name a reported class, or use a model that knows this one", nearest=nearest(name, known), name=name,
                 known=listed(known))  # fmt: skip


def _reported(scene: Scene, camera: str) -> frozenset[str] | None:
    """Classes that inspectors report of a camera (of all without one); None when one of them does not say."""
    inspectors = [it for it in scene.plugins.values()
                  if "Inspection" in it.gives and (not camera or camera in it.hears)]  # fmt: skip
    if not inspectors or any(it.reports is None for it in inspectors):
        return None
    return frozenset().union(*(it.reports or frozenset() for it in inspectors))
