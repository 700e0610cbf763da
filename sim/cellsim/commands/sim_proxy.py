"""`cellctl sim-proxy`: a network that fails on order, between any Modbus client and its PLC."""

from __future__ import annotations

import asyncio
import signal
import time

from rich.console import Console

from cellctl.errors import ConfigError, Where
from cellsim.proxy import FaultProxy, Passed, Plan
from cellsim.proxy.section import parse_fault


def sim_proxy(*, to: str = "127.0.0.1:5020", listen: int = 5030, fault: list[str] | None = None) -> None:
    """Stand between a Modbus client and its PLC, and spoil what was asked for, until Ctrl-C.

    Example: `cellctl sim-proxy --fault '{kind: cut, way: answer, function: 16, nth: 3, byte: 5}'`

    Args:
        to: host and port of the PLC.
        listen: port for the client; 0 lets the system choose.
        fault: what happens to which request or answer, as a YAML mapping; may be given several times.
    """
    host, port = _address(to)
    plan = Plan(*(parse_fault(words, f"--fault {number}") for number, words in enumerate(fault or [], 1)))
    asyncio.run(_run(plan, host, port, listen))


async def _run(plan: Plan, host: str, port: int, listen: int) -> None:
    console, stopped = Console(highlight=False, soft_wrap=True), asyncio.Event()
    loop, began_s, told = asyncio.get_running_loop(), time.monotonic(), 0
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)

    def tell(passed: Passed) -> None:
        nonlocal told
        for at_s, fault in plan.struck[told:]:
            what = f"{at_s - began_s:8.3f} s  connection {passed.connection}: {fault.kind} meets the {fault.way} of"
            console.print(f"{what} function {passed.frame.function}, register {passed.frame.register}", markup=False)
        told = len(plan.struck)

    proxy = FaultProxy(plan, host, port, tell)
    try:
        chosen = await proxy.start(port=listen)
        console.print(f"127.0.0.1:{chosen} leads to {host}:{port}; Ctrl-C stops", markup=False)
        await stopped.wait()
    finally:
        await proxy.stop()


def _address(words: str) -> tuple[str, int]:
    """Host and port; ConfigError CELL-1072."""
    host, _, port = words.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) <= 65535:
        raise ConfigError("CELL-1072", "expected host and port, got {words!r}", where=Where("--to"),
                          do="write them as 127.0.0.1:5020", words=words)  # fmt: skip
    return host, int(port)
