"""The PLC in virtual time shows what the live one shows when the plant's interlock stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cellsim
from cellctl.model import WriteResult
from cellctl.model.packml import PackMLState
from cellctl.runtime.loading import load_cell
from cellctl.runtime.lockstep import LockstepCell
from cellsim.plant.coater import Coater
from cellsim.plant.coater_settings import CoaterSettings
from cellsim.plant.disturbances import Disturbances
from cellsim.plant.edge_dam import EdgeDam
from cellsim.plc import registers as reg
from cellsim.world.controller import Controller

CONFIGS = Path(__file__).resolve().parents[4] / "configs"


def coater(exhaust: float) -> Coater:
    """A line whose blower still moves this share of its air."""
    return Coater(CoaterSettings(1, 1.0, EdgeDam(0.01, 25.0), disturbances=Disturbances(exhaust=exhaust)))


def test_an_interlock_shows_held_and_takes_no_block() -> None:
    """With a fifth of the exhaust the solvent is above its trip: Held, the trip's bit, and code 3 for a block."""
    line, controller = coater(0.2), Controller(0)
    controller.write(1, {"blade_load_sp_left": 20.1})
    assert controller.must_scan(line)
    controller.scan(10_000_000, line)
    shown = controller.shown(1, line)
    assert shown["packml_state"] == PackMLState.HELD
    assert int(shown["alarm_bits"]) & reg.ALARM_LEL_TRIP
    assert (shown["accept_code"], shown["blade_load_sp_left"]) == (3.0, 20.0)


def test_without_an_interlock_it_is_in_execute() -> None:
    """The same block is taken with all of the exhaust."""
    line, controller = coater(1.0), Controller(0)
    controller.write(1, {"blade_load_sp_left": 20.1})
    controller.scan(10_000_000, line)
    shown = controller.shown(1, line)
    assert (shown["packml_state"], shown["accept_code"], shown["blade_load_sp_left"]) == (6.0, 0.0, 20.1)


def test_a_cell_cannot_be_started_against_an_interlock(tmp_path: Path) -> None:
    """The bus sees the controller's state: nothing is asked for, and the refusal says why."""
    shipped = (Path(cellsim.__file__).parent / "scenarios" / "coater.yaml").read_text()
    scenario = tmp_path / "stuck_damper.yaml"
    scenario.write_text(shipped.replace("  streaks: persistent", "  streaks: persistent\n  exhaust: 20 %"))
    cell = load_cell(CONFIGS / "coater-full.yaml", lockstep=True, world={"scenario": str(scenario)})
    said: list[Any] = []
    live = LockstepCell(cell, in_memory=True, listen=said.append)
    live.start()
    live.run(2.0)
    assert live.arm() == "an alarm stands: the controller is in HELD, not in Execute"
    live.run(5.0)
    assert not [message for message in said if isinstance(message, WriteResult)]
    live.stop()
