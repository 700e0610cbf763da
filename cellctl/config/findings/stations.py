"""Where cameras and gauges stand: places along the web that nothing can reach, or that were mistyped."""

from __future__ import annotations

from itertools import pairwise

from cellctl.config.findings.scene import Scene


def check_stations(scene: Scene) -> None:
    """Report stations before the blade, one that is out of order, and cameras whose place nobody knows."""
    stations = scene.config.web.stations
    for name, metres in stations.items():
        if metres < 0.0:
            scene.report("CELL-1136", ("web", "stations", name), "{metres:g} m lies before the blade",
                         "stations are metres behind the blade: correct the sign, or measure from the first of them",
                         metres=metres)  # fmt: skip
    steps = pairwise(stations.items())
    back = [(before, start, name, metres) for (before, start), (name, metres) in steps if 0.0 <= metres < start]
    for before, start, name, metres in back if len(back) == 1 else ():  # a list in another order has more of them
        scene.report("CELL-1137", ("web", "stations", name),
                     "{metres:g} m, and {before}, which is listed before it, stands at {start:g} m",
                     "list stations as the web passes them, or correct the metres", metres=metres, before=before,
                     start=start)  # fmt: skip
    _cameras(scene)


def _cameras(scene: Scene) -> None:
    """Without its station a camera is taken to stand at the blade, and its frames for material just made."""
    if not scene.config.web.stations:
        return
    for name, device in scene.devices.items():
        if "Frame" in device.gives and name not in scene.config.web.stations:
            scene.report("CELL-1135", ("devices", name), "{camera} has no station: its frames would count as 0 m",
                         "add `{camera}: … m` under web.stations", key=True, camera=name)  # fmt: skip
