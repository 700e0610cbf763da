"""Bus processes that are broken on purpose: what the oracle must find, or it finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cellctl.devices.modbus.turns import Urgency
from cellctl.model.correction import Outcome
from cellctl.runtime.bus import BusProcess

Break = Callable[[BusProcess], None]
"""Breaks one process before it runs."""


def sound(_body: BusProcess) -> None:
    """Leaves it as it is."""


def believing(body: BusProcess) -> None:
    """Takes the answer to the write for the confirmation."""

    async def _wait(_increments: dict[str, float], _written_ns: int) -> tuple[Outcome, str]:
        return Outcome.CONFIRMED, ""

    vars(_handshake(body))["_wait"] = _wait


def retrying(body: BusProcess) -> None:
    """Sends the block whose fate it does not know again when the link is back."""
    handshake = _handshake(body)
    resynchronise, command = handshake.resynchronise, vars(handshake)["_command"]
    lost: list[list[int]] = []
    registers = command.registers

    def _registers(values: dict[str, float]) -> list[int]:
        lost[:] = [registers(values)]
        return lost[0]

    async def _resynchronise() -> None:
        await resynchronise()
        for block in lost:
            await vars(handshake)["_connection"].write(command.base, block, Urgency.WRITE)

    vars(command)["registers"] = _registers
    vars(handshake)["resynchronise"] = _resynchronise


def denying(body: BusProcess) -> None:
    """Says REFUSED where it does not know."""
    handshake = _handshake(body)
    write = handshake.write_verified

    async def _write(increments: dict[str, float]) -> Any:
        written = await write(increments)
        unknown = written.outcome is Outcome.UNKNOWN
        return written._replace(outcome=Outcome.REFUSED) if unknown else written

    vars(handshake)["write_verified"] = _write


def _handshake(body: BusProcess) -> Any:
    return vars(body)["_handshake"]
