"""In virtual time a person takes a set-point over and hands it back as in the live cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cellctl.model import Alarm, Instruction, Order, Stamp
from cellctl.runtime.loading import load_cell
from cellctl.runtime.lockstep import LockstepCell

CONFIG = Path(__file__).resolve().parents[4] / "configs" / "coater.yaml"
LEFT = "plc.blade_load_sp_left"


def test_who_has_a_set_point_is_told_until_it_is_handed_back() -> None:
    """Guard and loop hear the order; the one raises its alarm, the other stands back."""
    said: list[Any] = []
    live = LockstepCell(load_cell(CONFIG, lockstep=True), in_memory=True, listen=said.append)
    live.start()
    live.run(2.0)
    assert live.arm() == ""
    for order in (Order.TAKE_OVER, Order.HAND_BACK):
        live.say(Instruction(stamp=Stamp(live.clock.t_ns), order=order, subject=LEFT, by="Li"))
        live.run(0.5)
    live.stop()
    alarms = [(it.id, it.active) for it in said if isinstance(it, Alarm)]
    for name in (f"{LEFT}.taken_over", "takeover.edge_spur.left"):
        assert [active for key, active in alarms if key == name] == [True, False]
