"""What a cell may do with tags that are no plain numbers in holding registers."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.errors import ConfigErrors
from cellctl.runtime.loading import load_checked

BASE = Path(__file__).parents[2] / "golden" / "mistakes" / "base"


def _said(folder: Path, old: str, new: str, *, cell: tuple[str, str] = ("", ""), table: str = "tags.csv") -> str:
    rows = (BASE / "tags.csv").read_text("utf-8")
    assert old in rows
    (folder / table).write_text(rows.replace(old, new), "utf-8")
    (folder / "cell.yaml").write_text((BASE / "cell.yaml").read_text("utf-8").replace(*cell), "utf-8")
    try:
        load_checked(folder / "cell.yaml")
    except ConfigErrors as errors:
        return "\n".join(f"{error.code}: {error.what}" for error in errors.errors)
    return ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("heartbeat,HR0,uint16,1,,0,65535", "heartbeat,CO0,bool,,,0,1",
         "CELL-1036: devices.plc.handshake.heartbeat: heartbeat is no plain counter: bool at CO0"),
        ("cmd_seq,HR1,uint16,1,,0,65535", "cmd_seq,HR1,uint16,2,,0,65535",
         "CELL-1036: devices.plc.handshake.sequence: cmd_seq is no plain counter: uint16 at HR1"),
        ("seq_echo,IR1,uint16", "seq_echo,IR1,int32",
         "CELL-1036: devices.plc.handshake.echo: seq_echo is no plain counter: int32 at IR1"),
        ("blade_load_sp,HR2,int16,0.01,kPa,15,25,rw,IR102", "blade_load_sp,CO2,bool,,kPa,0,1,rw,DI2",
         "CELL-1036: guard.envelope.plc.blade_load_sp: blade_load_sp at CO2 is no holding register"),
        ("film_weight,IR53,uint16,0.01,g/m2,0,400", "film_weight,IR53,string[8],,,,",
         "CELL-1020: characteristics.film_weight.tag: expected a tag with a number, and plc.film_weight holds a text"),
    ],
)  # fmt: skip
def test_what_the_cell_counts_in_or_moves_is_a_number_in_a_register(tmp_path: Path, old: str, new: str, said: str):
    """Else a count would go into a coil's neighbour, or a text be taken for a value."""
    assert said in _said(tmp_path, old, new)


def test_a_device_names_its_own_poll_classes(tmp_path: Path):
    """`fast` and `slow` stay beside them; a class that nobody named is refused."""
    classes = ("tags: tags.csv", "tags: tags.csv\n    poll: {fast: 100 ms, gauge: 2 s}")
    row = "film_weight,IR53,uint16,0.01,g/m2,0,400,r,,"
    assert _said(tmp_path, f"{row}fast", f"{row}gauge", cell=classes) == ""
    assert _said(tmp_path, f"{row}fast", f"{row}slow", cell=classes) == ""
    assert "CELL-1032: poll: expected one of: fast, slow, gauge" in _said(
        tmp_path, f"{row}fast", f"{row}hourly", cell=classes
    )
    assert "CELL-1032: poll: expected one of: fast, slow, nothing" in _said(tmp_path, f"{row}fast", f"{row}gauge")


@pytest.mark.parametrize("written", ["{Fast: 1 s}", "{fast: 1 ms}", "{fast: quick}", "{fast: 2 d}", "1 s"])
def test_a_poll_class_has_a_plain_name_and_a_period(tmp_path: Path, written: str):
    """From 10 ms to a day."""
    assert "devices.plc.poll" in _said(
        tmp_path, "heartbeat", "heartbeat", cell=("tags: tags.csv", f"tags: tags.csv\n    poll: {written}")
    )
