"""What people may answer, confirm and hand back, and what is refused at once."""

from __future__ import annotations

import msgspec
import pytest

from cellctl.config.resolved import ResolvedCell
from cellctl.config.resolved.regulator import Regulator
from cellctl.errors import ConfigError
from cellctl.model import Alarm, Escalation, Instruction, Label, Order, Priority, Side, Stamp
from cellctl.runtime.supervision.authority import Authority
from cellctl.runtime.supervision.changeover import Announcement, Changeover
from cellctl.runtime.supervision.desk import Answer, Desk, encode
from cellctl.runtime.supervision.ordering import Command
from cellctl.testing import VirtualClock
from tests.unit.loop.builders import make_cell
from tests.unit.loop.test_authority import make_advice

ESCALATION = Escalation(
    stamp=Stamp(0), id="ESC-edge_spur-left-1", defect="coat_edge_spur", side=Side.LEFT, reason="unsure",
    question="Is this coat_edge_spur?", objects=("wet_camera-1", "wet_camera-2"),
)  # fmt: skip
ANSWER = Answer("ESC-edge_spur-left-1", "streak", "", "Li", "seen under the lamp")


def make_desk(cell: ResolvedCell, labels: frozenset[str]) -> Desk:
    """A desk with a changeover behind it."""
    clock = VirtualClock()
    return Desk(cell, labels, clock, Changeover(cell, Authority(clock, cell.recipe.product, cell.lot), clock))


@pytest.fixture
def desk() -> Desk:
    made = make_desk(make_cell(), frozenset({"coat_edge_spur", "streak", "background"}))
    made.hear(ESCALATION)
    made.hear(make_advice(due_ns=5))
    return made


def test_an_answer_labels_every_object_of_its_question(desk: Desk):
    """Without an object each one gets a label, with who said so."""
    reply, labels = desk.carry_out(encode(ANSWER))
    assert [(it.object_id, it.label, it.by) for it in labels if isinstance(it, Label)] == [
        ("wet_camera-1", "streak", "Li"),
        ("wet_camera-2", "streak", "Li"),
    ]
    assert "2 object(s)" in reply


def test_an_answer_may_name_one_object(desk: Desk):
    """With an object only that one is labelled."""
    _, labels = desk.carry_out(encode(msgspec.structs.replace(ANSWER, object_id="wet_camera-2")))
    assert [it.object_id for it in labels if isinstance(it, Label)] == ["wet_camera-2"]


@pytest.mark.parametrize(
    ("changes", "code", "there"),
    [
        ({"escalation": "ESC-9"}, "CELL-1063", "ESC-edge_spur-left-1"),
        ({"label": "strek"}, "CELL-1064", "streak"),
        ({"object_id": "wet_camera-3"}, "CELL-1065", "wet_camera-1"),
    ],
)
def test_what_the_cell_does_not_know_is_refused(desk: Desk, changes, code, there):
    """An unknown question, label or object is refused with what there is instead."""
    with pytest.raises(ConfigError) as caught:
        desk.carry_out(encode(msgspec.structs.replace(ANSWER, **changes)))
    assert caught.value.code == code
    assert there in caught.value.do


def test_a_waiting_move_can_be_confirmed_once_it_waits_no_more_it_cannot(desk: Desk):
    """The order goes out while the move waits; after its answer the name is refused."""
    command = encode(Command(Order.CONFIRM, "edge_spur-left-1", "Li"))
    _, told = desk.carry_out(command)
    assert [(it.order, it.subject) for it in told if isinstance(it, Instruction)] == [
        (Order.CONFIRM, "edge_spur-left-1")
    ]
    desk.hear(make_advice(due_ns=5, state="LAPSED"))
    with pytest.raises(ConfigError, match="CELL-1066"):
        desk.carry_out(command)


def test_an_advice_that_asks_nobody_cannot_be_confirmed(desk: Desk):
    """An advisory loop waits for no yes."""
    desk.hear(make_advice(due_ns=0, transaction="edge_spur-left-2"))
    with pytest.raises(ConfigError, match="CELL-1066"):
        desk.carry_out(encode(Command(Order.CONFIRM, "edge_spur-left-2", "Li")))


def test_only_a_loop_of_the_cell_gets_its_set_points_back(desk: Desk):
    """An unknown loop is refused."""
    assert len(desk.carry_out(encode(Command(Order.HAND_BACK, "edge_spur", "Li")))[1]) == 1
    with pytest.raises(ConfigError, match="CELL-1067"):
        desk.carry_out(encode(Command(Order.HAND_BACK, "edge_spurs", "Li")))


@pytest.mark.parametrize(
    ("order", "name", "code", "meant"),
    [
        (Order.TAKE_OVER, "plc.blade_load_sp_lef", "CELL-1068", "plc.blade_load_sp_left"),
        (Order.TAKE_OVER, "edge_spur", "CELL-1068", ""),
        (Order.HAND_BACK, "plc.blade_load_sp_lef", "CELL-1067", "plc.blade_load_sp_left"),
        (Order.HAND_BACK, "edge_spurs", "CELL-1067", "edge_spur"),
        (Order.RESET, "edge_spurs", "CELL-1069", "edge_spur"),
        (Order.RESET, "plc.blade_load_sp_left", "CELL-1069", ""),
    ],
)
def test_an_order_about_what_the_cell_does_not_have_is_refused(desk: Desk, order, name, code, meant):
    """A set-point is taken over, a loop reset, either handed back; the name most like it is offered."""
    with pytest.raises(ConfigError, match=code) as caught:
        desk.carry_out(encode(Command(order, name, "Li")))
    assert caught.value.nearest == meant


@pytest.mark.parametrize(
    ("order", "name"),
    [
        (Order.TAKE_OVER, "plc.blade_load_sp_left"), (Order.HAND_BACK, "plc.blade_load_sp_left"),
        (Order.HAND_BACK, "edge_spur"), (Order.RESET, "edge_spur"),
    ],
)  # fmt: skip
def test_an_order_is_passed_on_with_who_gave_it(desk: Desk, order, name):
    """Loops and guard hear the same."""
    _, told = desk.carry_out(encode(Command(order, name, "Li")))
    assert [(it.order, it.subject, it.by) for it in told if isinstance(it, Instruction)] == [(order, name, "Li")]


def test_what_the_guard_says_is_taken_stands_to_be_handed_back(desk: Desk):
    """By the set-point's name, and by that of a loop that moves it."""
    commands = [encode(Command(Order.HAND_BACK, name, "Li")) for name in ("plc.blade_load_sp_left", "edge_spur")]
    assert all("already" in desk.carry_out(it)[0] for it in commands)
    name = "plc.blade_load_sp_left.taken_over"
    desk.hear(Alarm(stamp=Stamp(0), id=name, active=True, priority=Priority.MEDIUM, text="taken"))
    assert not any("already" in desk.carry_out(it)[0] for it in commands)


def test_resetting_what_had_not_tripped_says_so(desk: Desk):
    """The guard's alarm tells the one from the other."""
    command = encode(Command(Order.RESET, "edge_spur", "Li"))
    assert "edge_spur had not tripped" in desk.carry_out(command)[0]
    desk.hear(Alarm(stamp=Stamp(0), id="plc.edge_spur.tripped", active=True, priority=Priority.HIGH, text="tripped"))
    assert "had not" not in desk.carry_out(command)[0]


@pytest.mark.parametrize(
    ("request_", "code", "what"),
    [
        (ANSWER, "CELL-1063", "no question is open"),
        (Command(Order.CONFIRM, "edge_spur-left-1", "Li"), "CELL-1066", "no move waits for a yes"),
    ],
)
def test_where_nothing_is_asked_the_refusal_says_so(request_, code, what):
    """There is no name to use instead, and none is offered."""
    with pytest.raises(ConfigError, match=code) as caught:
        make_desk(make_cell(), frozenset({"streak"})).carry_out(encode(request_))
    assert what in str(caught.value)
    assert "none" not in caught.value.do


@pytest.mark.parametrize("name", ["takeover.edge_spur.left", "correction.edge_spur.right"])
def test_handing_back_what_nobody_took_says_so(desk: Desk, name: str):
    """The reply tells the loop's own set-point from one that stands as taken over."""
    command = encode(Command(Order.HAND_BACK, "edge_spur", "Li"))
    alarm = Alarm(stamp=Stamp(0), id=name, active=True, priority=Priority.MEDIUM, text="taken")
    assert "it was the loop's already" in desk.carry_out(command)[0]
    desk.hear(alarm)
    assert "already" not in desk.carry_out(command)[0]
    desk.hear(msgspec.structs.replace(alarm, active=False))
    assert "already" in desk.carry_out(command)[0]


def test_a_shadow_does_not_say_whose_its_set_point_is():
    """It raises no alarm, so the desk cannot know."""
    cell = make_cell()
    silent = tuple(msgspec.structs.replace(loop, authority="shadow") for loop in cell.loops)
    desk = make_desk(msgspec.structs.replace(cell, loops=silent), frozenset())
    assert "already" not in desk.carry_out(encode(Command(Order.HAND_BACK, "edge_spur", "Li")))[0]


def test_a_regulator_gets_its_set_points_back_too():
    """Its alarm tells a person to hand them back, so its name is known."""
    film = Regulator("film", "auto", "film_weight", "ewma", (), 5.0, 0.3, 0.1, 900.0, 60.0, 0.1)
    cell = msgspec.structs.replace(make_cell(), regulators=(film,))
    desk = make_desk(cell, frozenset())
    _, told = desk.carry_out(encode(Command(Order.HAND_BACK, "film", "Li")))
    assert [it.subject for it in told if isinstance(it, Instruction)] == ["film"]


def test_what_is_no_request_is_refused(desk: Desk):
    """Anything else than a request is a decoding error, not an order."""
    for text in ("", "{}", "start now", '{"type":"Command","order":"jump","subject":"x","by":"y"}'):
        with pytest.raises(msgspec.DecodeError):
            desk.carry_out(text)


def test_an_announcement_changes_the_cell_and_tells_no_plugin(desk: Desk):
    """Plugins hear of it by the cell's state."""
    reply, told = desk.carry_out(encode(Announcement("", "LOT-9", "Li")))
    assert told == ()
    assert reply.startswith("lot changed from L1 to LOT-9, announced by Li")


def test_an_announcement_of_an_unknown_recipe_is_refused(desk: Desk):
    """With the recipes that there are."""
    with pytest.raises(ConfigError, match="CELL-1152") as caught:
        desk.carry_out(encode(Announcement("nothing", "", "Li")))
    assert make_cell().recipe.product in caught.value.do
