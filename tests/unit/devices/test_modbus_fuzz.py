"""Broken Modbus leads to requests, answers and errors of ours, and to nothing else; `make fuzz` feeds far more."""

from __future__ import annotations

from random import Random

import pytest

from cellctl.devices.modbus.answers import TcpFraming
from cellctl.devices.modbus_server.requests import RequestReader
from tests.fuzz.modbus import TARGETS, run_share, seeds
from tests.fuzz.tally import Tally

SHORT = {"server": 4000, "client-tcp": 1000, "client-rtu": 1000}
"""Of `make fuzz`, with another seed."""


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_but_our_errors_comes_out(target):
    """No exception of another kind, no traceback in the log, and no answer is taken that is none."""
    tally = run_share(target, 2, [0], SHORT[target], None)
    assert (tally.uncaught, tally.wrong, tally.examples) == (0, 0, [])
    assert tally.inputs == SHORT[target]
    assert tally.accepted > SHORT[target] / 20


def test_without_the_checks_the_library_is_loud(monkeypatch):
    """The negative control: pymodbus alone raises where nobody catches, and takes what is no answer."""
    monkeypatch.setattr(TcpFraming, "problem", lambda *_: None)
    tally = run_share("client-tcp", 2, [0], 400, None)
    assert tally.uncaught > 0
    assert tally.wrong > 0


def test_a_reader_that_keeps_everything_is_found(monkeypatch):
    """The negative control for the bound."""
    monkeypatch.setattr(RequestReader, "kept", property(lambda _: 1000))
    assert run_share("server", 2, [0], 20, None).wrong > 0


def test_the_inputs_follow_from_the_seed():
    """Whoever finds a failure can make it again."""
    first, again, other = Tally(), Tally(), Tally()
    for seed, tally in ((1, first), (1, again), (3, other)):
        TARGETS["server"](Random(f"{seed}"), seeds(None), 500, tally)
    assert first.accepted == again.accepted != other.accepted
