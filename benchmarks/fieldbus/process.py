"""Holds the process of the controllers, from its ports to its log."""

from __future__ import annotations

import json
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

from benchmarks.fieldbus.plc import Options

END_S = 20.0


class PlcProcess:
    """Runs `benchmarks.fieldbus.plc`.

    Attributes:
        ports: where its controllers listen on loopback.
    """

    def __init__(self, options: Options) -> None:
        command = [sys.executable, "-m", "benchmarks.fieldbus.plc", json.dumps(options._asdict())]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports: list[int] = self._heard()["ports"]

    def turn(self, controller: int, register: int, value: int) -> None:
        """Turn a set-point at the panel of a controller."""
        self._tell(f"panel {controller} {register} {value}")

    def stop(self) -> list[dict[str, Any]]:
        """The log of every controller; the process has ended."""
        self._tell("stop")
        logs: list[dict[str, Any]] = self._heard()["logs"]
        self._process.communicate(timeout=END_S)
        return logs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate(timeout=END_S)

    def _tell(self, order: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()

    def _heard(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        heard: dict[str, Any] = json.loads(self._process.stdout.readline())
        return heard
