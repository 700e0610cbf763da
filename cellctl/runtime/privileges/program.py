"""Rules → a program of the kernel's packet filter, which it runs before each system call."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cellctl.runtime.privileges.machines import Machine
from cellctl.runtime.privileges.rights import Rule

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JGE|K, BPF_JMP|JSET|K, BPF_RET|K of linux/bpf_common.h."""
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
"""SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO (its low half is the error), SECCOMP_RET_KILL_PROCESS."""
NUMBER_AT, AUDIT_AT, ARGUMENTS_AT = 0, 4, 16
"""Places in `struct seccomp_data`, bytes; an argument takes eight, the lower half first."""
NO_CALL = 0xFFFFFFFF
"""The number that a debugger leaves when it has skipped a call."""


class Step(NamedTuple):
    """One instruction: `jump_true` and `jump_false` count the instructions that are passed over."""

    code: int
    value: int
    jump_true: int = 0
    jump_false: int = 0

    def packed(self) -> bytes:
        """`struct sock_filter` of linux/filter.h."""
        return struct.pack("<HBBI", self.code, self.jump_true, self.jump_false, self.value)


def program(rules: Iterable[Rule], machine: Machine) -> list[Step]:
    """What lets everything through but what the rules refuse, and ends a process that comes by another convention."""
    steps = [*_own_convention(machine)]
    for rule in rules:
        if rule.call in machine.numbers:
            steps += _block(rule, machine.numbers[rule.call])
    return [*steps, Step(RETURN, ALLOW)]


def _own_convention(machine: Machine) -> Iterator[Step]:
    """Calls of a 32-bit program have other numbers, so the rules would not hold for them."""
    yield Step(LOAD, AUDIT_AT)
    yield Step(EQUAL, machine.audit, jump_true=1)
    yield Step(RETURN, KILL)
    yield Step(LOAD, NUMBER_AT)
    if machine.other_from:
        yield Step(AT_LEAST, machine.other_from, jump_false=2)
        yield Step(EQUAL, NO_CALL, jump_true=1)
        yield Step(RETURN, KILL)


def _block(rule: Rule, number: int) -> list[Step]:
    """Passed over by every other call, and never left by its own."""
    inside = [*_let_through(rule), Step(RETURN, REFUSE | rule.error)]
    return [Step(EQUAL, number, jump_false=len(inside)), *inside]


def _let_through(rule: Rule) -> Iterator[Step]:
    if not (rule.only or rule.bits):
        return
    yield Step(LOAD, ARGUMENTS_AT + 8 * rule.argument)
    for value in rule.only:
        yield Step(EQUAL, value, jump_false=1)
        yield Step(RETURN, ALLOW)
    if rule.bits:
        yield Step(ANY_BIT, rule.bits, jump_false=1)
        yield Step(RETURN, ALLOW)
