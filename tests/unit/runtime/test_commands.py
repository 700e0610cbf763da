"""The way of a person's request to a running cell and back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zmq

from cellctl.errors import ConfigError, told
from cellctl.runtime.supervision.commands import REFUSED, CommandServer, ask
from cellctl.runtime.supervision.desk import Answer

ANSWER = Answer("ESC-edge_spur-left-1", "strek", "", "Li", "")


@contextmanager
def _cell(folder: Path, reply: str) -> Iterator[list[str]]:
    """A cell that answers one request with `reply`; yields what it heard."""
    heard: list[str] = []
    with zmq.Context() as context:
        server = CommandServer(context, folder, folder)

        def serve() -> None:
            server.socket.poll(3000)
            heard.append(server.receive() or "")
            server.reply(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield heard
        finally:
            thread.join()
            server.close()


def test_a_request_reaches_the_cell_and_its_reply_comes_back(tmp_path):
    """What was asked arrives as it was sent."""
    with _cell(tmp_path, "taken in") as heard:
        assert ask(tmp_path, ANSWER) == "taken in"
    assert '"label":"strek"' in heard[0]


def test_a_refusal_is_an_error_of_the_users_input(tmp_path):
    """The cell's refusal becomes one line with the run, the code, what is wrong and what to do."""
    refusal = ConfigError("CELL-1064", "expected a label, got {name!r}", do="use one of: streak", name="strek")
    with _cell(tmp_path, f"{REFUSED}{told(refusal)}"), pytest.raises(ConfigError) as caught:
        ask(tmp_path, ANSWER)
    assert str(caught.value) == f"{tmp_path}: {refusal}"


def test_a_folder_without_a_cell_is_named(tmp_path):
    """No running cell, no answer."""
    with pytest.raises(ConfigError, match="CELL-1060"):
        ask(tmp_path, ANSWER)
