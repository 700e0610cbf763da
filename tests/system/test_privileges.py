"""A plugin that means harm gets nothing done, while its links and the frame pool work as for any other."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from cellctl.runtime.loading import load_cell
from cellctl.runtime.privileges import what_is_missing
from cellctl.runtime.supervision import LiveCell
from cellctl.sdk import registry
from tests.system.attempts import ATTEMPTS, LOCAL
from tests.system.conftest import ROOT, leftovers

MISSING = {name: why for name, why in what_is_missing().items() if why}
pytestmark = pytest.mark.skipif("seccomp" in MISSING, reason=f"this kernel has no seccomp: {MISSING}")
BY_LANDLOCK = {"look into the parent", "serial line", "device node"}
"""What only Landlock refuses."""
FOR_ROOT = {"raw", "packets", "vsock", "device node", "ring", "namespace", "look into the parent", "trace the parent"}
"""What an ordinary user, a container or a hardened kernel may be refused without any fence of ours."""
IMAGES, PIXEL = 6, 7
CELL = """\
version: 2
cell: {{id: fenced}}
recipes: {{any: {{}}}}
devices:
  camera: {{driver: folder-camera, path: images, size: [8, 8]}}
plugins:
  guest: {{use: harmful, from: camera, quiet: {quiet}}}
"""
NO_FENCE = """
import json, os, socket, sys
from pathlib import Path
from cellctl.runtime.privileges import confine, kernel, machines, program, rights
machine = machines.this_machine()
numbers = machine._replace(numbers=machine.numbers | {
    "seccomp": kernel.SYS_SECCOMP[os.uname().machine], "landlock": kernel.CREATE_RULESET,
})
refused = [rights.Rule(call, error=38) for call in sys.argv[2].split(",") if call]
kernel.no_new_privileges()
kernel.filter_calls(program.program(refused, numbers))
held = confine(())
def tries(address, family):
    try:
        with socket.socket(family) as it:
            it.connect(address)
    except OSError as error:
        return error.strerror
    return "connected"
Path("written").write_text("files work")
print(json.dumps([held.means, held.gaps, tries(("127.0.0.1", int(sys.argv[1])), socket.AF_INET),
                  tries("here", socket.AF_UNIX), tries(sys.argv[3], socket.AF_UNIX)]))
"""
ANOTHER_CONVENTION = """
import ctypes, mmap, sys
from cellctl.runtime.privileges import confine
if sys.argv[2] == "confined":
    confine(())
if sys.argv[1] == "x32":
    ctypes.CDLL(None).syscall(0x40000000 + 39)
else:
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid of 32-bit programs); int 0x80; ret
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
"""


@pytest.fixture
def guest(tmp_path, monkeypatch):
    """The plugin of `harmful` is installed, for this process and for the workers."""
    package = tmp_path / "packages" / "harmful-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: harmful\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[cellctl.plugins]\nharmful = tests.system.harmful:Harmful\n")
    found = [str(package.parent), str(ROOT)]
    monkeypatch.setattr(sys, "path", [*found, *sys.path])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([*found, os.environ.get("PYTHONPATH", "")]))
    registry._points.cache_clear()
    yield
    registry._points.cache_clear()


def failed(folder):
    """Why a live cell over a few images fails whose guest speaks up at the last one."""
    (folder / "images").mkdir()
    for number in range(IMAGES):
        Image.fromarray(np.full((8, 8), PIXEL + number, np.uint8)).save(folder / "images" / f"{number}.png")
    (folder / "cell.yaml").write_text(CELL.format(quiet=IMAGES - 1))
    with LiveCell(load_cell(folder / "cell.yaml"), folder / "run") as live:
        live.start()
        end = time.monotonic() + 30.0
        while not live.failure and time.monotonic() < end:
            live.poll()
        live.stop()
    assert leftovers(os.getpid()) == []
    return live.failure


def in_a_process(program, *arguments, folder):
    """A program in a process of its own, with this tree on its path."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=folder, capture_output=True, text=True, check=False,
        timeout=60, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip


@pytest.mark.usefixtures("guest")
def test_a_plugin_that_means_harm_gets_nothing_done(tmp_path):
    """Sockets, rings, programs, other processes and devices are refused; frames, pixels and files are not.

    When it lets a refusal out, the cell says what was refused: not `Permission denied`, as if a file was meant.
    """
    failure = failed(tmp_path)
    found, sums = json.loads((tmp_path / "run" / "found.json").read_text())
    expected = set(ATTEMPTS) - (BY_LANDLOCK if "Landlock" in MISSING else set())
    assert {name: found[name] for name in expected} == dict.fromkeys(expected, "EACCES")
    assert {name: found[name] for name in LOCAL} == dict.fromkeys(LOCAL, "done")
    assert sums == [64 * (PIXEL + number) for number in range(IMAGES)]
    assert "guest: confined by " in (tmp_path / "run" / "log" / "guest.log").read_text()
    assert failure.startswith("guest: CELL-3023: guest tried what its process may not do: ")
    assert "through a driver" in failure


def test_without_a_fence_the_same_attempts_are_done(tmp_path):
    """The control: nothing else on this machine stops them, but for what an ordinary user may not do anyway."""
    program = "import json; from tests.system.attempts import *; print(json.dumps(tried(ATTEMPTS)))"
    found = json.loads(in_a_process(program, folder=tmp_path).stdout)
    assert {name for name, how in found.items() if how != "done"} <= FOR_ROOT | {"IPv6"}


@pytest.fixture
def listening(tmp_path):
    """A TCP port of this machine, and a local socket: what a process without a network may not and may reach."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(str(tmp_path / "there"))
        local.listen()
        yield str(server.getsockname()[1]), str(tmp_path / "there")


def without(refused, listening, folder):
    """What a process is that the kernel refuses these calls when it wants to confine itself."""
    port, local = listening
    done = in_a_process(NO_FENCE, port, refused, local, folder=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_without_seccomp_a_namespace_closes_the_network(listening, tmp_path):
    """The kernel's next best: no way out, and what stays open is said."""
    means, gaps, outside, nowhere, local = without("seccomp,landlock", listening, tmp_path)
    if not means:
        pytest.skip(f"this machine allows no namespace: {gaps}")
    assert means == ["a network namespace"]
    assert [gap.partition(" (")[0].rpartition(": ")[2] for gap in gaps] == ["no Landlock", "no seccomp"]
    assert (outside, nowhere, local) == ("Network is unreachable", "No such file or directory", "connected")


def test_without_any_fence_it_is_said(listening, tmp_path):
    """The control of the namespace, and the last gap: a process that can do everything says so."""
    means, gaps, outside, _, local = without("seccomp,landlock,unshare", listening, tmp_path)
    assert (means, outside, local) == ([], "connected", "connected")
    assert gaps[-1] == "the network stays open: no network namespace (Function not implemented)"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="only x86-64 has other conventions beside its own")
@pytest.mark.parametrize("convention", ["x32", "32 bits"])
def test_a_call_by_another_convention_ends_the_process(convention, tmp_path):
    """The numbers of another convention would pass the filter; the control shows that only the filter ends it."""
    if in_a_process(ANOTHER_CONVENTION, convention, "free", folder=tmp_path).returncode != 0:
        pytest.skip(f"this kernel knows no {convention} anyway")
    assert in_a_process(ANOTHER_CONVENTION, convention, "confined", folder=tmp_path).returncode == -signal.SIGSYS


def test_a_thread_that_was_there_before_is_bound_too(tmp_path):
    """A process that confines itself late still leaves no thread behind."""
    program = (
        "import socket, threading\nfrom cellctl.runtime.privileges import confine\ngo = threading.Event()\n"
        "def later():\n    go.wait()\n    try:\n        socket.socket()\n    except PermissionError:\n"
        "        print('refused')\n"
        "thread = threading.Thread(target=later)\nthread.start()\nconfine(())\ngo.set()\nthread.join()\n"
    )
    assert in_a_process(program, folder=tmp_path).stdout == "refused\n"
