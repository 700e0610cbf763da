"""Values lose their quality by age alone."""

from __future__ import annotations

import math

import msgspec
import pytest

from cellctl.clock import NS_PER_MS
from cellctl.devices.tags import Address, Bank, Poll, Tag, WireType
from cellctl.devices.values import ValueStore
from cellctl.model.quality import Ne107, Quality

SPEED = Tag("speed", Address(Bank.INPUT, 1), WireType.UINT16, 1.0, "mm/s", 0, 2000, False, None, Poll.FAST, "")
WEIGHT = msgspec.structs.replace(SPEED, name="weight", poll=Poll.SLOW)
HIDDEN = msgspec.structs.replace(SPEED, name="hidden", poll=Poll.NEVER)


@pytest.fixture
def store() -> ValueStore:
    """Fast 50 ms, slow 1 s; Uncertain 200 ms and Bad 1 s beyond."""
    made = ValueStore("plc", (SPEED, WEIGHT, HIDDEN), {Poll.FAST: 0.05, Poll.SLOW: 1.0}, 0.2, 1.0)
    made.alive = True
    made.put("speed", 1000.0, 0)
    made.put("weight", 200.0, 0)
    return made


@pytest.mark.parametrize(
    ("age_ms", "quality"),
    [
        (0, Quality.GOOD),
        (250, Quality.GOOD),
        (251, Quality.UNCERTAIN_LAST_USABLE),
        (1050, Quality.UNCERTAIN_LAST_USABLE),
        (1051, Quality.BAD_TIMEOUT),
    ],
)
def test_quality_falls_with_age(store: ValueStore, age_ms: int, quality: Quality) -> None:
    """Good, then Uncertain, then Bad; the value and its time stay."""
    value = store.get("speed", age_ms * NS_PER_MS)
    assert (value.quality, value.value, value.t_ns, value.tag) == (quality, 1000.0, 0, "plc.speed")


def test_slow_tags_age_from_their_own_period(store: ValueStore) -> None:
    """What is read once a second is Good for a second and a bit."""
    assert store.get("weight", 1200 * NS_PER_MS).quality is Quality.GOOD
    assert store.get("weight", 1201 * NS_PER_MS).quality is Quality.UNCERTAIN_LAST_USABLE


def test_a_dead_link_makes_everything_bad_at_once(store: ValueStore) -> None:
    """However fresh."""
    store.alive = False
    assert store.get("speed", 0).quality is Quality.BAD_COMMUNICATION


def test_never_read_is_bad(store: ValueStore) -> None:
    """And not zero: NaN."""
    value = store.get("hidden", 0)
    assert value.quality is Quality.BAD_WAITING_FOR_INITIAL_DATA
    assert math.isnan(value.value)


def test_out_of_range_and_not_a_number_are_bad(store: ValueStore) -> None:
    """With the NE 107 signal that tells the two apart."""
    store.put("speed", 2000.5, 0)
    assert (store.get("speed", 0).quality, store.get("speed", 0).status) == (
        Quality.BAD_OUT_OF_RANGE, Ne107.OUT_OF_SPECIFICATION,
    )  # fmt: skip
    store.put("speed", math.nan, 0)
    assert (store.get("speed", 0).quality, store.get("speed", 0).status) == (Quality.BAD_DEVICE_FAILURE, Ne107.FAILURE)


def test_a_reading_holds_every_polled_tag(store: ValueStore) -> None:
    """Tags that are never polled are not shown."""
    assert [value.tag for value in store.all(0)] == ["plc.speed", "plc.weight"]


def test_a_value_says_that_it_is_old_or_was_never_read(store: ValueStore) -> None:
    """Read exactly at the limit is not older."""
    store.put("speed", 1000.0, 20)
    assert store.older((SPEED, WEIGHT, HIDDEN), 20) == [WEIGHT, HIDDEN]


def test_a_new_answer_replaces_what_was_shown(store: ValueStore) -> None:
    """Value and time are those of the last answer, also after the quality was lost and came back."""
    shown = [store.get("speed", 0)]
    store.put("speed", math.nan, 1)
    shown.append(store.get("speed", 1))
    store.put_all([("speed", 900.0), ("weight", 201.0)], 2)
    shown += [store.get("speed", 2), *store.all(2)]
    assert [(value.value, value.t_ns) for value in (shown[0], *shown[2:])] == [
        (1000.0, 0),
        *[(900.0, 2)] * 2,
        (201.0, 2),
    ]
    assert [value.quality for value in shown[:3]] == [Quality.GOOD, Quality.BAD_DEVICE_FAILURE, Quality.GOOD]


def test_what_the_device_refuses_is_bad_until_it_answers_again(store: ValueStore) -> None:
    """With the code of the refusal; value and time stay those of the last answer; a good answer ends it."""
    store.put_bad(["speed"], Quality.BAD_CONFIGURATION_ERROR, 5)
    refused = store.get("speed", 5)
    assert (refused.quality, refused.status) == (Quality.BAD_CONFIGURATION_ERROR, Ne107.FAILURE)
    assert (refused.value, refused.t_ns) == (1000.0, 0)
    assert store.get("weight", 5).quality is Quality.GOOD
    store.put("speed", 900.0, 6)
    assert [(it.value, it.quality) for it in store.all(6)] == [(900.0, Quality.GOOD), (200.0, Quality.GOOD)]


def test_what_was_refused_and_never_read_has_no_value(store: ValueStore) -> None:
    """NaN, with the time of the refusal."""
    store.put_bad(["hidden"], Quality.BAD_OUT_OF_SERVICE, 5)
    value = store.get("hidden", 7)
    assert (value.quality, value.status, value.t_ns) == (Quality.BAD_OUT_OF_SERVICE, Ne107.CHECK_FUNCTION, 5)
    assert math.isnan(value.value)


def test_without_a_link_a_refusal_is_no_longer_the_cause(store: ValueStore) -> None:
    """Nobody knows what the device would say."""
    store.put_bad(["speed"], Quality.BAD_CONFIGURATION_ERROR, 5)
    store.alive = False
    assert store.get("speed", 5).quality is Quality.BAD_COMMUNICATION
