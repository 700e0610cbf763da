"""The cases of this folder, and what keeps a comparison to one thread."""

from __future__ import annotations

import importlib
import os
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
OURSELVES = {"case", "collect", "machine", "timing"}


class Peers(NamedTuple):
    """What could be loaded.

    Attributes:
        modules: those with cases.
        missing: module → the package that it wants.
    """

    modules: list[ModuleType]
    missing: dict[str, str]


def single_thread() -> None:
    """Keep every library to one thread; call it before any of them is imported."""
    os.environ.update(dict.fromkeys(THREADS, "1"))


def load() -> Peers:
    """Import every module of peers; those whose package is not there are named, here and on the terminal."""
    modules, missing = [], {}
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        if path.stem in OURSELVES:
            continue
        try:
            modules.append(importlib.import_module(f"benchmarks.peers.{path.stem}"))
        except ModuleNotFoundError as error:
            missing[path.stem] = str(error.name)
            print(f"{path.stem}: skipped: {error.name} is not installed; do: pip install '.[bench]'")
    with suppress(ModuleNotFoundError):
        importlib.import_module("cv2").setNumThreads(1)
    return Peers(modules, missing)
