"""The wiring follows from the configuration alone."""

from pathlib import Path

import msgspec
import pytest

from cellctl.config.resolved import Device, GuardRules, PluginEntry, Recipe, ResolvedCell, Web
from cellctl.errors import ConfigError
from cellctl.pipes import Policy
from cellctl.runtime.topology import BUS_NEEDS, build
from cellctl.sdk import Need


def cell(sources=("camera",)):
    return ResolvedCell(
        id="c", path="", mode="production", lot="l", seed=0, web=Web("plc.e", "plc.v", "", {}),
        recipe=Recipe("p", 1.0, "m", "h"),
        devices=(
            Device("plc", "modbus-tcp", {}), Device("camera", "sim-camera", {}), Device("other", "sim-camera", {}),
        ),
        plugins=(PluginEntry("inspect", "web-inspector", sources, {}), PluginEntry("loop", "quality-loop", (), {}),
                 PluginEntry("evidence", "evidence-recorder", (), {})),
        defects=(), loops=(), guard=GuardRules((), 1.0, 1.0, 1.0, {}),
    )  # fmt: skip


@pytest.fixture
def topology():
    return build(cell(), Path("/run/x"), Path("/dev/shm"))


def link(topology, source, target):
    return [link for link in topology.links if link.source == source and link.target == target]


def test_from_narrows_the_frames(topology):
    """The inspector hears the camera it names and not the other one."""
    assert len(link(topology, "camera", "inspect")) == 1
    assert link(topology, "other", "inspect") == []


def test_frames_hold_slots_and_never_wait(topology):
    """A camera link drops its oldest and owns a holder of the pool."""
    (frames,) = link(topology, "camera", "inspect")
    assert frames.policy is Policy.DROP_OLDEST
    assert frames.holder == 0
    assert topology.holders("camera") == 1


def test_decisions_are_never_dropped(topology):
    """Proposals and results block."""
    assert {spec.policy for spec in link(topology, "loop", "plc")} == {Policy.BLOCK}
    assert Policy.BLOCK in {spec.policy for spec in link(topology, "plc", "loop")}


def test_a_slow_face_never_holds_up_the_line(topology):
    """Everything the supervisor listens to may be dropped."""
    assert {spec.policy for spec in topology.links if spec.target == "supervisor"} == {Policy.DROP_OLDEST}


def test_workers_stop_in_the_order_of_the_flow(topology):
    """Cameras first, then seeing, deciding, the bus, and evidence last."""
    rank = {worker.name: worker.rank for worker in topology.workers}
    assert rank["camera"] < rank["inspect"] < rank["loop"] < rank["plc"] < rank["evidence"]


def test_an_unknown_source_is_refused():
    """`from:` must name something."""
    with pytest.raises(ConfigError, match=r"CELL-1026.*nothing is named 'camra'"):
        build(cell(("camra",)), Path("/run/x"), Path("/dev/shm"))


def test_the_topology_survives_its_file(topology):
    """Workers read what the supervisor wrote."""
    assert msgspec.json.decode(msgspec.json.encode(topology), type=type(topology)) == topology


def test_devices_of_one_connection_share_a_process():
    """Two units behind one gateway; each keeps its own links, and a device elsewhere its own process."""
    gateway = {"host": "10.0.0.5", "port": 502}
    devices = (
        Device("plc", "modbus-tcp", gateway | {"unit": 1}), Device("meter", "modbus-tcp", gateway | {"unit": 2}),
        Device("other", "modbus-tcp", {"host": "10.0.0.6", "port": 502, "unit": 1}),
    )  # fmt: skip
    made = build(msgspec.structs.replace(cell(), devices=devices, plugins=()), Path("/run"), Path("/pools"))
    assert {worker.name: worker.names for worker in made.workers} == {"plc": ("plc", "meter"), "other": ("other",)}
    assert {"plc", "meter", "other"} <= {link.source for link in made.links}


def test_each_process_gets_what_it_needs(topology):
    """A camera's driver says so, a field connection by its kind, and plugins get nothing."""
    needs = {spec.name: set(spec.needs) for spec in topology.workers}
    assert needs["plc"] == needs["camera"] == {Need.NETWORK}
    assert needs["inspect"] == needs["loop"] == needs["evidence"] == set()
    assert BUS_NEEDS["modbus-rtu"] == {Need.DEVICE_FILES}
