"""Numbers of the system calls by processor: a filter sees numbers only."""

from __future__ import annotations

import platform
import sys
from typing import NamedTuple


class Machine(NamedTuple):
    """What a filter must know of a processor.

    Attributes:
        audit: the kernel's name for its calling convention (AUDIT_ARCH_…).
        numbers: system call → number; a call that the processor does not have is absent.
        other_from: numbers from here on belong to another convention (x32); 0 when there is none.
    """

    audit: int
    numbers: dict[str, int]
    other_from: int = 0


_EVERYWHERE = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsmount": 432, "clone3": 435, "pidfd_getfd": 438, "process_madvise": 440,
}  # fmt: skip
"""Since Linux 5.1 a new system call has one number on all processors."""
X86_64 = Machine(0xC000003E, _EVERYWHERE | {
    "socket": 41, "socketpair": 53, "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "kill": 62, "ptrace": 101,
    "rt_sigqueueinfo": 129, "pivot_root": 155, "chroot": 161, "settimeofday": 164, "mount": 165, "umount2": 166,
    "swapon": 167, "swapoff": 168, "reboot": 169, "iopl": 172, "ioperm": 173, "init_module": 175,
    "delete_module": 176, "tkill": 200, "clock_settime": 227, "tgkill": 234, "kexec_load": 246, "add_key": 248,
    "request_key": 249, "keyctl": 250, "unshare": 272, "rt_tgsigqueueinfo": 297, "perf_event_open": 298,
    "prlimit64": 302, "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
    "kcmp": 312, "finit_module": 313, "kexec_file_load": 320, "bpf": 321, "execveat": 322, "userfaultfd": 323,
}, other_from=0x40000000)  # fmt: skip
AARCH64 = Machine(0xC00000B7, _EVERYWHERE | {
    "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "unshare": 97, "kexec_load": 104, "init_module": 105,
    "delete_module": 106, "clock_settime": 112, "ptrace": 117, "kill": 129, "tkill": 130, "tgkill": 131,
    "rt_sigqueueinfo": 138, "reboot": 142, "settimeofday": 170, "socket": 198, "socketpair": 199, "add_key": 217,
    "request_key": 218, "keyctl": 219, "clone": 220, "execve": 221, "swapon": 224, "swapoff": 225,
    "rt_tgsigqueueinfo": 240, "perf_event_open": 241, "prlimit64": 261, "open_by_handle_at": 265, "setns": 268,
    "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "bpf": 280,
    "execveat": 281, "userfaultfd": 282, "kexec_file_load": 294,
})  # fmt: skip
MACHINES = {"x86_64": X86_64, "aarch64": AARCH64}


def this_machine() -> Machine | None:
    """The processor that this process runs on; None when there is no table for it."""
    return MACHINES.get(platform.machine()) if sys.byteorder == "little" and sys.maxsize > 2**32 else None
