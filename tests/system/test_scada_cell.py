"""A live cell that others read: what it serves, and what neither its loss nor a flood of clients may touch."""

import os
import socket
import struct
import subprocess
import sys
import time

import pytest

from cellctl.devices.modbus_server.requests import Function
from cellctl.model import Alarm, PackMLState, Quality, Reading
from cellctl.runtime.loading import load_cell
from cellctl.runtime.supervision import LiveCell
from tests.system.conftest import ROOT, endpoints, leftovers

TABLE = """name,address,type,scale,unit
cell.state,IR0,uint16,,
plc.web_speed.quality,IR1,uint16,,
plc.web_speed,IR2,uint32,,µm/s
cell.lot,IR4,string[16],,
"""
LIMIT_S = 20.0


def free_port():
    """A port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, start, size, function=Function.INPUT_REGISTERS):
    """Registers as the server shows them; the bare data unit when it is an exception."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(struct.pack(">HHHBBHH", 1, 0, 6, 1, function, start, size))
        head = client.recv(6, socket.MSG_WAITALL)
        body = client.recv(int.from_bytes(head[4:], "big"), socket.MSG_WAITALL)
    return list(struct.unpack(f">{size}H", body[3:])) if body[1] == function else body[1:]


@pytest.fixture
def served(line, tmp_path):
    """A started Modbus cell that serves SCADA, with its port and what it said."""
    port, heard = free_port(), []
    (tmp_path / "modbus_tags.csv").write_bytes((ROOT / "configs" / "modbus_tags.csv").read_bytes())
    (tmp_path / "scada.csv").write_text(TABLE, encoding="utf-8")
    text = (ROOT / "configs" / "modbus.yaml").read_text(encoding="utf-8")
    section = f"\nscada: {{listen: 127.0.0.1:{port}, tags: scada.csv, connections: 2}}\n"
    (tmp_path / "cell.yaml").write_text(text + section, encoding="utf-8")
    cell = load_cell(tmp_path / "cell.yaml", simulated=True, endpoints={"plc": endpoints(line)["plc"]})
    with LiveCell(cell, tmp_path / "run", heard.append) as live:
        live.start()
        end = time.monotonic() + LIMIT_S
        while live.arm() and time.monotonic() < end:
            live.poll()
        yield live, port, heard
    assert leftovers(os.getpid()) == []


def poll_until(live, done):
    """Poll until `done()`; fails when it takes too long."""
    end = time.monotonic() + LIMIT_S
    while not done():
        assert time.monotonic() < end, f"{live.state.state.name}: {live.failure or 'nothing happened'}"
        live.poll()


def test_others_read_what_the_cell_knows(served):
    """State, speed with its quality, lot; when the server is lost the line goes on, and a person hears of it."""
    live, port, heard = served
    poll_until(live, lambda: ask(port, 0, 2) == [PackMLState.EXECUTE, 0])
    high, low = ask(port, 2, 2)
    assert (high << 16) + low == pytest.approx(1_000_000, rel=0.05)
    lot = b"".join(word.to_bytes(2, "big") for word in ask(port, 4, 8))
    assert lot.rstrip(b"\0") == b"LOT-0001"
    assert ask(port, 0, 1, Function.HOLDING_REGISTERS) == b"\x83\x02"
    live.processes["scada"].kill()
    poll_until(live, lambda: any(isinstance(it, Alarm) and it.id == "process.scada.lost" for it in heard))
    assert (live.state.state, live.failure) == (PackMLState.EXECUTE, "")
    assert live.stop()


FLOOD = """
import os, socket, sys
os.nice(10)  # the machine of a test is the attacker's and the cell's at once
while True:
    try:
        with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=0.2) as client:
            client.sendall(bytes.fromhex("00010000000601040000000c") * 500)
            client.recv(1)
    except OSError:
        continue
"""


def test_a_flood_of_clients_does_not_touch_the_line(served):
    """Connection after connection and endless requests: the controller is read as ever, and the cell acts on."""
    live, port, heard = served
    poll_until(live, lambda: ask(port, 1, 1) == [0])
    flood = subprocess.Popen([sys.executable, "-c", FLOOD, str(port)])
    try:
        poll_until(live, lambda: turned_away(live) > 200)
        heard.clear()
        poll_until(live, lambda: sum(isinstance(it, Reading) for it in heard) >= 40)
    finally:
        flood.kill()
        flood.wait()
    speeds = [value for it in heard if isinstance(it, Reading) and (value := it.get("plc.web_speed")) is not None]
    assert {it.quality for it in speeds} == {Quality.GOOD}
    assert (live.state.state, live.failure) == (PackMLState.EXECUTE, "")
    assert live.processes["scada"].alive
    assert live.stop()


def turned_away(live):
    """Clients that had to go, as the server's last beat counts them."""
    beat = live.processes["scada"].beat
    return beat.notes.get("turned_away", 0) + beat.notes.get("gone", 0) if beat is not None else 0
