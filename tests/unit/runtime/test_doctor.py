"""The doctor: each thing that a cell rests on has a line, and each way in which it can be wrong is told."""

import socket

import msgspec
import pytest

from cellctl.cli.doctor import doctor
from cellctl.config.resolved import Device
from cellctl.runtime.doctor import Machine, Mark, examine, examine_devices, look
from cellctl.runtime.doctor.devices import connect
from cellctl.runtime.doctor.judge import GET, GIB, MIB
from cellctl.runtime.doctor.probe import _cpu_flags, _memory_free
from cellctl.sdk.installed import Installed
from cellctl.testing import bare_cell

SOUND = Machine(
    python=(3, 12, 1), system="Linux 6.1 x86_64", kernels="", hardware_checksum=True,
    cpu_flags=frozenset({"sse4_2", "avx2"}), cpus=4, memory_free=8 * GIB, shared_total=4 * GIB, shared_free=4 * GIB,
    disk_free=100 * GIB, disk_at="/data", clock_resolution_s=1e-9, clock_source="tsc", clock_in_step=True,
    realtime_priority=50, open_files=4096, fences={"seccomp": "", "Landlock": ""}, parts=dict.fromkeys(GET, True),
    broken=(), simulated_line=True,
)  # fmt: skip


def against(machine):
    """Subject → mark of the lines that are not ok; each of them says what to do."""
    found = [one for one in examine(machine) if one.mark is not Mark.OK]
    assert all(one.remedy for one in found)
    return {one.subject: one.mark for one in found}


def test_a_sound_machine():
    """Every line is ok, and one is there for each thing."""
    assert against(SOUND) == {}
    assert len(examine(SOUND)) == 12 + len(GET)


@pytest.mark.parametrize(
    ("change", "subject", "mark"),
    [
        ({"python": (3, 10, 0)}, "Python", Mark.BAD),
        ({"kernels": "not compiled"}, "native kernels", Mark.BAD),
        ({"hardware_checksum": False}, "native kernels", Mark.NOTE),
        ({"cpus": 1}, "processors", Mark.NOTE),
        ({"memory_free": GIB - 1}, "memory", Mark.BAD),
        ({"memory_free": None}, "memory", Mark.NOTE),
        ({"shared_free": 63 * MIB}, "shared memory", Mark.BAD),
        ({"shared_free": 65 * MIB}, "shared memory", Mark.NOTE),
        ({"shared_free": None}, "shared memory", Mark.BAD),
        ({"disk_free": GIB - 1}, "disk", Mark.BAD),
        ({"disk_free": 2 * GIB}, "disk", Mark.NOTE),
        ({"disk_free": None}, "disk", Mark.BAD),
        ({"clock_resolution_s": 0.01}, "clock", Mark.BAD),
        ({"clock_source": "hpet"}, "clock", Mark.NOTE),
        ({"clock_in_step": False}, "wall time", Mark.NOTE),
        ({"clock_in_step": None}, "wall time", Mark.NOTE),
        ({"realtime_priority": 0}, "scheduler", Mark.NOTE),
        ({"open_files": 255}, "open files", Mark.BAD),
        ({"open_files": 1000}, "open files", Mark.NOTE),
        ({"fences": {"seccomp": "Function not implemented", "Landlock": ""}}, "fences", Mark.NOTE),
        ({"simulated_line": False}, "simulated line", Mark.NOTE),
        ({"broken": (Installed("wash", "acme", "1", None, "ImportError: no"),)}, "package acme", Mark.BAD),
        *(({"parts": {part: False}}, part, Mark.NOTE) for part in GET),
    ],
)
def test_what_can_be_wrong(change, subject, mark):
    """One thing that is wrong is one line, with a remedy."""
    assert against(SOUND._replace(**change)) == {subject: mark}


def test_this_machine_can_be_read(tmp_path):
    """Everything is looked at, also for a folder that is not there yet."""
    machine = look(tmp_path / "not" / "there")
    assert machine.disk_at == str(tmp_path)
    assert machine.kernels == ""
    assert set(machine.parts) == set(GET)
    assert {one.subject for one in examine(machine)} >= {"Python", "clock", "disk"}


def test_what_the_kernel_says():
    """Flags of an x86 and of an ARM processor, and the memory that is available; nothing from nothing."""
    assert _cpu_flags("processor: 0\nflags\t\t: fpu sse4_2\n") == {"fpu", "sse4_2"}
    assert _cpu_flags("Features\t: fp asimd crc32\n") == {"fp", "asimd", "crc32"}
    assert _memory_free("MemTotal: 9 kB\nMemAvailable:      2048 kB\n") == 2 * MIB
    assert (_cpu_flags(""), _memory_free("")) == (frozenset(), None)


def one_device(**settings):
    """A cell with one device of these settings."""
    return bare_cell(devices=(Device("plc", "modbus-tcp", settings),))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (None, "accepts a connection"),
        (TimeoutError(), "no answer within"),
        (ConnectionRefusedError(111, "Connection refused"), "cannot be reached: Connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
    ],
)
def test_a_device_with_an_address(error, words):
    """It answers, or the reason is the system's own."""

    def reach(_host, _port):
        if error is not None:
            raise error

    (found,) = examine_devices(one_device(host="10.0.0.5", port=502), reach)
    assert words in found.text
    assert found.mark is (Mark.OK if error is None else Mark.BAD)


def test_a_real_connection():
    """A server that listens is reached; once it is gone it is not."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connect("127.0.0.1", port)
    assert [one.mark for one in examine_devices(one_device(host="127.0.0.1", port=port))] == [Mark.BAD]


@pytest.mark.parametrize(
    ("driver", "host", "words"),
    [
        ("sim-camera", "127.0.0.1", "start `cellctl sim demo`, or put your camera's driver here"),
        ("modbus-tcp", "127.0.0.1", "start `cellctl sim demo`, or write your device's address"),
        ("modbus-tcp", "10.0.0.5", "check power, cable and address"),
    ],
)
def test_what_to_do_about_a_device_that_is_not_reached(driver, host, words):
    """Nobody's cable is loose on this machine: there the simulated line does not run."""

    def reach(_host, _port):
        raise TimeoutError

    cell = one_device(host=host, port=502)
    cell = msgspec.structs.replace(cell, devices=(msgspec.structs.replace(cell.devices[0], driver=driver),))
    (found,) = examine_devices(cell, reach)
    assert found.remedy.startswith(words)


def test_a_device_with_a_file(tmp_path):
    """A folder that a driver reads is there, or not."""
    (there,) = examine_devices(one_device(path=str(tmp_path)))
    (gone,) = examine_devices(one_device(path=str(tmp_path / "gone")))
    assert (there.mark, gone.mark) == (Mark.OK, Mark.BAD)


def test_a_device_without_either():
    """Nothing can be tried, and that is said."""
    assert [one.mark for one in examine_devices(one_device(serial="A7"))] == [Mark.NOTE]


@pytest.mark.parametrize(("memory", "status"), [(8 * GIB, 0), (1, 1)])
def test_exit_status(monkeypatch, capsys, memory, status):
    """0 when a cell can run here, 1 when something speaks against it."""
    monkeypatch.setattr("cellctl.cli.doctor.look", lambda _: SOUND._replace(memory_free=memory))
    assert doctor() == status
    assert ("NOT OK" in capsys.readouterr().out) == bool(status)
