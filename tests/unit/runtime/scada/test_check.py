"""What the check says of the section `scada:` and its table, with every mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.errors import ConfigErrors
from cellctl.runtime.loading import load_cell, load_checked
from cellctl.runtime.topology import DISPENSABLE, FACES, SCADA, Role, build
from cellctl.sdk.needs import Need

BASE = Path(__file__).resolve().parents[3] / "golden" / "mistakes" / "base"
TABLE = "cell.state,IR0,uint16,\nplc.web_speed,IR2,uint32,mm/s\n"


def cell_of(folder: Path, section: str, table: str = TABLE) -> Path:
    """The sound cell of the seeded mistakes, with a server."""
    (folder / "tags.csv").write_bytes((BASE / "tags.csv").read_bytes())
    (folder / "scada.csv").write_text(f"name,address,type,unit\n{table}", encoding="utf-8")
    text = (BASE / "cell.yaml").read_text(encoding="utf-8")
    path = folder / "cell.yaml"
    path.write_text(f"{text}\nscada: {section}\n", encoding="utf-8")
    return path


def told(path: Path) -> list[str]:
    """What is wrong with it, without the folder."""
    with pytest.raises(ConfigErrors) as raised:
        load_cell(path)
    return str(raised.value).replace(f"{path.parent}/", "").splitlines()


def test_a_sound_section_is_resolved(tmp_path: Path) -> None:
    """Address and limits have their numbers, and the table its hash."""
    cell = load_cell(cell_of(tmp_path, "{tags: scada.csv, listen: '127.0.0.1:1602', idle: 5 s}"))
    assert cell.scada is not None
    assert (cell.scada.host, cell.scada.port, cell.scada.allow, cell.scada.idle_s) == ("127.0.0.1", 1602, (3, 4), 5.0)
    assert len(cell.scada.table) == 64


def test_without_the_section_there_is_no_server(tmp_path: Path) -> None:
    """Nothing listens that nobody asked for."""
    path = cell_of(tmp_path, "{tags: scada.csv}")
    path.write_text((BASE / "cell.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    cell = load_cell(path)
    assert cell.scada is None
    assert SCADA not in {it.name for it in build(cell, tmp_path, tmp_path).workers}


def test_the_server_is_a_face(tmp_path: Path) -> None:
    """A process of its own with the right to the network, that nobody waits for, and whose loss stops nothing."""
    topology = build(load_cell(cell_of(tmp_path, "{tags: scada.csv}")), tmp_path, tmp_path)
    (server,) = (it for it in topology.workers if it.role is Role.SCADA)
    assert (server.name in FACES, server.role in DISPENSABLE, server.needs) == (True, True, frozenset({Need.NETWORK}))
    assert {it.policy.value for it in topology.links if it.target == SCADA} == {"drop_oldest"}
    assert not [it for it in topology.links if it.source == SCADA]


@pytest.mark.parametrize("code", [5, 6, 15, 16, 22, 23])
def test_a_code_that_writes_is_refused(tmp_path: Path, code: int) -> None:
    """The message says why: nobody would know who it was."""
    (line,) = told(cell_of(tmp_path, f"{{tags: scada.csv, allow: [3, {code}]}}"))
    assert "CELL-1240: scada.allow[1]" in line
    assert "no login" in line


@pytest.mark.parametrize("listen", ["localhost:1502", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "10.0.0.256:5"])
def test_listen_is_an_address_of_this_machine_and_a_port(tmp_path: Path, listen: str) -> None:
    """A name could be anybody's."""
    (line,) = told(cell_of(tmp_path, f"{{tags: scada.csv, listen: '{listen}'}}"))
    assert "scada.listen" in line
    assert "127.0.0.1:1502" in line


@pytest.mark.parametrize(("row", "place", "nearest"), [
    ("plc.web_sped,IR9,uint16,", "scada.csv:4:1", "plc.web_speed"),
    ("cell.state,IR9,uint16,", "scada.csv:4:1", ""),
    ("cell.lot,IR9,uint16,", "scada.csv:4:14", ""),
    ("cell.epoch,IR9,string[4],", "scada.csv:4:16", ""),
    ("plc.web_speed.age,IR9,float32,ms", "scada.csv:4:31", ""),
    ("plc.heartbeat,IR9,uint16,", "scada.csv:4:1", ""),
])  # fmt: skip
def test_a_row_that_cannot_be_served_is_placed(tmp_path: Path, row: str, place: str, nearest: str) -> None:
    """A name that there is none of, twice, in a type or unit that it has not; and a tag that nobody polls."""
    (line,) = told(cell_of(tmp_path, "{tags: scada.csv}", f"{TABLE}{row}\n"))
    assert line.startswith(f"{place}: CELL-1241: ")
    assert (f"nearest: {nearest}" in line) is bool(nearest)


def test_a_missing_table_is_one_mistake(tmp_path: Path) -> None:
    """At the key that names it."""
    (line,) = told(cell_of(tmp_path, "{tags: none.csv}"))
    assert "CELL-1030: scada.tags: no file" in line


def test_an_address_that_others_reach_is_remarked(tmp_path: Path) -> None:
    """Modbus has no login; that is no mistake, and it is said."""
    section = "{{tags: scada.csv, listen: '{}'}}"
    own = load_checked(cell_of(tmp_path, section.format("127.0.0.1:1502"))).findings.notes
    all_of_them = load_checked(cell_of(tmp_path, section.format("0.0.0.0:1502"))).findings.notes
    assert next(str(it) for it in all_of_them if it not in own).startswith("scada listens on 0.0.0.0")


def test_a_device_cannot_be_called_scada(tmp_path: Path) -> None:
    """The server's process has that name."""
    path = cell_of(tmp_path, "{tags: scada.csv}")
    text = path.read_text(encoding="utf-8").replace("\n  camera:", "\n  scada:", 1)
    path.write_text(text, encoding="utf-8")
    assert any("scada is the cell's own" in line for line in told(path))
