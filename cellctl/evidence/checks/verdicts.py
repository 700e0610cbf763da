"""Every verdict follows from the numbers on record: the test is computed again, and its events counted again."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cellctl.config.resolved import Loop, ResolvedCell
from cellctl.evidence.canonical import restore
from cellctl.evidence.checks.base import Check, verdict
from cellctl.evidence.checks.poisson import PROTECT_RISK, chance_of_worse, decision_bound, log_likelihood_ratio
from cellctl.evidence.checks.recount import Recount
from cellctl.evidence.checks.values import value_faults, wide_shift
from cellctl.evidence.kinds import RecordKind, RunOpened
from cellctl.evidence.record import Record
from cellctl.model import Correction, TransactionState

S = TransactionState

TOLERANCE = 1e-6
"""Of a log-likelihood ratio and of a p-value. Both are some units; another order of summing changes 1e-12 of it."""

BASELINE_RATIO = 3.0
"""The baseline lies between the watch's alarm rate and this multiple of it (`docs/loop.md`)."""


class VerdictChecker:
    """Computes each correction's test again from its record and the configuration."""

    def __init__(self) -> None:
        self._loops: tuple[Loop, ...] = ()
        self._last: dict[str, Correction] = {}
        self._recount = Recount()

    def see(self, record: Record) -> None:
        """Take the configuration, what was seen, and the corrections."""
        try:
            if record.kind == RecordKind.RUN_OPENED:
                self._loops = restore(restore(record.body, RunOpened).config, ResolvedCell).loops
            elif record.kind == RecordKind.CORRECTION:
                correction = restore(record.body, Correction)
                self._last[correction.transaction] = correction
            else:
                self._recount.see(record)
        except msgspec.ValidationError:
            return  # the checks of the opening, the frames and the corrections report it

    def conclude(self) -> Check:
        """Say whether each test and each verdict can be computed again."""
        faults = [f"{last.transaction}: {fault}" for last in self._last.values() for fault in self._check(last)]
        decided = sum(_is_decided(last) for last in self._last.values())
        return verdict("verdicts", faults, f"{len(self._last)} tests computed again, {decided} decided")

    def _check(self, correction: Correction) -> Iterator[str]:
        place = (correction.loop, correction.side)
        loop = next((loop for loop in self._loops if (loop.name, loop.side) == place), None)
        if loop is None:
            yield f"the configuration has no loop {correction.loop} ({correction.side})"
            return
        if (correction.defect, correction.tag, correction.unit) != (loop.watch.defect, loop.tag, loop.unit):
            yield f"loop {loop.name} watches {loop.watch.defect} and moves {loop.tag} in {loop.unit}"
        test = list(_test(correction, loop))
        yield from test
        if not test:
            yield from _verdict(correction, loop)
            if not loop.watch.persists_m:  # what goes on is reported once, before the test begins
                yield from self._recount.faults(correction, loop)


def _is_decided(correction: Correction) -> bool:
    return correction.state.was_effective or correction.state is S.INEFFECTIVE_ROLLED_BACK


def _test(correction: Correction, loop: Loop) -> Iterator[str]:
    """Whether the curve is one that this loop's test can draw."""
    if loop.watch.persists_m:
        yield from _presence(correction, loop)
        return
    low, high = loop.watch.alarm, BASELINE_RATIO * loop.watch.alarm
    if not low * (1.0 - TOLERANCE) <= correction.baseline_per_m <= high * (1.0 + TOLERANCE):
        yield f"its baseline {correction.baseline_per_m:g} /m is outside {low:g} … {high:g} /m"
    bound = decision_bound(loop.verify)
    for number, point in enumerate(correction.curve):
        ratio = log_likelihood_ratio(point.metres, point.events, correction.baseline_per_m, loop.verify.expect)
        if not (point.metres >= 0.0 and point.events >= 0 and abs(point.llr - ratio) <= TOLERANCE):
            yield (
                f"{point.events} events in {point.metres:.2f} m make an LLR of {ratio:.3f}, "
                f"the record says {point.llr:.3f}"
            )
        elif number < len(correction.curve) - 1 and abs(ratio) >= bound + TOLERANCE:
            yield f"the test went on after an LLR of {ratio:.3f} had passed ±{bound:.3f}"


def _presence(correction: Correction, loop: Loop) -> Iterator[str]:
    """Whether the curve is one of a test that looks for one object: no rate, and no going on after its end."""
    if correction.baseline_per_m:
        yield f"its baseline is {correction.baseline_per_m:g} /m, and its test compares no rate"
    for number, point in enumerate(correction.curve):
        if point.metres < 0.0 or point.events < 0 or point.llr:
            yield f"a point of its test is impossible: {point.metres:g} m, {point.events} events, LLR {point.llr:g}"
        elif number < len(correction.curve) - 1 and (point.events or point.metres >= loop.watch.persists_m):
            yield f"the test went on after {point.events} events in {point.metres:.2f} m"


def _end(correction: Correction, loop: Loop) -> float:
    """Where the test ended, as a log-likelihood ratio; for one object: gone and still there are the two bounds."""
    if not correction.curve:
        return 0.0
    last, bound = correction.curve[-1], decision_bound(loop.verify)
    if not loop.watch.persists_m:
        return last.llr
    if last.events:
        return -bound
    return bound if last.metres >= loop.watch.persists_m - TOLERANCE else 0.0


def _verdict(correction: Correction, loop: Loop) -> Iterator[str]:
    """Whether the end of the curve and the protected classes lead to this verdict."""
    if not _is_decided(correction):
        return
    if not loop.verify.enabled:
        yield f"{correction.state} although verification is off"
    if set(correction.protected) != set(loop.protect):
        yield "its protected classes are not those of the loop"
        return
    try:
        chances = {name: chance_of_worse(it[:2], it[2:]) for name, it in correction.protected.items()}
    except ValueError as error:
        yield f"protected classes: {error}"
        return
    ratio = _end(correction, loop)
    yield from value_faults(correction, loop)
    if correction.state.was_effective:
        yield from _effective(correction, decision_bound(loop.verify), ratio, chances)
    else:
        yield from _ineffective(correction, decision_bound(loop.verify), ratio, chances)


def _effective(correction: Correction, bound: float, ratio: float, chances: dict[str, float]) -> Iterator[str]:
    if not ratio >= bound - TOLERANCE:
        yield f"EFFECTIVE, but its test ends at an LLR of {ratio:.3f}, below {bound:.3f}"
    for name, chance in chances.items():
        if chance < PROTECT_RISK - TOLERANCE:
            yield f"EFFECTIVE, although protected class {name} got worse (p = {chance:.3f})"
    tested_m = correction.curve[-1].metres if correction.curve else 0.0
    if any(abs(counts[3] - tested_m) > TOLERANCE for counts in correction.protected.values()):
        yield "the protected classes were counted over other metres than the test"


def _ineffective(correction: Correction, bound: float, ratio: float, chances: dict[str, float]) -> Iterator[str]:
    """Either the test says that it did not help, or it did and a protected class paid for it."""
    if ratio <= -bound + TOLERANCE:
        return
    worse = [name for name, chance in chances.items() if chance <= PROTECT_RISK + TOLERANCE]
    worse += [name for name, shift in correction.protected_values.items() if wide_shift(shift)]
    if not ratio >= bound - TOLERANCE:
        yield f"INEFFECTIVE_ROLLED_BACK, but its test ends at an LLR of {ratio:.3f}, within ±{bound:.3f}"
    elif not any(name in correction.reason for name in worse):
        yield "INEFFECTIVE_ROLLED_BACK after an improvement, but nothing protected that its reason names got worse"
