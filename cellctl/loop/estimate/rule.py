"""The rule that led to a move, in words, for its record."""

from __future__ import annotations

from cellctl.config.resolved import Loop
from cellctl.loop.diagnose.influence import Remedy
from cellctl.loop.estimate.cusum import PoissonCusum


def rule_text(loop: Loop, cusum: PoissonCusum, remedy: Remedy, baseline_per_m: float) -> str:
    """Change detection, influence, law and test with their numbers."""
    run, watch, verify = cusum.run, loop.watch, loop.verify
    return (
        f"CUSUM {watch.normal:g} to {watch.alarm:g} /m: {cusum.level:.2f} >= {cusum.decision:g} "
        f"after {run.objects} objects in {run.metres:.1f} m; "
        f"{_move_text(loop, remedy)}; "
        f"test: rate x{verify.expect:g} from {baseline_per_m:.3g} /m, risk {verify.risk:g}"
    )


def _move_text(loop: Loop, remedy: Remedy) -> str:
    if loop.advise:
        return "no set-point is moved"
    return (
        f"influence of {remedy.tag} on {loop.watch.defect}: {remedy.influence:+g} per step; "
        f"{loop.law} {remedy.sign * loop.step:+g} {loop.unit}"
    )


def persistence_text(loop: Loop, length_m: float, remedy: Remedy) -> str:
    """Length, influence, law and test with their numbers, for an object that goes on."""
    watch = loop.watch
    return (
        f"one {watch.defect} goes on: {length_m:.2f} >= {watch.persists_m:g} m; "
        f"{_move_text(loop, remedy)}; "
        f"test: nothing goes on at its place in {watch.persists_m:g} m made after it"
    )
