"""The table for SCADA: a tag table with what a reader needs, every mistake with its place."""

from __future__ import annotations

import pytest

from cellctl.devices.modbus_server.points import read_points, scan_points
from cellctl.errors import ConfigErrors


def written(folder, *rows, head="name,address,type"):
    """A table of these rows."""
    path = folder / "scada.csv"
    path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return path


def test_three_columns_are_enough(tmp_path):
    """A name may have dots, as the cell names things."""
    (point,) = read_points(written(tmp_path, "plc.web_speed.quality,IR12,uint16"))
    assert (point.name, str(point.tag.address), point.tag.scale) == ("plc.web_speed.quality", "IR12", 1.0)


def test_a_column_for_writing_is_refused(tmp_path):
    """Nobody writes here, so there is no access to choose."""
    with pytest.raises(ConfigErrors) as raised:
        read_points(written(tmp_path, "a,IR1,uint16,rw", head="name,address,type,access"))
    assert "scada.csv:1:19" in str(raised.value)


@pytest.mark.parametrize("second", ["b,IR11,uint16", "b,IR10,uint16", "b,IR11.3,bool"])
def test_two_values_cannot_lie_in_one_register(tmp_path, second):
    """Both would be half of something."""
    (error,) = scan_points(written(tmp_path, "a,IR10,uint32", second)).errors
    assert (error.code, str(error.where).rpartition("scada.csv")[2]) == ("CELL-1033", ":3:3")


def test_bits_may_share_a_register(tmp_path):
    """Not the same bit, and not the whole register."""
    assert scan_points(written(tmp_path, "a,IR10.0,bool", "b,IR10.1,bool")).errors == []
    assert len(scan_points(written(tmp_path, "a,IR10.0,bool", "b,IR10.0,bool")).errors) == 1


def test_mistakes_are_those_of_tag_tables(tmp_path):
    """A type that there is none of, with the cell's place."""
    (error,) = scan_points(written(tmp_path, "a,IR10,uint17")).errors
    assert (error.code, error.nearest) == ("CELL-1032", "uint16")


def test_an_empty_table_serves_nothing(tmp_path):
    """That cannot be meant."""
    (error,) = scan_points(written(tmp_path)).errors
    assert error.code == "CELL-1031"
