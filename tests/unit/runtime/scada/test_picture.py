"""What other systems read of the cell, by name, with the quality of the moment."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from cellctl.model import (
    Alarm,
    CellState,
    Ne107,
    PackMLState,
    Priority,
    Quality,
    Reading,
    Stamp,
    TagValue,
    TransactionState,
)
from cellctl.runtime.scada.picture import STATES, Picture

SECOND = 1_000_000_000
T = 100 * SECOND
CELL: Any = SimpleNamespace(
    recipe=SimpleNamespace(product="NMC-200"), lot="LOT-1", advising=(),
    loops=(SimpleNamespace(name="edge_spur", authority="advisory"),),
)  # fmt: skip
STATE = CellState(stamp=Stamp(T), state=PackMLState.EXECUTE, epoch=3, safe=False, reason="", product="NMC-300")


def value(quality=Quality.GOOD, t_ns=T, number=1.5):
    """One value of the controller."""
    return TagValue("plc.speed", number, "m/s", quality, Ne107.OK, t_ns)


@pytest.fixture
def picture():
    """One that has heard the cell's state and one reading."""
    made = Picture(CELL, 2.0)
    made.take(STATE)
    made.take(Reading(stamp=Stamp(T), device="plc", values=(value(),)))
    return made


@pytest.mark.parametrize(("name", "shown"), [
    ("cell.state", 6.0), ("cell.epoch", 3.0), ("cell.safe", 0.0), ("cell.changing", 0.0), ("cell.product", "NMC-300"),
    ("cell.lot", "LOT-1"), ("cell.beat", 1000.0), ("alarms.active", 0.0), ("loops.edge_spur.granted", 2.0),
    ("loops.edge_spur.correction", 0.0), ("plc.speed", 1.5), ("plc.speed.quality", 0.0), ("plc.speed.age", 0.5),
])  # fmt: skip
def test_every_kind_of_name(picture, name, shown):
    """Each is Good half a second after it was said."""
    assert picture.show(name, T + SECOND // 2) == (shown, Quality.GOOD)


def test_before_the_first_word_nothing_is_good():
    """Waiting for initial data, as OPC UA calls it; the quality itself can be read."""
    empty = Picture(CELL, 2.0)
    for name in ("cell.state", "plc.speed", "plc.speed.age", "loops.edge_spur.granted"):
        assert empty.show(name, T).quality is Quality.BAD_WAITING_FOR_INITIAL_DATA
    assert empty.show("plc.speed.quality", T) == (0x8032, Quality.GOOD)


@pytest.mark.parametrize("name", ["cell.state", "alarms.active", "loops.edge_spur.granted", "plc.speed"])
def test_what_is_not_said_again_turns_bad(picture, name):
    """A dead process leaves no value behind that looks alive."""
    assert picture.show(name, T + 2 * SECOND).quality is Quality.GOOD
    assert picture.show(name, T + 2 * SECOND + 1).quality is Quality.BAD_TIMEOUT


def test_the_quality_says_that_the_device_is_silent(picture):
    """The upper half of BadTimeout."""
    assert picture.show("plc.speed.quality", T + 3 * SECOND) == (0x800A, Quality.GOOD)


def test_a_value_keeps_the_quality_that_it_came_with(picture):
    """What the bus calls Bad is not made Good here."""
    bad = Reading(stamp=Stamp(T), device="plc", values=(value(Quality.BAD_COMMUNICATION),))
    picture.take(bad)
    assert picture.show("plc.speed", T).quality is Quality.BAD_COMMUNICATION
    assert picture.show("plc.speed.quality", T) == (0x8005, Quality.GOOD)


def test_alarms_are_counted_while_they_stand(picture):
    """By id; one that returns to normal is gone."""
    link = Alarm(stamp=Stamp(T), id="plc.link", active=True, priority=Priority.HIGH, text="", holds=True)
    other = msgspec.structs.replace(link, id="contract", priority=Priority.LOW, holds=False)
    for alarm in (link, link, other):
        picture.take(alarm)
    counts = [picture.show(f"alarms.{it}", T).value for it in ("active", "high", "holding")]
    picture.take(msgspec.structs.replace(link, active=False))
    assert counts == [2.0, 1.0, 1.0]
    assert picture.show("alarms.active", T).value == 1.0


def test_states_of_a_correction_keep_their_numbers():
    """They stand in the guide, and in the displays of others."""
    numbers = (STATES[it] for it in (TransactionState.PROPOSED, TransactionState.EFFECTIVE, TransactionState.PROVEN))
    assert tuple(numbers) == (1, 9, 16)
