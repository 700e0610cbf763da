"""What a process that means harm would try. Each attempt says `done`, or the name of the error that it got."""

import ctypes
import errno
import os
import socket
import subprocess
import tempfile
from pathlib import Path

IO_URING_SETUP = 425
PTRACE_SEIZE = 0x4206
NEW_USER = 0x10000000
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.argtypes = (ctypes.c_long,) * 3


def opens(family, kind=socket.SOCK_STREAM, protocol=0):
    return lambda: socket.socket(family, kind, protocol).close()


def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def ring():
    parameters = ctypes.create_string_buffer(120)
    os.close(checked(LIBC.syscall(IO_URING_SETUP, 1, ctypes.addressof(parameters))))


def child():
    process = os.fork()
    if process == 0:
        os._exit(0)
    os.waitpid(process, 0)


def terminal():
    for end in os.openpty():
        os.close(end)


def pair():
    for end in socket.socketpair():
        end.close()


def device():
    with tempfile.TemporaryDirectory() as folder:
        os.mknod(f"{folder}/null", 0o20600, os.makedev(1, 3))


ATTEMPTS = {
    "TCP": opens(socket.AF_INET),
    "UDP": opens(socket.AF_INET, socket.SOCK_DGRAM),
    "IPv6": opens(socket.AF_INET6),
    "raw": opens(socket.AF_INET, socket.SOCK_RAW, 1),
    "packets": opens(socket.AF_PACKET, socket.SOCK_RAW),
    "netlink": opens(socket.AF_NETLINK, socket.SOCK_RAW),
    "vsock": opens(socket.AF_VSOCK),
    "ring": ring,
    "fork": child,
    "program": lambda: subprocess.run(["true"], check=True),
    "look into the parent": lambda: Path(f"/proc/{os.getppid()}/mem").open("rb").close(),
    "signal to the parent": lambda: os.kill(os.getppid(), 0),
    "trace the parent": lambda: checked(LIBC.ptrace(PTRACE_SEIZE, os.getppid(), 0, 0)),
    "serial line": terminal,
    "device node": device,
    "namespace": lambda: checked(LIBC.unshare(NEW_USER)),
}
LOCAL = {
    "local sockets": pair,
    "signal to itself": lambda: os.kill(os.getpid(), 0),
    "null device": lambda: Path("/dev/null").write_bytes(b"1"),
    "random bytes": lambda: os.urandom(8),
}


def outcome(attempt):
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "done"


def tried(attempts):
    """Attempt → how it went; unshare comes last, because nothing is as before after it."""
    return {name: outcome(attempt) for name, attempt in attempts.items()}
