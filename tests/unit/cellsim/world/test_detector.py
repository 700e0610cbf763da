"""The detector model: what becomes of an object is decided by the object, and reported as the inspector would."""

import msgspec
import numpy as np
import pytest
from pydantic import ValidationError

from cellctl.model import Judgement, Side
from cellsim.plant.coater import Made
from cellsim.render.field import BLOCK_MM
from cellsim.render.web_object import WebObject
from cellsim.world.detector import DetectorEye
from cellsim.world.encoder import block_end_mm
from cellsim.world.eye import Exposure
from cellsim.world.settings import DetectorSettings

SPUR = "coat_edge_spur"


def thing(from_mm, length_mm=5.0, defect=SPUR, seed=1, side=Side.LEFT):
    """An object on the web."""
    return WebObject(defect, side, from_mm, length_mm, 5.0, 2.0, seed)


def eye(station_mm=0.0, seed=1, **settings):
    """Eyes that see everything and nothing else, unless told otherwise."""
    chances = DetectorSettings.model_validate({"hit": 1.0, "false": "0 /m"} | settings)
    return DetectorEye("cam", station_mm, chances, seed, (SPUR,))


def look(eyes, blocks):
    """The inspections of so many blocks."""
    return [
        eyes.look(Exposure(number, number * 10 + 1, number * 10 + 10, block_end_mm(number), 0.0)).found
        for number in range(blocks)
    ]


def reported(inspections):
    """Frame id → objects, where there are any."""
    return {found.frame_id: found.objects for found in inspections if found.objects}


def test_an_object_is_reported_once_in_the_block_in_which_it_closed():
    """One that reaches over a border belongs to the second block, and the first is not good either."""
    eyes = eye()
    eyes.made(Made(thing(BLOCK_MM - 2.0), "background"))
    found = look(eyes, 4)
    assert list(reported(found)) == [1]
    assert [item.judgement for item in found] == [Judgement.NG, Judgement.NG, Judgement.OK, Judgement.OK]


def test_the_camera_sees_material_where_it_stands():
    """A camera one block downstream sees the same object one block later, at the same place on the material."""
    near, far = eye(), eye(station_mm=BLOCK_MM)
    for eyes in (near, far):
        eyes.made(Made(thing(10.0), "background"))
    (early,), (late,) = reported(look(near, 3)).items(), reported(look(far, 3)).items()
    assert (early[0], late[0]) == (0, 1)
    assert early[1][0].web.s_mm == late[1][0].web.s_mm == 12.5


def test_a_long_object_is_reported_at_its_report_length_and_goes_on():
    """A streak of 300 mm with a report length of 100 mm: one report while open, then `open` until it ends."""
    eyes = eye(report_length="100 mm")
    eyes.made(Made(thing(0.0, 300.0, "streak", side=Side.NONE), "background"))
    found = look(eyes, 13)
    assert list(reported(found)) == [3]
    assert [item.frame_id for item in found if item.open] == list(range(3, 11))
    assert {item.open[0].id for item in found if item.open} == {found[3].objects[0].id}


def test_a_streak_that_a_purge_ends_is_seen_to_end():
    """After `cleared` the object is no longer than it was made."""
    eyes = eye(report_length="100 mm")
    streak = thing(0.0, 3000.0, "streak", side=Side.NONE)
    eyes.made(Made(streak, "background"))
    look(eyes, 5)
    eyes.cleared(thing(0.0, 150.0, "streak", side=Side.NONE))
    last = eyes.look(Exposure(6, 61, 70, block_end_mm(6), 0.0)).found
    assert (last.open, last.judgement) == ((), Judgement.OK)


def test_what_arises_behind_a_camera_is_not_seen_by_it():
    """Cracks come to be in the oven: the wet camera never sees one."""
    eyes = eye(station_mm=1500.0)
    eyes.made(Made(thing(0.0, defect="crack", side=Side.NONE), "background"))
    assert reported(look(eyes, 70)) == {}


def test_the_order_of_calls_decides_nothing():
    """Two arms see the same objects among different others, and judge each alike."""
    one, other = eye(hit=0.5, seed=3), eye(hit=0.5, seed=3)
    things = [thing(200.0 * number, seed=number) for number in range(40)]
    for item in things:
        one.made(Made(item, "background"))
    for item in reversed(things[::2]):
        other.made(Made(item, "background"))
    first = {found.web.s_mm: found.confidence for row in reported(look(one, 320)).values() for found in row}
    second = {found.web.s_mm: found.confidence for row in reported(look(other, 320)).values() for found in row}
    assert len(second) > 5
    assert second.items() <= first.items()


def test_hits_come_at_the_stated_rate():
    """Of 2000 objects, 95 % within four standard deviations."""
    eyes = eye(hit=0.95)
    for number in range(2000):
        eyes.made(Made(thing(30.0 * number, seed=number), "background"))
    found = sum(len(row) for row in reported(look(eyes, 2360)).values())
    assert abs(found - 1900) < 4 * np.sqrt(2000 * 0.95 * 0.05)


def test_false_objects_come_at_the_stated_rate():
    """At 0.2 /m over 1 km, 200 within four standard deviations; with 0 there are none."""
    blocks = round(1e6 / BLOCK_MM)
    found = sum(len(row) for row in reported(look(eye(false="0.2 /m"), blocks)).values())
    assert abs(found - 200) < 4 * np.sqrt(200)
    assert reported(look(eye(), blocks)) == {}


def test_confusion_calls_true_objects_something_else():
    """A class that is always taken for another is reported as that one, at a coated edge only if that is one."""
    eyes = eye(confusion={SPUR: {"agglomerate": 1.0}})
    eyes.made(Made(thing(3.0), "background"))
    ((found,),) = reported(look(eyes, 2)).values()
    assert (found.defect, found.web.side) == ("agglomerate", Side.NONE)


def test_harmless_objects_are_passed_over():
    """Dust is no defect to this model."""
    eyes = eye()
    eyes.made(Made(thing(3.0, defect="dust", side=Side.NONE), "harmless"))
    assert reported(look(eyes, 2)) == {}


def test_chances_above_one_are_refused():
    """A row of the confusion matrix must not add up to more than 1."""
    with pytest.raises(ValidationError, match="add up"):
        DetectorSettings(confusion={SPUR: {"streak": 0.7, "agglomerate": 0.7}})


def test_an_inspection_is_a_message_like_any_other():
    """It survives encoding and decoding."""
    eyes = eye()
    eyes.made(Made(thing(3.0), "background"))
    found = look(eyes, 1)[0]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=type(found)) == found
