"""A controller has one master: a second cell is refused before it has a process."""

import msgspec
import pytest

from cellctl.config.resolved import Device
from cellctl.errors import PlantError
from cellctl.runtime.supervision.masters import Masters
from cellctl.testing import bare_cell


@pytest.fixture(autouse=True)
def locks(tmp_path, monkeypatch):
    """Locks of this test only."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def cell(*addresses):
    """A cell with a controller at each (host, port)."""
    settings = [{"host": host, "port": port, "unit": 1} for host, port in addresses]
    devices = tuple(Device(f"plc{number}", "modbus-tcp", it) for number, it in enumerate(settings))
    return msgspec.structs.replace(bare_cell(), id="coater-01", devices=devices)


def test_a_second_master_is_refused_with_the_name_of_the_first(tmp_path):
    """The same address, also by another name of this machine: the message names cell and run folder."""
    first = Masters(cell(("localhost", 502)), tmp_path / "run-1")
    with pytest.raises(PlantError, match=r"CELL-2016.*coater-01 .*run-1"):
        Masters(cell(("127.0.0.1", 502)), tmp_path / "run-2")
    first.release()


def test_what_was_taken_before_the_refusal_is_let_go(tmp_path, locks):
    """A cell of two controllers that gets only one holds none."""
    first = Masters(cell(("10.0.0.6", 502)), tmp_path)
    with pytest.raises(PlantError):
        Masters(cell(("10.0.0.5", 502), ("10.0.0.6", 502)), tmp_path)
    Masters(cell(("10.0.0.5", 502)), tmp_path).release()
    first.release()
    assert not list(locks.glob("cellctl-master-*"))


@pytest.mark.parametrize("address", [("10.0.0.5", 503), ("10.0.0.6", 502)])
def test_another_controller_is_free(tmp_path, address):
    """The negative control: another address or port is no conflict, and neither is the same one afterwards."""
    first = Masters(cell(("10.0.0.5", 502)), tmp_path)
    Masters(cell(address), tmp_path).release()
    first.release()
    Masters(cell(("10.0.0.5", 502)), tmp_path).release()


def test_two_connections_of_one_cell_are_one_master(tmp_path):
    """A cell does not stand in its own way."""
    Masters(cell(("10.0.0.5", 502), ("10.0.0.5", 502)), tmp_path).release()
