"""When a nonconformity is filed."""

from __future__ import annotations

from cellctl.config.resolved import NonconformityRule
from cellctl.quality import NonconformityWatch
from tests.unit.loop.builders import make_object

RULE = NonconformityRule(count=3, within_m=30.0)


def test_filed_at_the_third_object():
    """The third object within 30 m files, with all three as evidence."""
    watch = NonconformityWatch(RULE)
    assert [len(watch.see(make_object(s_mm))) for s_mm in (60_000.0, 63_000.0, 66_000.0)] == [0, 0, 3]


def test_once_per_episode():
    """Further objects of the same episode file nothing more."""
    watch = NonconformityWatch(RULE)
    filed = [bool(watch.see(make_object(1000.0 * metre))) for metre in range(60, 84, 3)]
    assert filed.count(True) == 1


def test_again_in_the_next_episode():
    """After 30 inspected metres without an object the next three file again."""
    watch = NonconformityWatch(RULE)
    for s_mm in (0.0, 1000.0, 2000.0):
        watch.see(make_object(s_mm))
    watch.advance(30.0)
    assert [bool(watch.see(make_object(s_mm))) for s_mm in (40_000.0, 41_000.0, 42_000.0)] == [False, False, True]


def test_uninspected_metres_do_not_end_an_episode():
    """29.9 inspected metres are not enough to begin a new episode, however far the material moved."""
    watch = NonconformityWatch(RULE)
    for s_mm in (0.0, 1000.0, 2000.0):
        watch.see(make_object(s_mm))
    watch.advance(29.9)
    assert not any(watch.see(make_object(s_mm)) for s_mm in (90_000.0, 91_000.0, 92_000.0))


def test_scattered_objects_do_not_file():
    """Three objects over more than 30 m are below the rule."""
    watch = NonconformityWatch(RULE)
    assert not any(watch.see(make_object(s_mm)) for s_mm in (0.0, 16_000.0, 31_000.0))


def test_one_object_is_one_defect():
    """The same tracked object reported again counts once."""
    watch = NonconformityWatch(RULE)
    assert not any(watch.see(make_object(1000.0, 5)) for _ in range(5))


def test_unsure_objects_count():
    """A report moves nothing on the plant, so low confidence does not keep it from being filed."""
    watch = NonconformityWatch(RULE)
    found = [watch.see(make_object(s_mm, confidence=0.4)) for s_mm in (0.0, 1000.0, 2000.0)]
    assert len(found[2]) == 3
