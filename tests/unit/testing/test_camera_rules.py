"""`check_camera` passes a driver that keeps the contract, and each rule has a driver that breaks it alone."""

import contextlib
import os
import socket
import threading
import time
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from cellctl.errors import PlantError
from cellctl.sdk import EndOfData, Geometry, Grab, Need
from cellctl.testing import CAMERA_RULES, NotConforming, check_camera


class Settings(BaseModel):
    """Where it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    there: bool = Field(default=True, description="whether it answers")


class Good:
    """A camera in memory: two frames wait, then one comes with every second call."""

    Settings = Settings

    def __init__(self, _name, settings):
        self.settings = settings
        self.last = -1
        self.is_open = False
        self.calls = 0

    def open(self):
        if not self.settings.there:
            raise PlantError("CELL-2299", "nothing answers")
        self.is_open = True
        return Geometry(16, 64, 0.1, 0.1)

    def grab(self, buffer, timeout_s):
        if not self.is_open:
            raise PlantError("CELL-2299", "it is not open")
        self.calls += 1
        if timeout_s < 0.01 and self.calls % 2:
            return None
        self.last += 1
        buffer[:] = bytes(len(buffer))
        now = time.monotonic_ns()
        return Grab(self.last, now - 10, now, 1000.0 * self.last)

    def close(self):
        self.is_open = False


GOOD: Any = Good
NO_DRIVER: Any = dict


def broken(members, settings=None, **more):
    """The rules that a driver breaks which differs from the good one in these members."""
    driver = type("Bad", (Good,), {"__doc__": "Breaks a rule.", **members})
    with pytest.raises(NotConforming) as caught:
        check_camera(driver, settings, **more)
    assert {breach.rule for breach in caught.value.breaches} <= set(CAMERA_RULES)
    return {breach.rule for breach in caught.value.breaches}


def after(change):
    """A `grab` that does what the good one does, and then this to its result."""

    def grab(self, buffer, timeout_s):
        found = Good.grab(self, buffer, timeout_s)
        return change(found) if found is not None else None

    return grab


def test_a_good_driver_passes():
    """No finding, with and without a camera that is not there."""
    check_camera(GOOD)
    check_camera(GOOD, {"there": True}, unreachable={"there": False})


def test_what_is_no_driver():
    """A class without the four parts is named."""
    with pytest.raises(NotConforming, match=r"class: .*lacks Settings, open, grab, close"):
        check_camera(NO_DRIVER)


def test_no_docstring():
    """Nobody could be told what it reaches."""
    assert broken({"__doc__": None}) == {"class"}


def test_loose_settings():
    """A misspelt key must not pass."""

    class Loose(BaseModel):
        there: bool = Field(default=True, description="whether it answers")

    assert broken({"Settings": Loose}) == {"settings"}


@pytest.mark.parametrize("geometry", [None, (16, 64), Geometry(0, 64, 0.1, 0.1), Geometry(16, 64, 0.1, -0.1)])
def test_a_wrong_geometry(geometry):
    """The host sizes the frame pool by it."""
    assert "open" in broken({"open": lambda _: geometry})


@pytest.mark.parametrize("part", [slice(0, 0), slice(0, 960), slice(64, 1024)])
def test_a_buffer_that_is_not_filled(part):
    """A missing row, first or last, is found: another frame's pixels would show through."""

    def grab(self, buffer, timeout_s):
        scrap = bytearray(len(buffer))
        found = Good.grab(self, memoryview(scrap), timeout_s)
        if found is not None:
            buffer[part] = scrap[part]
        return found

    assert broken({"grab": grab}) == {"frames"}


@pytest.mark.parametrize("result", [None, 7])
def test_no_frames(result):
    """A camera that gives nothing, or no Grab, is found."""
    assert "frames" in broken({"grab": lambda *_: result}, timeout_s=0.01)


def test_ids_that_stand_still():
    """Lost frames are counted by them."""
    same = after(lambda found: Grab(0, found.first_line_ns, found.last_line_ns, 0.0))
    assert broken({"grab": same}) == {"ids"}


@pytest.mark.parametrize(
    "change",
    [
        lambda found: Grab(found.frame_id, found.last_line_ns + 1, found.last_line_ns, 0.0),
        lambda found: Grab(found.frame_id, 0, time.time_ns(), 0.0),
        lambda found: Grab(found.frame_id, 5, 5, 0.0),
        lambda found: Grab(found.frame_id, found.first_line_ns, found.last_line_ns, float("nan")),
    ],
)
def test_wrong_stamps(change):
    """Lines in the wrong order, the wall clock, a time that stands still, and an encoder without a value."""
    assert broken({"grab": after(change)}) == {"stamps"}


def test_a_time_out_that_raises():
    """No frame is no fault."""

    def grab(self, buffer, timeout_s):
        found = Good.grab(self, buffer, timeout_s)
        if found is None:
            raise TimeoutError
        return found

    assert broken({"grab": grab}) == {"time-out"}


def test_a_grab_that_never_returns():
    """The host could not stop it."""
    release = threading.Event()

    def grab(self, buffer, timeout_s):
        if timeout_s < 0.01 and self.is_open:
            release.wait()
        return Good.grab(self, buffer, timeout_s)

    assert broken({"grab": grab}, patience_s=0.1) == {"time-out"}
    release.set()


def test_closing_twice():
    """The host closes on every way out."""

    def close(self):
        if not self.is_open:
            raise OSError
        Good.close(self)

    assert broken({"close": close}) == {"close"}


def test_frames_after_the_end():
    """A closed camera gives none."""
    assert broken({"close": lambda _: None}) == {"close"}


def test_another_error_than_the_plants():
    """The host can say what is wrong with a plant only in its own words."""

    def refuse(self):
        if not self.settings.there:
            raise OSError("refused")
        return Good.open(self)

    assert broken({"open": refuse}, unreachable={"there": False}) == {"unreachable"}


def test_a_camera_that_is_always_there():
    """`open` must not succeed before the camera answered."""
    assert broken({}, unreachable={"there": True}) == {"unreachable"}


def ending(after_frames):
    """A `grab` that has given everything after so many frames."""

    def grab(self, buffer, timeout_s):
        if self.is_open and self.last + 1 >= after_frames:
            raise EndOfData
        return Good.grab(self, buffer, timeout_s)

    return grab


def test_a_source_that_ends():
    """A folder comes to its end; that is no fault, unless nothing was in it."""
    check_camera(type("Short", (Good,), {"__doc__": "Ends.", "grab": ending(2)}))
    assert broken({"grab": ending(0)}) == {"frames"}


@pytest.mark.parametrize("needs", [[Need.NETWORK], frozenset({"network"}), None])
def test_needs_that_are_no_set_of_need(needs):
    """The supervisor reads them before the driver's process begins."""
    assert broken({"needs": needs}) == {"needs"}


def asking(path=""):
    """A driver that opens a socket, or this file, when it opens; what comes after does not matter."""

    def open_(self):
        if path:
            with contextlib.suppress(OSError):
                os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        else:
            socket.socket().close()
        return Good.open(self)

    return open_


@pytest.mark.parametrize("path", ["", "/dev/tty99"])
def test_needs_that_are_not_declared(path):
    """A cell would refuse it the socket or the serial line, so the suite finds it first."""
    assert broken({"open": asking(path)}) == {"needs"}


@pytest.mark.parametrize(("path", "need"), [("", Need.NETWORK), ("/dev/tty99", Need.DEVICE_FILES)])
def test_needs_that_are_declared(path, need):
    """The same driver passes once it says what it needs."""
    driver: Any = type("Open", (Good,), {"__doc__": "Asks.", "open": asking(path), "needs": frozenset({need})})
    check_camera(driver)


def test_what_everybody_may_open_is_no_need():
    """Random bytes and the frame pool lie under /dev too."""
    driver: Any = type("Open", (Good,), {"__doc__": "Asks.", "open": asking("/dev/urandom")})
    check_camera(driver)
