"""Reads what a machine is like; nothing here judges, and what cannot be read is None."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import shutil
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from cellctl.runtime.privileges import what_is_missing
from cellctl.sdk.installed import Installed, installed
from cellctl.sdk.registry import DRIVERS, PLUGINS, WORLDS

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # the kernel's, not a temporary file
CPU_INFO = Path("/proc/cpuinfo")
MEMORY_INFO = Path("/proc/meminfo")
CLOCK_SOURCE = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")
TIME_ERROR = 5
"""What adjtimex(2) returns while nothing keeps the clock in step."""
PROGRAMS = {"chromium": ("chromium", "chromium-browser", "google-chrome"), "mosquitto": ("mosquitto",)}
"""Optional part → names of its program."""
MODULES = {"typst": "typst", "matplotlib": "matplotlib", "jinja2": "jinja2"}
"""Optional part → its module."""
LIBRARIES = {"aravis": "aravis-0.8"}
"""Optional part → its shared library."""


class Machine(NamedTuple):
    """What was read of a machine; sizes in bytes, times in seconds.

    Attributes:
        python: version of the interpreter.
        system: kernel and architecture.
        kernels: empty when the native kernels load, else why not.
        hardware_checksum: whether the CRC-32C uses the processor's instruction.
        cpu_flags: what the processor can do.
        cpus: processors that this process may use.
        memory_free: what a new process may take; None where the kernel does not say.
        shared_total: size of the file system in memory; None when there is none.
        shared_free: what of it is free.
        disk_free: where runs are written.
        disk_at: that place.
        clock_resolution_s: of the monotonic clock.
        clock_source: what the kernel reads the time from; None where it does not say.
        clock_in_step: whether something keeps wall time right; None where the kernel does not say.
        realtime_priority: highest priority that a process may ask for; 0 for none.
        open_files: how many a process may have open.
        fences: part of the kernel by which a process is confined → why it is missing; empty when it is there.
        parts: optional part → whether it is there.
        broken: plugins, drivers and worlds that cannot be loaded.
        simulated_line: whether the simulated line is installed.
    """

    python: tuple[int, int, int]
    system: str
    kernels: str
    hardware_checksum: bool
    cpu_flags: frozenset[str]
    cpus: int
    memory_free: int | None
    shared_total: int | None
    shared_free: int | None
    disk_free: int | None
    disk_at: str
    clock_resolution_s: float
    clock_source: str | None
    clock_in_step: bool | None
    realtime_priority: int
    open_files: int
    fences: dict[str, str]
    parts: dict[str, bool]
    broken: tuple[Installed, ...]
    simulated_line: bool


def look(out: Path) -> Machine:
    """Read this machine; `out` is the folder that runs go to, whether it is there already or not."""
    kernels, hardware = _kernels()
    shared = _usage(SHARED_MEMORY)
    place = next((folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists()), Path("/"))
    disk = _usage(place)
    return Machine(
        python=sys.version_info[:3],
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        kernels=kernels,
        hardware_checksum=hardware,
        cpu_flags=_cpu_flags(_text(CPU_INFO)),
        cpus=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_free=_memory_free(_text(MEMORY_INFO)),
        shared_total=shared[0] if shared else None,
        shared_free=shared[1] if shared else None,
        disk_free=disk[1] if disk else None,
        disk_at=str(place),
        clock_resolution_s=time.get_clock_info("monotonic").resolution,
        clock_source=_text(CLOCK_SOURCE).strip() or None,
        clock_in_step=_clock_in_step(),
        realtime_priority=_limit(resource.RLIMIT_RTPRIO) if hasattr(resource, "RLIMIT_RTPRIO") else 0,
        open_files=_limit(resource.RLIMIT_NOFILE),
        fences=what_is_missing(),
        parts=_parts(),
        broken=tuple(one for group in (PLUGINS, DRIVERS, WORLDS) for one in installed(group) if one.kind is None),
        simulated_line=find_spec("cellsim") is not None,
    )


def _kernels() -> tuple[str, bool]:
    try:
        from cellctl import kernels  # noqa: PLC0415  # whether it can be imported is the question
    except ImportError as error:
        return str(error), False
    return "", bool(kernels.HAS_HARDWARE)


def _usage(place: Path) -> tuple[int, int] | None:
    """Total and free bytes of the file system at `place`."""
    try:
        found = shutil.disk_usage(place)
    except OSError:
        return None
    return found.total, found.free


def _cpu_flags(text: str) -> frozenset[str]:
    """The flags of the first processor in /proc/cpuinfo."""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() in {"flags", "Features"}:
            return frozenset(value.split())
    return frozenset()


def _memory_free(text: str) -> int | None:
    """`MemAvailable` of /proc/meminfo, bytes."""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key == "MemAvailable":
            return 1024 * int(value.split()[0])
    return None


def _clock_in_step() -> bool | None:
    """Whether the kernel's clock is kept in step, by NTP or PTP; asks the kernel, and changes nothing."""
    try:
        status = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return None
    return None if status < 0 else bool(status != TIME_ERROR)


def _limit(which: int) -> int:
    """The soft limit; a very large number for none."""
    soft, _hard = resource.getrlimit(which)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def _parts() -> dict[str, bool]:
    from ctypes.util import find_library  # noqa: PLC0415  # starts a process on some systems: only when asked

    found = {part: any(map(shutil.which, names)) for part, names in PROGRAMS.items()}
    found |= {part: find_spec(module) is not None for part, module in MODULES.items()}
    return found | {part: find_library(name) is not None for part, name in LIBRARIES.items()}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
