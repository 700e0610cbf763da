"""What a worker finds in its runtime folder: `station.json`, written by the supervisor."""

from __future__ import annotations

import msgspec

from cellctl.config.resolved import ResolvedCell
from cellctl.runtime.topology import Topology, WorkerSpec


class Station(msgspec.Struct, frozen=True):
    """Everything a worker needs to know.

    Attributes:
        run_dir: absolute path of the run folder.
        topology: all processes and links.
        cell: the resolved configuration.
        state_dir: absolute path of the folder in which the guards' memory outlives the run; empty: it does not.
    """

    run_dir: str
    topology: Topology
    cell: ResolvedCell
    state_dir: str = ""

    def worker(self, name: str) -> WorkerSpec:
        """The spec of one worker."""
        return next(worker for worker in self.topology.workers if worker.name == name)
