"""Commands to a running cell: a local socket in its runtime folder, which only its own user can open."""

from __future__ import annotations

from pathlib import Path

import zmq

from cellctl.errors import ConfigError, PluginError, Where, retold
from cellctl.runtime.supervision.desk import Request, encode
from cellctl.runtime.supervision.folder import abandoned

POINTER = "runtime.path"
"""File in the run folder that holds the path of the runtime folder while the cell runs."""
REPLY_TIMEOUT_MS = 3000
REFUSED = "refused "
"""How the reply to a request begins that names something the cell does not know; code, what and remedy follow."""


class CommandServer:
    """The cell's end; `receive` hands out one command at a time, `reply` answers it."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], folder: Path, run_dir: Path) -> None:
        self.socket = context.socket(zmq.REP)
        self.socket.bind(f"ipc://{folder / 'command.ipc'}")
        self._pointer = run_dir / POINTER
        self._pointer.write_text(str(folder))

    def receive(self) -> str | None:
        """The next command, or None."""
        try:
            return self.socket.recv(zmq.NOBLOCK).decode(errors="replace")
        except zmq.Again:
            return None

    def reply(self, text: str) -> None:
        """Answer the command just received."""
        self.socket.send(text.encode())

    def close(self) -> None:
        """Close, and take the pointer away."""
        self.socket.close(linger=200)
        self._pointer.unlink(missing_ok=True)


def is_running(run_dir: Path) -> bool:
    """Whether a cell writes this folder now: its runtime folder is there, and the process it is named after lives."""
    try:
        folder = Path((run_dir / POINTER).read_text())
        return folder.is_dir() and not abandoned(folder)
    except (OSError, ValueError):
        return False


def command(run_dir: Path, text: str) -> str:
    """Send one command to the cell that writes `run_dir`; returns its answer.

    Raises ConfigError CELL-1060 when no cell runs there, PluginError CELL-3022 when it does not answer.
    """
    pointer = run_dir / POINTER
    if not pointer.exists() or not Path(pointer.read_text()).exists():
        raise ConfigError("CELL-1060", "no cell is running in this folder", where=Where(str(run_dir)),
                          do="name the run folder that `cellctl run` printed")  # fmt: skip
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.linger = 0
        socket.connect(f"ipc://{Path(pointer.read_text()) / 'command.ipc'}")
        socket.send(text.encode())
        if not socket.poll(REPLY_TIMEOUT_MS):
            raise PluginError("CELL-3022", "the cell does not answer", do="look at its log folder")
        return socket.recv().decode()


def ask(run_dir: Path, request: Request) -> str:
    """Send a person's request to the cell that writes `run_dir`; returns its answer.

    Raises as `command` does, and ConfigError (CELL-1063 to CELL-1067) when it names what the cell does not know.
    """
    reply = command(run_dir, encode(request))
    if not reply.startswith(REFUSED):
        return reply
    raise retold(reply.removeprefix(REFUSED), ConfigError, Where(str(run_dir)))
