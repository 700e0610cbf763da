"""The filter as the kernel reads it: known encodings, and what it answers to a call."""

import errno
import re
import socket
import struct
from pathlib import Path

import pytest

from cellctl.runtime.privileges import rights
from cellctl.runtime.privileges.machines import AARCH64, MACHINES, X86_64
from cellctl.runtime.privileges.program import (
    ALLOW,
    ANY_BIT,
    AT_LEAST,
    EQUAL,
    KILL,
    LOAD,
    REFUSE,
    RETURN,
    Step,
    program,
)
from cellctl.runtime.privileges.rights import DEVICE_FILES, NETWORK, Rule, rules
from cellctl.sdk import Need

OWN = 4711
REFUSED = REFUSE | errno.EACCES
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def answer(steps, number, *arguments, machine=X86_64, audit=None):
    """What the kernel's filter machine says to one call."""
    audit = machine.audit if audit is None else audit
    data = struct.pack("<IIQ6Q", number, audit, 0, *(arguments + (0,) * 6)[:6])
    at, loaded = 0, 0
    while True:
        step = steps[at]
        at += 1
        if step.code == RETURN:
            return step.value
        if step.code == LOAD:
            (loaded,) = struct.unpack_from("<I", data, step.value)
            continue
        found = {EQUAL: loaded == step.value, AT_LEAST: loaded >= step.value, ANY_BIT: bool(loaded & step.value)}
        at += step.jump_true if found[step.code] else step.jump_false


def confined(*needs, machine=X86_64):
    return program(rules(needs, OWN), machine)


def test_instructions_are_packed_as_the_kernel_reads_them():
    """`struct sock_filter` of linux/filter.h, put together by hand: load the number, jump, return."""
    steps = [Step(LOAD, 0), Step(EQUAL, 59, jump_true=1, jump_false=2), Step(RETURN, ALLOW)]
    packed = b"".join(step.packed() for step in steps)
    assert packed.hex() == "2000000000000000" + "150001023b000000" + "060000000000ff7f"


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6, 16, 17, 40, 38])
def test_without_a_need_only_local_sockets_are_opened(family):
    """IPv4, IPv6, netlink, packets, virtual machines and the kernel's ciphers are refused, AF_UNIX is not."""
    assert answer(confined(), X86_64.numbers["socket"], int(family)) == REFUSED
    assert answer(confined(), X86_64.numbers["socket"], 1) == ALLOW


def test_the_upper_half_of_an_argument_does_not_hide_the_family():
    """The kernel takes the lower 32 bits of the family, and so does the filter."""
    assert answer(confined(), X86_64.numbers["socket"], (1 << 32) + int(socket.AF_INET)) == REFUSED


def test_a_driver_with_a_network_opens_what_addresses_need():
    """IPv4, IPv6 and netlink, and still no raw packets."""
    steps = confined(NETWORK)
    for family in (1, int(socket.AF_INET), int(socket.AF_INET6), 16):
        assert answer(steps, X86_64.numbers["socket"], family) == ALLOW
    assert answer(steps, X86_64.numbers["socket"], 17) == REFUSED


@pytest.mark.parametrize("needs", [(), (NETWORK,), (DEVICE_FILES,), (NETWORK, DEVICE_FILES)])
@pytest.mark.parametrize("call", [*rights.PROGRAMS, *rights.OTHER_PROCESSES, *rights.WAYS_AROUND, *rights.MACHINE])
def test_what_no_part_needs_is_refused_to_all(call, needs):
    """No need opens the way to other programs, other processes or around the filter."""
    assert answer(confined(*needs), X86_64.numbers[call]) == REFUSED


def test_threads_start_and_processes_do_not():
    """A clone is a thread or is refused; clone3, which a filter cannot read, is as on an old kernel."""
    assert answer(confined(), X86_64.numbers["clone"], 0x3D0F00) == ALLOW
    assert answer(confined(), X86_64.numbers["clone"], 0x1200011) == REFUSED
    assert answer(confined(), X86_64.numbers["clone3"]) == REFUSE | errno.ENOSYS


def test_signals_reach_the_process_itself_only():
    """`abort` works; nobody else is ended."""
    assert answer(confined(), X86_64.numbers["tgkill"], OWN, OWN, 6) == ALLOW
    for call in ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
        assert answer(confined(), X86_64.numbers[call], OWN - 1, 9) == REFUSED
        assert answer(confined(), X86_64.numbers[call], 0, 9) == REFUSED


def test_another_convention_ends_the_process():
    """The numbers of 32-bit and of x32 programs mean other calls, which no rule would catch."""
    assert answer(confined(), 1, audit=0x40000003) == KILL
    assert answer(confined(), 0x40000000 + X86_64.numbers["socket"], 1) == KILL
    assert answer(confined(), 0x40000000 + X86_64.numbers["socket"], 1, audit=AARCH64.audit) == KILL


def test_a_call_that_a_debugger_skipped_is_let_through():
    """A trace that injects an error leaves the number -1, which no processor has."""
    assert answer(confined(), 0xFFFFFFFF) == ALLOW


@pytest.mark.parametrize("name", MACHINES)
def test_every_other_call_is_let_through(name):
    """The filter refuses what it names, and nothing beside it."""
    machine = MACHINES[name]
    named = {machine.numbers[rule.call] for rule in rules((), OWN) if rule.call in machine.numbers}
    steps = confined(machine=machine)
    others = set(range(480)) - named
    assert {answer(steps, number, machine=machine) for number in others} == {ALLOW}


def test_a_call_that_a_processor_lacks_is_no_rule_there():
    """ARM processors have no fork; the filter is shorter there, and not wrong."""
    assert len(program([Rule("fork")], AARCH64)) == len(program([], AARCH64))


@pytest.mark.parametrize("name", MACHINES)
def test_every_rule_has_a_number(name):
    """But for calls that only x86 has."""
    missing = {rule.call for rule in rules((), OWN)} - set(MACHINES[name].numbers)
    assert missing == (set() if name == "x86_64" else {"fork", "vfork", "iopl", "ioperm"})


@pytest.mark.parametrize("name", MACHINES)
def test_the_numbers_are_those_of_the_kernel_headers(name):
    """The C library's headers of this machine say the same."""
    if not HEADERS[name].is_file():
        pytest.skip(f"no header {HEADERS[name]} here")
    found = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[name].read_text()))
    numbers = MACHINES[name].numbers
    assert {call: int(found[call]) for call in numbers if call in found} == {
        call: number for call, number in numbers.items() if call in found
    }
    assert len(found) > 200


def test_the_names_of_the_needs_are_those_of_the_sdk():
    """They are written twice, because the sdk takes long to load."""
    assert {NETWORK, DEVICE_FILES} == {need.value for need in Need}
