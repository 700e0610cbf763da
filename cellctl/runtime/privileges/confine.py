"""Gives up what a process does not need, as far as the kernel allows, and says what is left open."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

from cellctl.runtime.privileges import kernel
from cellctl.runtime.privileges.machines import this_machine
from cellctl.runtime.privileges.program import program
from cellctl.runtime.privileges.rights import DEVICE_FILES, NETWORK, rules

DEVICES = Path("/dev")
HARMLESS = ("null", "zero", "full", "random", "urandom", "shm")
COMPUTING = ("dri", "kfd", "accel", "dxg", "nvidia*")
"""Processors of graphics and of networks: an inference runtime may use them."""


class Confinement(NamedTuple):
    """What holds a process.

    Attributes:
        means: by what, in words.
        gaps: what stays open that should be closed, in words.
    """

    means: tuple[str, ...]
    gaps: tuple[str, ...]

    def __str__(self) -> str:
        return "; ".join([f"confined by {' and '.join(self.means)}" if self.means else "not confined", *self.gaps])


def confine(needs: Collection[str]) -> Confinement:
    """Confine this process to these needs, for ever; call it while there is one thread, before code of others."""
    means, gaps = [], []
    try:
        kernel.no_new_privileges()
        _without_devices(needs)
        means.append("Landlock")
    except OSError as error:
        gaps.append(f"device files and the memory of other processes stay open: no Landlock ({error.strerror})")
    try:
        _without_calls(needs)
        means.append("seccomp")
    except OSError as error:
        reason = error.strerror
        gaps.append(f"other programs and signals stay open: no seccomp ({reason})")
        if NETWORK not in needs:
            _without_network(means, gaps)
    return Confinement(tuple(means), tuple(gaps))


def _without_devices(needs: Collection[str]) -> None:
    """Landlock can only say what may be opened: everything but most of /dev."""
    if DEVICE_FILES in needs:
        kernel.open_only([Path("/")])
        return
    places = [place for place in Path("/").iterdir() if place != DEVICES and place.exists()]
    places += [DEVICES / name for name in HARMLESS if (DEVICES / name).exists()]
    places += [place for name in COMPUTING for place in DEVICES.glob(name)]
    kernel.open_only(places)


def _without_calls(needs: Collection[str]) -> None:
    machine = this_machine()
    if machine is None:
        raise OSError(0, "no table of system calls for this processor")
    kernel.filter_calls(program(rules(needs), machine))


def _without_network(means: list[str], gaps: list[str]) -> None:
    try:
        kernel.leave_network()
        means.append("a network namespace")
    except OSError as error:
        gaps.append(f"the network stays open: no network namespace ({error.strerror})")


def what_is_missing() -> dict[str, str]:
    """Fence of the kernel → why this machine has none; empty for one that it has. Changes nothing."""
    return {"seccomp": _reason(_check_calls), "Landlock": _reason(kernel.landlock_version)}


def _check_calls() -> None:
    kernel.check_filter()
    if this_machine() is None:
        raise OSError(0, "no table of system calls for this processor")


def _reason(check: Callable[[], object]) -> str:
    try:
        check()
    except OSError as error:
        return str(error.strerror)
    return ""
