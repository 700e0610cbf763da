"""The camera's process: listens to the plant's pipe and serves the stream.

Started by `cellsim.line.Line` as `python -m cellsim.camera.process`; orders: first the set-up, then the start.
"""

from __future__ import annotations

import os
import select
from typing import Any

from cellctl.errors import CellError, told
from cellsim.camera.scene import Scene
from cellsim.camera.server import CameraServer, listen
from cellsim.camera.stream import View
from cellsim.child import cpu_s, report, settle_in
from cellsim.clock import LineClock
from cellsim.render.renderer import WebRenderer
from cellsim.wire import LineReader, object_from_json, unpack


def _wait_for(orders: LineReader) -> Any:
    """The next order, or None when there will be none."""
    while not orders.ended:
        select.select([orders.descriptor], [], [])
        for order in orders.read():
            return order
    return None


def _hear(plant: LineReader, scene: Scene) -> None:
    """Take in what the plant reports."""
    for message in plant.read():
        if "thing" in message:
            scene.add(object_from_json(message["thing"]))
        else:
            scene.coated_mm = message["coated_mm"]


def _serve(setup: dict[str, Any], orders: LineReader) -> list[dict[str, Any]]:
    """Serve until the orders or the plant's reports end; returns the figures of all acquisitions."""
    renderer, scene = WebRenderer(setup["seed"]), Scene()
    listener = listen(setup["host"], setup["port"])
    streams: list[dict[str, Any]] = []
    with listener:
        report("ready", port=listener.getsockname()[1])
        start = _wait_for(orders)
        if start is None:
            return streams
        clock = LineClock(start["start_ns"], setup["speed_um_s"])
        plant = LineReader(setup["plant_pipe"])

        def heed_orders() -> None:
            orders.read()
            server.stopped = server.stopped or orders.ended

        def hear_plant() -> None:
            _hear(plant, scene)
            server.stopped = server.stopped or plant.ended

        def closed(figures: dict[str, Any]) -> None:
            streams.append(figures)
            report("stream", **figures)

        readers = ((orders.descriptor, heed_orders), (plant.descriptor, hear_plant))
        view = View(clock, scene, renderer, unpack(setup["faults"]))
        server = CameraServer(listener, view, readers, closed)
        server.run()
    return streams


def _main() -> None:
    orders = settle_in()
    setup = _wait_for(orders)
    if setup is None:
        return
    streams: list[dict[str, Any]] = []
    try:
        streams = _serve(setup, orders)
    except CellError as error:
        report("error", told=told(error))
    report("summary", streams=streams, cpu_s=round(cpu_s(), 3), nice=os.getpriority(os.PRIO_PROCESS, 0))


if __name__ == "__main__":
    _main()
