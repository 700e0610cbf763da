"""What a process may be given, and the rules of the filter that follow: one row per system call."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Collection, Iterator
from typing import NamedTuple

NETWORK = "network"
DEVICE_FILES = "device files"
"""As `cellctl.sdk.Need` has them, which takes longer to load than a process may wait here."""
CLONE_THREAD = 0x10000

UNIX = (int(socket.AF_UNIX),)
INTERNET = (int(socket.AF_INET), int(socket.AF_INET6), 16)
"""IPv4, IPv6 and AF_NETLINK, by which the C library finds addresses."""

PROGRAMS = ("fork", "vfork", "execve", "execveat")
"""No other program and no child: what a worker does, its supervisor sees."""
OTHER_PROCESSES = (
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd", "pidfd_send_signal",
    "tkill",
)  # fmt: skip
WAYS_AROUND = ("io_uring_setup", "io_uring_enter", "io_uring_register", "unshare", "setns", "open_by_handle_at")
"""A ring opens sockets without the call `socket`; a namespace of one's own has rights of its own."""
MACHINE = (
    "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsmount", "swapon", "swapoff",
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "settimeofday",
    "clock_settime", "bpf", "perf_event_open", "userfaultfd", "add_key", "request_key", "keyctl", "iopl", "ioperm",
)  # fmt: skip
"""Only a cell that runs as root could do these at all; no part of a cell does."""


class Rule(NamedTuple):
    """One system call that is refused, always or but for some values of an argument.

    Attributes:
        call: its name in the kernel.
        error: what the caller gets.
        argument: which one is looked at, from 0; its lower 32 bits count.
        only: the call is let through when the argument has one of these values.
        bits: the call is let through when the argument has one of these bits.
    """

    call: str
    error: int = errno.EACCES
    argument: int = 0
    only: tuple[int, ...] = ()
    bits: int = 0


def rules(needs: Collection[str], process: int | None = None) -> list[Rule]:
    """The rules for a process that is given these needs; `process` is its id."""
    own = os.getpid() if process is None else process
    return [*_sockets(needs), *_threads_only(), *_signals(own), *_refused()]


def _sockets(needs: Collection[str]) -> Iterator[Rule]:
    families = UNIX + INTERNET if NETWORK in needs else UNIX
    yield Rule("socket", only=families)
    yield Rule("socketpair", only=UNIX)


def _threads_only() -> Iterator[Rule]:
    """A filter cannot see the arguments of clone3; without it the C library takes clone, whose flags it can."""
    yield Rule("clone", bits=CLONE_THREAD)
    yield Rule("clone3", error=errno.ENOSYS)


def _signals(own: int) -> Iterator[Rule]:
    """Signals and limits for itself only: `abort` and the end of a thread need them."""
    for call in ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
        yield Rule(call, only=(own,))
    yield Rule("prlimit64", only=(0, own))


def _refused() -> Iterator[Rule]:
    for call in (*PROGRAMS, *OTHER_PROCESSES, *WAYS_AROUND, *MACHINE):
        yield Rule(call)
