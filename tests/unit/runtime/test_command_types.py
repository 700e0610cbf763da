"""One command block carries set-points of every type and order, and judges what comes back of them."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from cellctl.config.resolved import GuardRules, Setpoint, Web
from cellctl.devices.modbus.settings import ModbusTcpSettings
from cellctl.devices.tags import read_tag_table
from cellctl.model.correction import Outcome
from cellctl.runtime.bus.command import CommandBlock
from cellctl.runtime.bus.plant import PlantImage

TABLE = """name,address,type,scale,unit,minimum,maximum,access,in_force,poll,description,order,offset
heartbeat,HR0,uint16,,,0,65535,rw,,,,,
cmd_seq,HR1,uint16,,,0,65535,rw,,,,,
pressure,HR2,float32,,kPa,0,25,rw,IR102,fast,,CDAB,
speed,HR4,int32,0.001,m/s,-10,10,rw,IR104,fast,,BADC,
oven_t,HR6,uint16,0.1,°C,-40,200,rw,IR106,fast,,,-40
dwell,HR7,float64,,s,0,100,rw,IR110,fast,,DCBA,
valve,HR11,bool,,,0,1,rw,IR120.2,fast,,,
lamp,CO5,bool,,,0,1,rw,DI5,fast,,,
seq_echo,IR1,uint16,,,0,65535,r,,fast,,,
accept_code,IR99,uint16,,,0,65535,r,,fast,,,
"""
HANDSHAKE = {"heartbeat": "heartbeat", "sequence": "cmd_seq", "echo": "seq_echo", "accept": "accept_code"}
VALUES = {"pressure": 20.1, "speed": -1.5, "oven_t": 85.5, "dwell": 12.345678901234, "valve": 1.0}


@pytest.fixture
def image(tmp_path: Path) -> PlantImage:
    """Everything was read once, and is in force as VALUES say."""
    path = tmp_path / "tags.csv"
    path.write_text(TABLE, "utf-8")
    settings = ModbusTcpSettings.model_validate({"host": "10.0.0.5", "tags": str(path), "handshake": HANDSHAKE})
    points = tuple(Setpoint(f"plc.{name}", "", value, -1e3, 1e3, 1.0, 1.0, 1.0, 1.0) for name, value in VALUES.items())
    made = PlantImage("plc", settings, read_tag_table(path), GuardRules(points, 2.0, 2.5, 0.3, {}), Web("", "", "", {}))
    made.values.alive = True
    made.values.put_all([*VALUES.items(), ("seq_echo", 7.0), ("accept_code", 0.0), ("lamp", 1.0)], 1)
    return made


@pytest.fixture
def command(image: PlantImage) -> CommandBlock:
    """The block behind sequence 7."""
    assert image.handshake is not None
    made = CommandBlock(image, image.handshake)
    made.resynchronise(made.shown)
    return made


def test_the_block_has_every_value_as_its_register_needs_it(command: CommandBlock) -> None:
    """Sequence, then each value by its own type and order; the coil lies elsewhere."""
    registers = command.registers(command.values({}))
    data = struct.pack(f">{len(registers)}H", *registers)
    pressure, speed, dwell = struct.pack(">f", 20.1), struct.pack(">i", -1500), struct.pack("<d", 12.345678901234)
    assert (command.base, data) == (1, b"".join((
        b"\x00\x08", pressure[2:] + pressure[:2], speed[1::-1] + speed[:1:-1], b"\x04\xe7", dwell, b"\x00\x01",
    )))  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "following"), [(7, 9), (0, 9), (8, 9), (300, 301), (65_535, 9)],
    ids=["the block never came", "the PLC began anew", "it came", "somebody else wrote", "behind, over the end"],
)  # fmt: skip
def test_no_sequence_is_used_twice(command: CommandBlock, seen: int, following: int) -> None:
    """Block 8 went out before the link was lost: it may still arrive, and another block must not be taken for it."""
    command.registers(command.values({}))
    command.resynchronise(seen)
    assert command.registers(command.values({}))[0] == following


def test_only_what_is_moved_changes(command: CommandBlock) -> None:
    """All other registers go back as they are in force, bit by bit."""
    before, after = command.registers(command.values({})), command.registers(command.values({"plc.oven_t": 86.0}))
    assert [place for place, (one, other) in enumerate(zip(before, after, strict=True)) if one != other] == [0, 5]


@pytest.mark.parametrize(
    ("name", "asked", "shown", "taken"),
    [
        ("pressure", 20.2, struct.unpack(">f", struct.pack(">f", 20.2))[0], True), ("pressure", 20.2, 20.2002, False),
        ("speed", 1.0, 1.0004, True), ("speed", 1.0, 1.001, False), ("dwell", 50.0, 50.001, False),
        ("valve", 0.0, 0.0, True), ("valve", 0.0, 1.0, False),
    ],
)  # fmt: skip
def test_in_force_is_what_was_asked_to_half_a_step(
    image: PlantImage, command: CommandBlock, name: str, asked: float, shown: float, taken: bool
) -> None:
    """A float to a power of ten that a float32 can show, a count to half of it."""
    image.values.put(name, shown, 2)
    assert (command.verdict({f"plc.{name}": asked}) == (Outcome.CONFIRMED, "")) is taken


def test_all_four_tables_are_polled(image: PlantImage) -> None:
    """Values in force where they are shown: an input register, one of its bits, a discrete input."""
    blocks = [(str(block.start), block.size) for part in image.polls.parts for block in part]
    assert blocks == [("DI5", 1), ("IR1", 1), ("IR99", 22)]
