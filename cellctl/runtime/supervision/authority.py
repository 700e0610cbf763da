"""May the cell act? Its PackML state, its epoch, and everything that stands against acting."""

from __future__ import annotations

import msgspec

from cellctl.clock import Clock
from cellctl.model import Alarm, CellChange, CellState, PackMLState, Stamp


class Authority:
    """Keeps the state of the cell; pure, the supervisor sends what it says.

    Rules: a cell begins in Stopped, only `arm` leads to Execute, and it refuses while an alarm stands that holds the
    cell, after a failure, and while the cell stops. Whoever leaves Execute opens a new epoch, and so does a changeover.

    Args:
        clock: monotonic time.
        product: that the cell starts with.
        lot: that the cell starts with.

    Attributes:
        state: what the processes of the cell are told.
        failure: the first failure of a process, empty while there is none.
        changes: of the state, oldest first; the host takes them away and puts them on record.
    """

    def __init__(self, clock: Clock, product: str = "", lot: str = "") -> None:
        self._clock = clock
        self._standing: dict[str, str] = {}
        self.failure = self._why = ""
        self.changes: list[CellChange] = []
        self.state = CellState(
            stamp=Stamp(clock.now_ns()), state=PackMLState.STOPPED, epoch=1, safe=False, reason="starting",
            product=product, lot=lot,
        )  # fmt: skip

    def begin_behind(self, epoch: int) -> None:
        """Begin with a newer epoch than any that a guard has seen: in an older one it moves nothing."""
        self.state = msgspec.structs.replace(self.state, epoch=max(self.state.epoch, epoch + 1))

    @property
    def standing(self) -> list[str]:
        """The texts of the alarms that hold the cell."""
        return list(self._standing.values())

    def ready(self) -> None:
        """Every process is there: Stopped, which sees and records and moves nothing."""
        self._enter(PackMLState.STOPPED, safe=False, reason="sees and records; moves nothing until it is started")

    def arm(self, reason: str, by: str = "") -> str:
        """Stopped or Held → Execute; returns why not, or nothing."""
        if self.failure:
            return f"a process failed: {self.failure}"
        if self.state.state in {PackMLState.STOPPING, PackMLState.ABORTED}:
            return f"the cell is {self.state.state.name}: {self.state.reason}"
        if self._standing:
            return f"an alarm stands: {self.standing[0]}"
        self._enter(PackMLState.EXECUTE, safe=False, reason=reason, by=by)
        return ""

    def alarm(self, alarm: Alarm) -> None:
        """Take in an alarm; one that holds the cell takes it out of Execute into its safe state."""
        if not alarm.active:
            self._standing.pop(alarm.id, None)
        elif alarm.holds:
            self._standing[alarm.id] = alarm.text
            if self.state.state is PackMLState.EXECUTE:
                self._enter(PackMLState.HELD, safe=True, reason=alarm.text)

    def fail(self, failure: str) -> None:
        """A process was lost: every one is needed, so the cell aborts into its safe state. The first cause is kept."""
        if self.failure:
            return
        self.failure = failure
        if self.state.state is not PackMLState.STOPPED:
            self._enter(PackMLState.ABORTED, safe=True, reason=failure)

    def stop(self, by: str = "") -> None:
        """The cell is to end: into its safe state, unless it never acted."""
        if self.state.state is not PackMLState.STOPPED:
            self._enter(PackMLState.STOPPING, safe=True, reason="stopping", by=by)

    def refresh(self) -> CellState:
        """The same state with a fresh stamp: whoever does not hear it any more must not act on the old one."""
        self.state = msgspec.structs.replace(self.state, stamp=Stamp(self._clock.now_ns()))
        return self.state

    def change_over(self, product: str, lot: str, since_mm: float | None, reason: str, by: str = "") -> None:
        """Another product or lot begins: nothing may be moved until it has settled, and nothing old is repeated.

        Args:
            product: whose recipe holds from now on.
            lot: that runs from now on.
            since_mm: where its material begins; None when that is not known.
            reason: in words.
            by: who announced it.
        """
        self.state = msgspec.structs.replace(
            self.refresh(), epoch=self.state.epoch + 1, reason=reason, product=product, lot=lot, changing=True,
            since_mm=since_mm,
        )  # fmt: skip
        self._note(by)

    def settled(self) -> None:
        """The changeover is over: who is in Execute may move set-points again; who is not hears again why."""
        state = self.state
        made = " ".join(it for it in (state.product, state.lot) if it)
        acts = state.state is PackMLState.EXECUTE
        reason = f"{made} has settled" if acts else self._why
        self.state = msgspec.structs.replace(self.refresh(), changing=False, reason=reason)
        self._note()

    def _enter(self, state: PackMLState, *, safe: bool, reason: str, by: str = "") -> None:
        left_execute = self.state.state is PackMLState.EXECUTE and state is not PackMLState.EXECUTE
        epoch, self._why = self.state.epoch + (1 if left_execute else 0), reason
        self.state = msgspec.structs.replace(self.refresh(), state=state, epoch=epoch, safe=safe, reason=reason)
        self._note(by)

    def _note(self, by: str = "") -> None:
        self.changes.append(CellChange(**msgspec.structs.asdict(self.state), by=by))
