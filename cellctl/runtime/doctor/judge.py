"""Judges a machine: one line for each thing that a cell rests on."""

from __future__ import annotations

from collections.abc import Iterator

from cellctl.runtime.doctor.finding import Finding, bad, note, ok
from cellctl.runtime.doctor.probe import Machine

MIB, GIB = 1 << 20, 1 << 30
OLDEST_PYTHON = (3, 11)
SHARED_LEAST, SHARED_ENOUGH = 64 * MIB, 256 * MIB
"""A frame pool of one 1 MB camera takes about 12 MB; four cameras with larger frames need the larger figure."""
DISK_LEAST, DISK_ENOUGH = GIB, 10 * GIB
MEMORY_ENOUGH = GIB
"""A cell with one camera takes about 600 MB, all processes together."""
FINEST_NEEDED_S = 1e-6
FILES_LEAST, FILES_ENOUGH = 256, 1024
SLOW_CLOCKS = frozenset({"hpet", "acpi_pm", "pit", "jiffies"})
FAST = {"sse4_2": "SSE4.2", "avx2": "AVX2"}
"""Processor flag that a kernel makes use of → its name."""
GET = {
    "typst": ("reports as PDF", "python -m pip install 'cellctl[report]'"),
    "matplotlib": ("charts in reports", "python -m pip install 'cellctl[report]'"),
    "jinja2": ("reports", "python -m pip install 'cellctl[report]'"),
    "chromium": ("printing and checking a report's pages", "sudo apt-get install chromium"),
    "mosquitto": ("a message broker on this machine", "sudo apt-get install mosquitto"),
    "aravis": ("GenICam cameras, by a driver that uses it", "sudo apt-get install libaravis-0.8-0"),
}
"""Optional part → what it is for, and how to get it."""


def examine(machine: Machine) -> list[Finding]:
    """Everything that can be said of a machine, in the order of a walk from the processor outwards."""
    return [
        _python(machine),
        _kernels(machine),
        _processors(machine),
        _memory(machine),
        _shared_memory(machine),
        _disk(machine),
        *_clock(machine),
        _priority(machine),
        _files(machine),
        _fences(machine),
        *_packages(machine),
        *_optional(machine),
    ]


def _python(machine: Machine) -> Finding:
    text = f"{'.'.join(map(str, machine.python))} on {machine.system}"
    if machine.python < OLDEST_PYTHON:
        return bad("Python", text, "install Python 3.11 or newer")
    return ok("Python", text)


def _kernels(machine: Machine) -> Finding:
    if machine.kernels:
        return bad("native kernels", machine.kernels, "install a compiler, then: pip install -e . in the checkout")
    able = [name for flag, name in FAST.items() if flag in machine.cpu_flags]
    if machine.hardware_checksum:
        return ok("native kernels", f"built; this processor has {' and '.join(able) or 'a CRC-32C instruction'}")
    return note("native kernels", "built; the checksum of frames is computed without SSE4.2, about ten times slower",
                "a processor with SSE4.2 or a virtual machine that shows it")  # fmt: skip


def _processors(machine: Machine) -> Finding:
    if machine.cpus < 2:
        return note("processors", "1: camera, inspection and bus wait for each other", "give the cell two or more")
    return ok("processors", f"{machine.cpus}")


def _memory(machine: Machine) -> Finding:
    if machine.memory_free is None:
        return note("memory", "the system does not say how much is free", "see that 1 GB is")
    if machine.memory_free < MEMORY_ENOUGH:
        return bad("memory", f"{_size(machine.memory_free)} free", "end other programs, or add memory: 1 GB is needed")
    return ok("memory", f"{_size(machine.memory_free)} free")


def _shared_memory(machine: Machine) -> Finding:
    subject = "shared memory"
    if machine.shared_free is None:
        return bad(subject, "there is no /dev/shm, so frames have no place", "mount -t tmpfs tmpfs /dev/shm")
    text = f"{_size(machine.shared_free)} of {_size(machine.shared_total or 0)} free in /dev/shm"
    remedy = "mount -o remount,size=1G /dev/shm; a container takes --shm-size 1g"
    if machine.shared_free < SHARED_LEAST:
        return bad(subject, text, remedy)
    return note(subject, f"{text}: enough for one camera", remedy) if machine.shared_free < SHARED_ENOUGH else ok(
        subject, text)  # fmt: skip


def _disk(machine: Machine) -> Finding:
    subject = "disk"
    if machine.disk_free is None:
        return bad(subject, f"the free space at {machine.disk_at} cannot be read", "choose another folder with --out")
    text = f"{_size(machine.disk_free)} free at {machine.disk_at}"
    remedy = "remove old runs, or write to another disk with --out"
    if machine.disk_free < DISK_LEAST:
        return bad(subject, f"{text}: evidence could not be kept for long", remedy)
    return note(subject, text, remedy) if machine.disk_free < DISK_ENOUGH else ok(subject, text)


def _clock(machine: Machine) -> Iterator[Finding]:
    resolution = f"monotonic, steps of {machine.clock_resolution_s:g} s"
    source = f", read from {machine.clock_source}" if machine.clock_source else ""
    if machine.clock_resolution_s > FINEST_NEEDED_S:
        yield bad("clock", resolution + source, "use a kernel with high-resolution timers")
    elif machine.clock_source in SLOW_CLOCKS:
        yield note("clock", f"{resolution}{source}, which is slow", "boot with clocksource=tsc if the processor allows")
    else:
        yield ok("clock", resolution + source)
    remedy = "switch on time synchronisation: timedatectl set-ntp true, or chrony"
    if machine.clock_in_step is None:
        yield note("wall time", "the system does not say whether it is kept in step", remedy)
    elif not machine.clock_in_step:
        yield note("wall time", "nothing keeps it in step: records of two machines cannot be laid side by side", remedy)
    else:
        yield ok("wall time", "kept in step")


def _priority(machine: Machine) -> Finding:
    if machine.realtime_priority < 1:
        return note("scheduler", "no real-time priority is allowed: a busy machine delays the cell",
                    "in /etc/security/limits.conf: @cellctl - rtprio 50, and log in again")  # fmt: skip
    return ok("scheduler", f"real-time priority up to {machine.realtime_priority} is allowed")


def _files(machine: Machine) -> Finding:
    text, remedy = f"{machine.open_files} per process", "ulimit -n 4096, or LimitNOFILE=4096 in the service"
    if machine.open_files < FILES_LEAST:
        return bad("open files", text, remedy)
    return note("open files", text, remedy) if machine.open_files < FILES_ENOUGH else ok("open files", text)


def _fences(machine: Machine) -> Finding:
    """Without them a cell runs, and its plugins could do what a plugin never should."""
    missing = [f"no {name}: {why}" for name, why in machine.fences.items() if why]
    if not missing:
        return ok("fences", f"processes are confined by {' and '.join(machine.fences)}")
    return note("fences", f"{'; '.join(missing)}: plugins can do more than they need",
                "a kernel from 5.19 on with CONFIG_SECCOMP_FILTER and CONFIG_SECURITY_LANDLOCK; "
                "a container whose profile allows them")  # fmt: skip


def _packages(machine: Machine) -> Iterator[Finding]:
    for one in machine.broken:
        yield bad(f"package {one.package}", f"{one.name} cannot be loaded: {one.error}", f"reinstall {one.package}")
    if machine.simulated_line:
        yield ok("simulated line", "installed")
    else:
        yield note("simulated line", "not installed: no `cellctl demo`", "python -m pip install cellctl-sim")


def _optional(machine: Machine) -> Iterator[Finding]:
    for part, there in machine.parts.items():
        purpose, remedy = GET[part]
        yield ok(part, "there") if there else note(part, f"not there; it is for {purpose}", remedy)


def _size(count: int) -> str:
    return f"{count / GIB:.1f} GB" if count >= GIB else f"{count / MIB:.0f} MB"
