"""The worker processes of a cell: started, heard, watched by pidfd, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

import zmq

from cellctl.clock import NS_PER_S, Clock
from cellctl.runtime import control
from cellctl.runtime.topology import WorkerSpec

HANG_NS = 2 * NS_PER_S
"""A worker that has said nothing for this long hangs (it beats ten times a second)."""
LAST_WORDS_NS = NS_PER_S // 2
"""What a worker says as it ends may arrive after it is gone: so long its end is not held against it."""


class Phase(StrEnum):
    """Where a worker's life stands."""

    STARTING = "starting"
    READY = "ready"
    DONE = "done"
    FAILED = "failed"


class Process:
    """One worker process and what it last said."""

    def __init__(self, spec: WorkerSpec, folder: Path, log: Path, clock: Clock) -> None:
        self.spec = spec
        self.phase = Phase.STARTING
        self.reason = ""
        self.told = ""
        self.beat: control.Beat | None = None
        self.drained = False
        self.heard_ns = clock.now_ns()
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cellctl.runtime.worker", str(folder), spec.name, str(os.getpid()),
                 ",".join(sorted(spec.needs))],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        self.pidfd = os.pidfd_open(self._process.pid)
        self._ended = False
        self._gone_ns: int | None = None

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    @property
    def over(self) -> bool:
        """Whether the process has ended and it is known how."""
        return not self.alive and self.phase in (Phase.DONE, Phase.FAILED)

    @property
    def exhausted(self) -> bool:
        """Whether this is a source that has come to its end and sent everything."""
        return self.beat is not None and bool(self.beat.notes.get(control.EXHAUSTED))

    def ended_now(self) -> bool:
        """Whether the process has ended since the last call."""
        if self._ended or self.alive:
            return False
        self._ended = True
        return True

    def hear(self, message: control.Upward, now_ns: int) -> None:
        """Take in what the worker said."""
        self.heard_ns = now_ns
        match message:
            case control.Hello():
                self.phase = Phase.READY
            case control.Beat():
                self.beat = message
            case control.Done(beat=beat, drained=drained):
                self.beat, self.drained, self.phase = beat, drained, Phase.DONE
            case control.Fault(text=text, told=told):
                self.phase, self.reason, self.told = Phase.FAILED, text, told

    def judge(self, now_ns: int) -> bool:
        """Whether the worker has just failed: it died or hangs without having said that it is done."""
        if self.phase is Phase.DONE or (self.phase is Phase.FAILED and self.reason.startswith("seen: ")):
            return False
        if not self.alive:
            if self._may_still_speak(now_ns):
                return False
            self.reason = f"seen: {self.reason or f'ended with status {self._process.returncode}'}"
        elif self.phase is Phase.READY and now_ns - self.heard_ns > HANG_NS:
            self.reason = f"seen: silent for {(now_ns - self.heard_ns) / NS_PER_S:.1f} s"
        elif self.phase is not Phase.FAILED:
            return False
        else:
            self.reason = f"seen: {self.reason}"
        self.phase = Phase.FAILED
        return True

    def _may_still_speak(self, now_ns: int) -> bool:
        """Whether last words can be on their way: not from one that a signal ended, nor once it has said its fault."""
        if self._gone_ns is None:
            self._gone_ns = now_ns
        killed = self._process.returncode < 0
        return not (killed or self.phase is Phase.FAILED) and now_ns - self._gone_ns < LAST_WORDS_NS

    def kill(self) -> None:
        """End the process at once."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)

    def reap(self, timeout_s: float) -> bool:
        """Wait for the end; False when the time is up."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def close(self) -> None:
        """Forget the process; it must have ended."""
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1


class Switchboard:
    """The supervisor's end of the control channel."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], path: Path) -> None:
        self.socket = context.socket(zmq.ROUTER)
        self.socket.bind(f"ipc://{path}")

    def hear(self) -> list[tuple[str, control.Upward]]:
        """Everything that workers have said since the last call."""
        heard: list[tuple[str, control.Upward]] = []
        while True:
            try:
                identity, payload = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return heard
            heard.append((identity.decode(), control.decode_upward(payload)))

    def close(self) -> None:
        """Close the socket."""
        self.socket.close(linger=0)

    def ask_to_stop(self, name: str, timeout_s: float) -> None:
        """Ask one worker to drain and end."""
        self.socket.send_multipart([name.encode(), control.encode(control.Stop(timeout_s))])
