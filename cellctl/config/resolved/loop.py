"""One loop on one side, resolved."""

from __future__ import annotations

import msgspec

from cellctl.model.web import Side


class Watch(msgspec.Struct, frozen=True):
    """What a loop watches.

    Attributes:
        defect: class name.
        normal: rate in control of the objects that count, per metre.
        alarm: rate of the objects that count which is to be noticed, per metre.
        evidence: the CUSUM's decision interval h, in objects.
        camera: device whose inspections count; empty for all (each metre then counts once per camera).
        persists_m: length of one object that goes on which raises the alarm; 0 watches the rate instead.
        counted: share of the true objects that count; both rates hold it already.
    """

    defect: str
    normal: float
    alarm: float
    evidence: float
    camera: str = ""
    persists_m: float = 0.0
    counted: float = 1.0


class Verify(msgspec.Struct, frozen=True):
    """How a correction is verified.

    Attributes:
        enabled: False ends every correction as UNDECIDED and takes it back (bench cells only).
        expect: rate ratio after/before that counts as effective (ρ of the SPRT).
        risk: α and β of the SPRT.
        truncate: the test ends UNDECIDED after this multiple of its expected length.
        settle_m: material after the end of the ramp that does not count yet.
        speed_tolerance: relative change of web speed that confounds.
    """

    enabled: bool
    expect: float
    risk: float
    truncate: float
    settle_m: float
    speed_tolerance: float


class Escalate(msgspec.Struct, frozen=True):
    """When a person is called: below `confidence`, or `consecutive` objects of one class within `within_m`.

    Attributes:
        confidence: an object below it is unsure.
        consecutive: so many objects call a person.
        within_m: over this length.
        unsure: with a higher share of unsure objects among the last 20 the loop only advises.
    """

    confidence: float
    consecutive: int
    within_m: float
    unsure: float = 0.30


class Release(msgspec.Struct, frozen=True):
    """How an effective correction is taken back (A-B-A); lengths in metres of inspected material.

    Attributes:
        enabled: False leaves an effective correction in force until the run ends.
        after_m: in control for so long before the set-point goes back.
        watch_m: a fault that returns within it shows that the correction is still needed.
        longest_m: `after_m` doubles at each return, up to this.
    """

    enabled: bool
    after_m: float
    watch_m: float
    longest_m: float


class ProtectedValue(msgspec.Struct, frozen=True):
    """A characteristic whose mean may move by no more than `change` (in its unit) for a correction to stay."""

    characteristic: str
    change: float


class Loop(msgspec.Struct, frozen=True):
    """One loop on one side.

    Attributes:
        name: as in the YAML.
        side: the coated edge it looks after; NONE for the whole width.
        authority: `off`, `shadow`, `advisory`, `confirm` or `auto`.
        priority: 1 goes first.
        law: `step` or `pulse`.
        watch: what it watches.
        tag: the set-point it moves.
        unit: of the step.
        step: absolute size of one move (always positive; the influence matrix gives its sign).
        tries: failed corrections per episode before it gives up and escalates.
        protect: classes that must not get worse.
        protect_values: characteristics whose mean must not move too far.
        verify: the test.
        release: how an effective correction is taken back.
        advise: what a person should do, of a loop that moves nothing: then `tag` is empty and `step` 0.
        escalate: when a person is called.
        deadline_s: exposure to first increment in force.
    """

    name: str
    side: Side
    authority: str
    watch: Watch
    tag: str
    unit: str
    step: float
    tries: int
    protect: tuple[str, ...]
    verify: Verify
    escalate: Escalate
    deadline_s: float
    priority: int = 5
    law: str = "step"
    protect_values: tuple[ProtectedValue, ...] = ()
    release: Release = Release(False, 300.0, 150.0, 2400.0)
    advise: str = ""
