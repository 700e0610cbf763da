"""When the plant has reached its safe state, as the supervisor sees it."""

from __future__ import annotations

import msgspec

from cellctl.config.resolved import GuardRules, Setpoint
from cellctl.model import Alarm, Ne107, Priority, Quality, Reading, Stamp, TagValue
from cellctl.runtime.supervision.safety import Shown

LOAD, ZONE = "plc.load", "oven.zone"
POINTS = tuple(Setpoint(tag, "kPa", 20.0, 17.0, 23.0, 0.4, 1.0, 3.0, 0.01, safe=20.0) for tag in (LOAD, ZONE))
RULES = GuardRules(POINTS, 2.0, 2.5, 0.3, {})


def reading(tag: str, value: float, quality: Quality = Quality.GOOD) -> Reading:
    """The latest values of a set-point's device."""
    shown = TagValue(tag, value, "kPa", quality, Ne107.OK, 0)
    return Reading(stamp=Stamp(0), device=tag.partition(".")[0], values=(shown,))


def shown(*messages: Reading | Alarm) -> Shown:
    """What was heard, in order."""
    made = Shown()
    for message in messages:
        made.hear(message)
    return made


def lent(text: str) -> Alarm:
    """The alarm of the set-point of the oven."""
    return Alarm(stamp=Stamp(0), id=f"{ZONE}.taken_over", active=True, priority=Priority.MEDIUM, text=text)


def test_every_device_must_show_its_safe_values() -> None:
    """Whichever spoke last; nothing heard is not safe."""
    assert not shown().is_safe(RULES)
    assert not shown(reading(LOAD, 20.0)).is_safe(RULES)
    assert shown(reading(LOAD, 20.0), reading(ZONE, 20.0), reading(LOAD, 20.004)).is_safe(RULES)
    assert not shown(reading(LOAD, 20.0), reading(ZONE, 20.0), reading(LOAD, 20.01)).is_safe(RULES)
    assert not shown(reading(LOAD, 20.0), reading(ZONE, 20.0, Quality.BAD)).is_safe(RULES)


def test_what_is_to_stay_is_safe_where_it_is() -> None:
    """It has no safe value."""
    staying = msgspec.structs.replace(RULES, setpoints=tuple(msgspec.structs.replace(it, safe=None) for it in POINTS))
    assert shown().is_safe(staying)


def test_what_a_person_has_is_left_to_that_person() -> None:
    """Handed back it counts again; what somebody moved without a word goes to its safe value."""
    away = (reading(LOAD, 20.0), reading(ZONE, 21.0))
    taken = lent("Li has oven.zone; when it may be the cell's again: …")
    assert shown(*away, taken).is_safe(RULES)
    assert not shown(*away, taken, msgspec.structs.replace(taken, active=False)).is_safe(RULES)
    assert not shown(*away, lent("somebody else moved oven.zone; …")).is_safe(RULES)
