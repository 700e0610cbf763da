"""Examples of messages: every type of the model, and what is said is kept."""

from typing import Any

import msgspec
import pytest

import cellctl.model
from cellctl.errors import PluginError
from cellctl.model import Alarm, Frame, Message
from cellctl.testing import bare_cell, example
from cellctl.testing.examples import PERIOD_NS, examples

MESSAGES = [kind for name in cellctl.model.__all__
            if isinstance(kind := getattr(cellctl.model, name), type) and issubclass(kind, Message)]  # fmt: skip


@pytest.mark.parametrize("kind", MESSAGES)
def test_every_message_has_an_example(kind):
    """It is valid: it survives the journey between two processes."""
    made = example(kind)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=kind) == made


def test_what_is_said_is_kept():
    """The rest is plain."""
    made = example(Alarm, text="lamp is out", active=True)
    assert (made.text, made.active, made.id) == ("lamp is out", True, "example")


def test_several_count_up():
    """Frame ids and stamps go on, as a camera's do."""
    made: list[Any] = examples(Frame)
    assert [(frame.frame_id, frame.stamp.t_ns) for frame in made] == [
        (0, 0),
        (1, PERIOD_NS),
        (2, 2 * PERIOD_NS),
    ]


def test_a_type_without_a_plain_value_is_named():
    """The test has to hand it over."""
    odd = msgspec.defstruct("Odd", [("field", complex)])
    with pytest.raises(PluginError, match="CELL-3041"):
        example(odd)


def test_a_cell_with_nothing_in_it():
    """What is said is kept."""
    assert bare_cell(lot="LOT-7").lot == "LOT-7"
