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


def test_a_change_within_the_deadband_is_not_shown() -> None:
    """The value stays and its time goes on; small steps add up, and the value as it is stays known."""
    made = ValueStore("plc", [msgspec.structs.replace(SPEED, deadband=2.0)], {Poll.FAST: 0.05}, 0.2, 1.0)
    made.alive = True
    shown = []
    for t_ns, value in enumerate((100.0, 101.5, 98.5, 102.0, 103.9)):
        made.put("speed", value, t_ns)
        shown.append((made.get("speed", t_ns).value, made.get("speed", t_ns).t_ns, made.raw("speed")))
    assert shown == [
        (100.0, 0, (100.0, 0)), (100.0, 1, (101.5, 1)), (100.0, 2, (98.5, 2)), (102.0, 3, (102.0, 3)),
        (102.0, 4, (103.9, 4)),
    ]  # fmt: skip


def test_no_deadband_hides_that_a_value_left_its_range() -> None:
    """Beyond the border is Bad, and what comes back is shown as it is."""
    made = ValueStore("plc", [msgspec.structs.replace(SPEED, deadband=50.0)], {Poll.FAST: 0.05}, 0.2, 1.0)
    made.alive = True
    made.put("speed", 1999.0, 0)
    made.put("speed", 2000.5, 1)
    assert made.get("speed", 1).quality is Quality.BAD_OUT_OF_RANGE
    made.put("speed", 1990.0, 2)
    assert made.get("speed", 2).value == 1990.0


@pytest.fixture
def texts() -> ValueStore:
    """One tag that holds a text."""
    tag = msgspec.structs.replace(SPEED, name="lot", type=WireType.STRING, characters=8, minimum=-math.inf,
                                  maximum=math.inf)  # fmt: skip
    made = ValueStore("plc", [tag], {Poll.FAST: 0.05}, 0.2, 1.0)
    made.alive = True
    made.put_texts([("lot", "LOT-1")], 0)
    return made


@pytest.mark.parametrize(
    ("age_ms", "quality"),
    [(0, Quality.GOOD), (251, Quality.UNCERTAIN_LAST_USABLE), (1051, Quality.BAD_TIMEOUT)],
)
def test_a_text_ages_as_a_number_does(texts: ValueStore, age_ms: int, quality: Quality) -> None:
    """It stays, as text without a number."""
    value = texts.get("lot", age_ms * NS_PER_MS)
    assert (value.text, value.quality) == ("LOT-1", quality)
    assert math.isnan(value.value)


def test_bytes_that_are_no_text_are_bad(texts: ValueStore) -> None:
    """Until a text comes again; an empty one is a text."""
    texts.put_texts([("lot", None)], 1)
    assert (texts.get("lot", 1).text, texts.get("lot", 1).quality) == ("", Quality.BAD_DEVICE_FAILURE)
    texts.put_texts([("lot", "")], 2)
    assert (texts.get("lot", 2).text, texts.get("lot", 2).quality) == ("", Quality.GOOD)


def test_a_refused_text_is_bad(texts: ValueStore) -> None:
    """As a refused number is."""
    texts.put_bad(["lot"], Quality.BAD_CONFIGURATION_ERROR, 1)
    assert texts.get("lot", 1).quality is Quality.BAD_CONFIGURATION_ERROR
    texts.put_texts([("lot", "LOT-2")], 2)
    assert texts.get("lot", 2).quality is Quality.GOOD


def test_a_value_knows_its_age(store: ValueStore) -> None:
    """From the device's answer on."""
    assert store.get("speed", 250 * NS_PER_MS).age_s(250 * NS_PER_MS) == 0.25


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
