"""The system calls by which a process gives up rights; each raises OSError with the kernel's reason."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from cellctl.runtime.privileges.program import REFUSE, Step

PR_SET_NO_NEW_PRIVS = 38
SYS_SECCOMP = {"x86_64": 317, "aarch64": 277}
SECCOMP_SET_MODE_FILTER, SECCOMP_GET_ACTION_AVAIL = 1, 2
EVERY_THREAD = 1
"""SECCOMP_FILTER_FLAG_TSYNC."""
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""Numbers of Landlock's calls, on every processor."""
ASK_VERSION, PATH_BENEATH = 1, 1
WRITE_FILE, READ_FILE, MAKE_CHARACTER, MAKE_BLOCK, REFER = 1 << 1, 1 << 2, 1 << 6, 1 << 11, 1 << 13
LEAST_LANDLOCK = 2
"""The first version refuses every rename from folder to folder."""
SCOPES_SINCE, SCOPES = 6, 3
"""Since version 6: no abstract sockets of others, and no signals to others."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("ports", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def no_new_privileges() -> None:
    """From now on no program gives this process more rights than it has: what an unprivileged filter asks for."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


def filter_calls(steps: Sequence[Step]) -> None:
    """Install a program for every thread, for ever."""
    packed = b"".join(step.packed() for step in steps)
    what = _Program(len(steps), packed)
    _call(_seccomp(), SECCOMP_SET_MODE_FILTER, EVERY_THREAD, ctypes.byref(what))


def check_filter() -> None:
    """Whether a program could be installed; changes nothing."""
    action = ctypes.c_uint32(REFUSE)
    _call(_seccomp(), SECCOMP_GET_ACTION_AVAIL, 0, ctypes.byref(action))


def leave_network() -> None:
    """Into a network namespace that has no way out; with a user namespace where only that makes it possible."""
    user, group = os.getuid(), os.getgid()
    try:
        _unshare(NEW_NETWORK)
    except OSError:
        _unshare(NEW_USER | NEW_NETWORK)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def landlock_version() -> int:
    """What the kernel offers; OSError when it offers nothing, or not enough."""
    version = _call(CREATE_RULESET, None, 0, ASK_VERSION)
    if version < LEAST_LANDLOCK:
        raise OSError(0, f"version {version} of Landlock is too old")
    return version


def open_only(places: Iterable[Path]) -> None:
    """Only files in or below these places may be opened from now on, and no device is made anywhere.

    A process in such a domain cannot look into the memory of one outside either.
    """
    version = landlock_version()
    granted = READ_FILE | WRITE_FILE | REFER
    wanted = _Ruleset(granted | MAKE_CHARACTER | MAKE_BLOCK, 0, SCOPES if version >= SCOPES_SINCE else 0)
    size = ctypes.sizeof(wanted) if version >= SCOPES_SINCE else 8
    ruleset = _call(CREATE_RULESET, ctypes.byref(wanted), size, 0)
    try:
        for place in places:
            _grant(ruleset, place, granted)
        _call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _grant(ruleset: int, place: Path, rights: int) -> None:
    folder = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        granted = rights if place.is_dir() else rights & ~REFER
        _call(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(_Beneath(granted, folder)), 0)
    finally:
        os.close(folder)


def _seccomp() -> int:
    try:
        return SYS_SECCOMP[os.uname().machine]
    except KeyError:
        raise OSError(0, f"no table of system calls for {os.uname().machine}") from None


def _unshare(flags: int) -> None:
    if _libc().unshare(flags) != 0:
        raise _failed()


def _prctl(option: int, value: int) -> None:
    if _libc().prctl(option, value, 0, 0, 0) != 0:
        raise _failed()


def _call(number: int, *arguments: object) -> int:
    """A system call; whole numbers go as the 64 bits that the kernel reads."""
    wide = [ctypes.c_long(it) if isinstance(it, int) else it for it in arguments]
    result = int(_libc().syscall(ctypes.c_long(number), *wide))
    if result < 0:
        raise _failed()
    return result


def _failed() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
