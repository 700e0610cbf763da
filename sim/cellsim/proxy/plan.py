"""What becomes of each frame: no socket and no clock, frames in and actions out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cellsim.proxy.fault import Fault, Kind, Way
from cellsim.proxy.frame import Frame

_EXCEPTION_BIT = 0x80


class Send(NamedTuple):
    """Bytes to the PLC (way `request`) or to the cell (way `answer`)."""

    way: Way
    data: bytes
    delay_s: float = 0.0


class Cut(NamedTuple):
    """Close both connections."""

    reset: bool


class Stall(NamedTuple):
    """Let nothing pass on this connection any more, and keep it open."""


Action = Send | Cut | Stall


class Plan:
    """The faults, how often each of them has counted, and what outlives a connection."""

    def __init__(self, *faults: Fault) -> None:
        self._faults: tuple[Fault, ...] = ()
        self._seen: list[int] = []
        self.held: Frame | None = None
        self.dark_until_s = self.closed_until_s = float("-inf")
        self.struck: list[tuple[float, Fault]] = []
        self.arm(*faults)

    def arm(self, *faults: Fault) -> None:
        """Replace the faults; they count from now on."""
        self._faults, self._seen = faults, [0] * len(faults)

    def clear(self) -> None:
        """No fault any more: connections that are stalled stay so, everything new passes."""
        self.arm()
        self.held = None
        self.dark_until_s = self.closed_until_s = float("-inf")

    def meets(self, request: Frame, now_s: float) -> Fault | None:
        """The first fault that strikes at this request; each counts it."""
        found = None
        for place, fault in enumerate(self._faults):
            if fault.counts(request):
                self._seen[place] += 1
                found = found or (fault if fault.strikes(self._seen[place]) else None)
        if found is not None:
            self.struck.append((now_s, found))
        return found


class Exchange(NamedTuple):
    """A request that waits for its answer, and the fault that this answer will meet."""

    request: Frame
    fault: Fault | None


class ConnectionPlan:
    """What becomes of the frames of one connection.

    Args:
        plan: shared by all connections of the proxy.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._waiting: dict[int, Exchange] = {}
        self._older: dict[bytes, Frame] = {}

    def request(self, frame: Frame, now_s: float) -> list[Action]:
        """A request came from the cell."""
        fault = self._plan.meets(frame, now_s)
        if now_s < self._plan.dark_until_s:
            return []
        self._waiting[frame.transaction] = Exchange(frame, fault)
        if fault is None or fault.way is Way.ANSWER:
            return [Send(Way.REQUEST, frame.data)]
        return self._spoil(fault, frame, frame, now_s)

    def answer(self, frame: Frame, now_s: float) -> list[Action]:
        """An answer came from the PLC."""
        if now_s < self._plan.dark_until_s:
            return []
        exchange = self._waiting.pop(frame.transaction, None)
        held, self._plan.held = self._plan.held, None
        actions: list[Action] = [Send(Way.ANSWER, held.data)] if held else []
        if exchange is None or exchange.fault is None or exchange.fault.way is Way.REQUEST:
            actions.append(Send(Way.ANSWER, frame.data))
        else:
            actions += self._spoil(exchange.fault, frame, exchange.request, now_s)
        if exchange is not None:
            self._older[exchange.request.pdu[:5]] = frame
        return actions

    def _spoil(self, fault: Fault, frame: Frame, request: Frame, now_s: float) -> list[Action]:
        """Let `fault` strike at a frame, which is the request itself or its answer."""
        if fault.kind in _SPOILT:
            return [Send(fault.way, _SPOILT[fault.kind](fault, frame))]
        if fault.kind is Kind.DELAY:
            return [Send(fault.way, frame.data, fault.delay_s)]
        if fault.kind is Kind.DUPLICATE:
            return [Send(fault.way, frame.data)] * 2
        if fault.kind is Kind.EXCEPTION:
            pdu = bytes([request.function | _EXCEPTION_BIT, fault.code])
            return [Send(Way.ANSWER, Frame(request.transaction, request.unit, pdu).data)]
        if fault.kind in {Kind.REPLAY, Kind.STALE}:
            return [Send(Way.ANSWER, self._old(fault, frame, request).data)]
        return self._withhold(fault, frame, now_s)

    def _old(self, fault: Fault, frame: Frame, request: Frame) -> Frame:
        """The last answer to the same question; this one when there was none."""
        older = self._older.get(request.pdu[:5], frame)
        return older._replace(transaction=frame.transaction) if fault.kind is Kind.STALE else older

    def _withhold(self, fault: Fault, frame: Frame, now_s: float) -> list[Action]:
        """Faults after which less passes, or nothing."""
        if fault.kind is Kind.CUT:
            self._plan.closed_until_s = now_s + fault.for_s
            return [Send(fault.way, frame.data[: fault.byte]), Cut(fault.reset)]
        if fault.kind is Kind.BLACK_HOLE:
            self._plan.dark_until_s = now_s + fault.for_s
            return [Stall()]
        if fault.kind is Kind.LATE:
            self._plan.held = frame
        return [Stall()] if fault.kind is Kind.HALF_OPEN else []


def _with_length(fault: Fault, frame: Frame) -> bytes:
    return frame.data[:4] + fault.byte.to_bytes(2, "big") + frame.data[6:]


def _garbage(_fault: Fault, frame: Frame) -> bytes:
    """As many bytes, none of them as it was."""
    return bytes(byte ^ 0xA5 for byte in frame.data)


_SPOILT: dict[Kind, Callable[[Fault, Frame], bytes]] = {
    Kind.TRANSACTION: lambda _fault, frame: frame._replace(transaction=(frame.transaction + 1) & 0xFFFF).data,
    Kind.UNIT: lambda _fault, frame: frame._replace(unit=(frame.unit + 1) & 0xFF).data,
    Kind.LENGTH: _with_length,
    Kind.GARBAGE: _garbage,
}
