"""A fault as a tester writes it."""

from __future__ import annotations

import pytest

from cellctl.errors import ConfigError
from cellsim.commands.sim_proxy import sim_proxy
from cellsim.proxy import Fault, Kind, Way
from cellsim.proxy.section import parse_fault


def test_a_mapping_is_the_fault():
    """Units as people write them."""
    words = "{kind: cut, way: request, function: 16, register: 1, nth: 3, times: 0, byte: 5, reset: true, for: 500 ms}"
    assert parse_fault(words, "--fault 1") == Fault(
        Kind.CUT, Way.REQUEST, 16, 1, nth=3, times=0, byte=5, reset=True, for_s=0.5
    )


@pytest.mark.parametrize(
    ("words", "place", "said"),
    [
        ("{kind: cutt}", "1:8", "cut"),
        ("{kind: delay, delay: 300}", "1:22", "800 ms"),
        ("{kind: delay, code: 4}", "1:1", "`code` means nothing for a fault `delay`"),
        ("{kind: drop, for: 1 s}", "1:1", "`for` means nothing for a fault `drop`"),
        ("{kind: late, way: request}", "1:1", "a fault `late` meets answers only"),
        ("cut", "1:1", "mapping"),
    ],
)
def test_mistakes_are_told_with_their_place(words, place, said):
    """One clear error with the place in what was typed."""
    with pytest.raises(ConfigError) as caught:
        parse_fault(words, "--fault 1")
    assert str(caught.value).startswith(f"--fault 1:{place}: CELL-")
    assert said in str(caught.value)


@pytest.mark.parametrize("address", ["5020", "plc:", "plc:http", "plc:70000"])
def test_an_address_has_host_and_port(address):
    """Anything else is the user's mistake."""
    with pytest.raises(ConfigError, match="CELL-1072"):
        sim_proxy(to=address)
