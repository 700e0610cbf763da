"""The contract of one device, watched while it runs: its rate, gaps between what it sends, and its clock.

Pure: it is told of every frame or window, and answers with what begins or ends to be out of contract.

- **Rate**: over the last five seconds. Frames of a web are triggered by its encoder, so below the recipe's speed
  fewer of them are right: the contracted rate is scaled by the speed that the frames themselves tell.
- **Gap**: time between the last line or sample of one and the first of the next, in which nothing was seen. On a web
  it counts only when more web passed than the contracted time lets pass at the recipe's speed.
- **Clock**: the shortest delay from the device's stamp to its reception, within five seconds, stays what it was. A
  step of either clock moves it; what a busy machine adds to single frames does not.
"""

from __future__ import annotations

from collections import deque
from typing import Literal, NamedTuple

from cellctl.clock import NS_PER_MS, NS_PER_S

WINDOW_NS = 5 * NS_PER_S
"""Over which the rate is measured and the shortest delay is taken."""
CALM_NS = 10 * NS_PER_S
"""Without another gap for so long, the alarm of a gap returns to normal."""
SHORT, NORMAL = 0.98, 0.99
"""Share of the contracted rate below which it is broken, and from which it is kept again."""
LONGEST = 4096
"""Frames remembered: more than any camera sends in the window at the rates of a web."""

Term = Literal["rate", "gap", "clock"]


class Terms(NamedTuple):
    """What is contracted for one device.

    Attributes:
        rate_hz: frames or samples per second; 0 when none is contracted.
        gap_s: longest time without anything seen.
        clock_s: largest step of its clock.
        speed_m_s: web speed of the recipe, for frames that the web's encoder triggers; 0 for none.
        unit: what is counted: frames, samples.
    """

    rate_hz: float
    gap_s: float
    clock_s: float
    speed_m_s: float = 0.0
    unit: str = "frames"


class Change(NamedTuple):
    """A term that begins (`active`) or ends to be broken, in words."""

    term: Term
    active: bool
    text: str


class Seen(NamedTuple):
    """One frame or window.

    Attributes:
        first_ns: first line or sample, by the device's clock.
        last_ns: last line or sample.
        received_ns: when it arrived, by this machine's clock.
        amount: 1 for a frame, samples for a window.
        encoder_mm: of the last line; None without a web.
    """

    first_ns: int
    last_ns: int
    received_ns: int
    amount: int = 1
    encoder_mm: float | None = None


class ContractWatch:
    """Watches one device."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._recent: deque[Seen] = deque(maxlen=LONGEST)
        self._count = 0
        self._broken: dict[Term, bool] = {"rate": False, "gap": False, "clock": False}
        self._gap_ns = 0
        self._delay_ns: int | None = None
        self._shortest_ns: int | None = None
        self._block_ns: int | None = None

    def see(self, seen: Seen) -> list[Change]:
        """Account for one frame or window; returns what changed."""
        before = self._recent[-1] if self._recent else None
        if before is not None and seen.last_ns <= before.last_ns:
            self._forget()
            back_ms = (before.last_ns - seen.last_ns) / NS_PER_MS
            self._recent.append(seen)
            return self._say("clock", True, f"its clock ran back by {back_ms:.3g} ms")
        changes = self._watch_clock(seen)
        if before is not None:
            changes += self._watch_gap(before, seen)
        self._recent.append(seen)
        self._count += seen.amount
        return changes + self._watch_rate()

    def _forget(self) -> None:
        """After a step back nothing of before can be compared."""
        self._recent.clear()
        self._count = 0
        self._delay_ns = self._shortest_ns = self._block_ns = None

    def _watch_rate(self) -> list[Change]:
        recent, terms = self._recent, self._terms
        whole = len(recent) == LONGEST
        while len(recent) > 2 and recent[-1].last_ns - recent[1].last_ns >= WINDOW_NS:
            self._count -= recent.popleft().amount
        span_s = (recent[-1].last_ns - recent[0].last_ns) / NS_PER_S
        if not terms.rate_hz or not (whole or span_s * NS_PER_S >= WINDOW_NS):
            return []
        counted = sum(it.amount for it in recent) if whole else self._count
        rate_hz = (counted - recent[0].amount) / span_s
        wanted_hz = terms.rate_hz * self._speed_share(recent[0], recent[-1], span_s)
        limit = NORMAL if self._broken["rate"] else SHORT
        broken = rate_hz < limit * wanted_hz
        return self._say("rate", broken, f"{rate_hz:.4g} {terms.unit}/s, {wanted_hz:.4g} contracted")

    def _speed_share(self, first: Seen, last: Seen, span_s: float) -> float:
        """Web speed over the recipe's, at most 1; 1 where no web is known."""
        if not self._terms.speed_m_s or first.encoder_mm is None or last.encoder_mm is None:
            return 1.0
        speed = max(0.0, last.encoder_mm - first.encoder_mm) / 1000 / span_s
        return min(1.0, speed / self._terms.speed_m_s)

    def _watch_gap(self, before: Seen, seen: Seen) -> list[Change]:
        terms, gap_ns = self._terms, seen.first_ns - before.last_ns
        unseen_m = 0.0
        if seen.encoder_mm is not None and before.encoder_mm is not None:
            unseen_m = (seen.encoder_mm - before.encoder_mm) / 1000
        is_long = gap_ns > terms.gap_s * NS_PER_S
        if is_long and terms.speed_m_s and seen.encoder_mm is not None:
            is_long = unseen_m > terms.gap_s * terms.speed_m_s
        if is_long:
            self._gap_ns = seen.last_ns
            return self._say("gap", True, f"nothing for {gap_ns / NS_PER_MS:.0f} ms, "
                             f"{terms.gap_s * 1000:g} ms contracted")  # fmt: skip
        if seen.last_ns - self._gap_ns < CALM_NS:
            return []
        return self._say("gap", False, f"no gap over {terms.gap_s * 1000:g} ms for {CALM_NS // NS_PER_S} s")

    def _watch_clock(self, seen: Seen) -> list[Change]:
        """Compare the shortest delay of each five seconds with that of the five before."""
        delay_ns = seen.received_ns - seen.last_ns
        if self._block_ns is None:
            self._block_ns = seen.received_ns
        self._shortest_ns = delay_ns if self._shortest_ns is None else min(self._shortest_ns, delay_ns)
        if seen.received_ns - self._block_ns < WINDOW_NS:
            return []
        before, self._delay_ns, self._shortest_ns = self._delay_ns, self._shortest_ns, None
        self._block_ns = seen.received_ns
        if before is None:
            return []
        step_ms = (self._delay_ns - before) / NS_PER_MS
        broken = abs(step_ms) > 1000 * self._terms.clock_s
        return self._say("clock", broken, f"its clock stepped by {step_ms:.3g} ms against this machine's, "
                         f"{1000 * self._terms.clock_s:g} ms contracted")  # fmt: skip

    def _say(self, term: Term, broken: bool, text: str) -> list[Change]:
        """One message at each change of a term."""
        if broken == self._broken[term]:
            return []
        self._broken[term] = broken
        return [Change(term, broken, text)]
