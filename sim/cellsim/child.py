"""The two ends of a process of the line: the parent starts and stops it, the child never outlives its parent.

The parent sends its orders on the child's standard input and reads reports from its standard output. The end of
the input means stop: a parent that dies in whatever way closes it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from cellctl.errors import ConfigError, PlantError, retold
from cellsim.wire import LineReader, write_line

_PR_SET_PDEATHSIG = 1
_NICE = -10
_READY_S = 30.0
_STOP_S = 5.0


def settle_in() -> LineReader:
    """Child: leave Ctrl-C to the parent, die with it, and return the reader of its orders.

    A line is hardware and does not wait for the cell's processes; where the system lets us, we go before them.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _NICE)
    with contextlib.suppress(OSError, AttributeError):  # Linux only; elsewhere the closed input does it
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    return LineReader(sys.stdin.fileno())


def report(event: str, **fields: Any) -> None:
    """Child: tell the parent something; a parent that is gone needs no report."""
    with contextlib.suppress(BrokenPipeError):
        write_line(sys.stdout, {"event": event, **fields})


def cpu_s() -> float:
    """CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Child:
    """Parent: one process of the line.

    Args:
        module: run as `python -m module`.
        log: file for what it writes to its standard error.
        inherited: descriptors that it keeps open.
    """

    def __init__(self, module: str, log: Path, inherited: tuple[int, ...] = ()) -> None:
        self.module = module
        self.reports: dict[str, Any] = {}
        self._ready = threading.Event()
        self._log: IO[bytes] = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            pass_fds=inherited,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            text=True,
        )
        self._reader = threading.Thread(target=self._listen, name=f"{module}-reports", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def order(self, value: dict[str, Any]) -> None:
        """Send an order; a process that is gone is noticed elsewhere."""
        assert self._process.stdin is not None  # opened above
        with contextlib.suppress(BrokenPipeError):
            write_line(self._process.stdin, value)

    def wait_ready(self) -> dict[str, Any]:
        """Its `ready` report. Raises what it reported as an error, or PlantError CELL-2212."""
        self._ready.wait(_READY_S)
        if "error" in self.reports:
            raise retold(self.reports["error"]["told"], ConfigError)
        if "ready" not in self.reports:
            raise PlantError(
                "CELL-2212", "{module} did not start", do="read {name}", module=self.module, name=self._log.name
            )
        ready: dict[str, Any] = self.reports["ready"]
        return ready

    def stop(self) -> dict[str, Any]:
        """End it and return its `summary` report (empty when it had none); may be called twice."""
        stdin = self._process.stdin
        if stdin is not None and not stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                stdin.close()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()
        summary: dict[str, Any] = self.reports.get("summary", {})
        return summary

    def _listen(self) -> None:
        assert self._process.stdout is not None  # opened above
        for line in self._process.stdout:
            message = json.loads(line)
            self.reports[message["event"]] = message
            if message["event"] in {"ready", "error"}:
                self._ready.set()
        self._ready.set()
