"""What a check takes from this machine: the day, the free disk, the name, the installed versions."""

from __future__ import annotations

import shutil
import socket
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cellctl.config.findings import Surroundings

RUNS = Path("out")
"""Runs are written below it, from where the cell is started."""
DISTRIBUTIONS = ("cellctl", "numpy", "onnxruntime", "pyzmq", "pymodbus", "msgspec")
"""What a cell's speed rests on."""


def here(folder: Path = RUNS) -> Surroundings:
    """This machine, with the disk that `folder` is or will be on."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    return Surroundings(datetime.now(UTC).date(), free, str(folder), socket.gethostname(), _versions())


@cache
def _versions() -> dict[str, str]:
    found = {}
    for name in DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
