"""Our client at a controller over libmodbus, and libmodbus and mbpoll at our server for SCADA, through one live cell.

The controller in C shows one value of every type and word order. A real cell reads it and serves the same registers
again; a program in C and mbpoll read those. So every value has passed both our decoders and both our encoders.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.fieldbus import rig
from benchmarks.fieldbus.compiled import NOT_HERE, libmodbus
from benchmarks.fieldbus.row import Row
from cellctl.model import Reading
from cellctl.model.correction import Outcome
from cellctl.model.tags import TagValue
from cellctl.runtime.loading import load_cell
from cellctl.runtime.supervision import LiveCell

HEAD = "name,address,type,scale,unit,minimum,maximum,access,in_force,poll,order,description"
VALUES: dict[str, tuple[str, str, str, float | str]] = {
    "i16": ("IR10", "int16", "", -12345),
    "u16": ("IR11", "uint16", "", 54321),
    "i32": ("IR12", "int32", "", -1234567890),
    "u32": ("IR14", "uint32", "", 3234567890),
    "i64": ("IR16", "int64", "", -4503599627370495),
    "u64": ("IR20", "uint64", "", 4503599627370495),
    "f64": ("IR24", "float64", "", -2.718281828459045),
    "f_abcd": ("IR28", "float32", "ABCD", 3.140625),
    "f_cdab": ("IR30", "float32", "CDAB", 3.140625),
    "f_badc": ("IR32", "float32", "BADC", 3.140625),
    "f_dcba": ("IR34", "float32", "DCBA", 3.140625),
    "bit": ("IR36.3", "bool", "", 1),
    "text": ("IR37", "string[4]", "", "NMC2"),
    "coil": ("CO5", "bool", "", 1),
    "input": ("DI7", "bool", "", 1),
}
"""Tag → address, type, order, and the value that the controller shows."""
HOLDING = "held_"
"""Begins the names of the same tags once more: those that the cell serves as holding registers."""
FIRST, REGISTERS = 10, 29
WORDS = (
    "53191 54321 46697 64814 49355 38610 65520 0 0 1 15 65535 65535 65535 49157 48906 35604 22377 "
    "16457 0 0 16457 18752 0 0 18752 8 20045 17202"
)
"""The registers from `FIRST` on, as the program in C sets them."""
MOVES = 20
PATIENCE_S = 20.0
MBPOLL = (
    (("-t", "3", "-r", "11"), "54321"),
    (("-t", "3:int", "-B", "-r", "12"), "-1234567890"),
    (("-t", "3:float", "-B", "-r", "28"), "3.14062"),
    (("-t", "4:float", "-r", "30"), "3.14062"),
    (("-t", "0", "-r", "5"), "1"),
    (("-t", "1", "-r", "7"), "1"),
)
"""What mbpoll is asked, and what it must print."""


def rows(quick: bool) -> Iterator[Row]:
    """Our client, then our server, each beside libmodbus."""
    with libmodbus("libmodbus_server") as controller, libmodbus("libmodbus_scada") as reader:
        if controller is None or reader is None:
            yield Row("our client and a libmodbus server", 0, False, "not judged", "libmodbus", NOT_HERE)
            return
        with _serving(controller) as port:
            yield asyncio.run(_moves(port, MOVES if quick else 10 * MOVES))
        with _serving(controller) as port, tempfile.TemporaryDirectory() as folder:
            yield from _through_a_cell(Path(folder), port, reader)


@contextmanager
def _serving(program: Path) -> Iterator[int]:
    """The controller in C; its port."""
    pipe = subprocess.PIPE
    with subprocess.Popen([str(program)], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


async def _moves(port: int, moves: int) -> Row:
    """Set-points moved and confirmed by the controller in C."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "tags.csv"
        handshake = ["heartbeat,HR0,uint16,1,,0,65535,rw,,,,", "cmd_seq,HR1,uint16,1,,0,65535,rw,,,,"]
        handshake += [
            "load_left,HR2,int16,0.01,kPa,15,25,rw,IR102,fast,,",
            "load_right,HR3,int16,0.01,kPa,15,25,rw,IR103,fast,,",
        ]
        handshake += [f"{name},IR{at},uint16,1,,0,65535,r,,fast,," for name, at in rig.SHOWN]
        table.write_text("\n".join([HEAD, *handshake]) + "\n", encoding="utf-8")
        async with rig.running(rig.device(port, table), rig.MemoryJournal()) as line:
            found = [
                await line.move(line.proposal(rig.LEFT, rig.RECIPE + n % 2 * rig.RESOLUTION))
                for n in range(1, moves + 1)
            ]
    confirmed = sum(it.outcome is Outcome.CONFIRMED for it in found)
    return Row(
        "our bus process moves a set-point of a libmodbus server", moves, confirmed == moves,
        f"{confirmed} of {moves} CONFIRMED in force", "libmodbus server", "echoes and shows each", "all",
    )  # fmt: skip


def _through_a_cell(folder: Path, port: int, reader: Path) -> Iterator[Row]:
    """A live cell between the controller and those who read the cell."""
    served, seen = _free_port(), dict[str, TagValue]()

    def listen(message: object) -> None:
        if isinstance(message, Reading):
            seen.update({value.tag.removeprefix("plc."): value for value in message.values})

    with LiveCell(load_cell(_cell(folder, port, served)), folder / "run", listen) as live:
        live.start()
        _until(live, lambda: len(seen) > len(VALUES) and all(it.quality.is_good for it in seen.values()))
        right = [
            name
            for name, (*_, value) in VALUES.items()
            if name in seen and value in {seen[name].value, seen[name].text}
        ]
        yield Row(
            "our client reads every type and word order of a libmodbus server", len(VALUES), len(right) == len(VALUES),
            f"{len(right)} of {len(VALUES)} values right", "libmodbus server", "as its program sets them", "all",
        )  # fmt: skip
        _until(live, lambda: _read(reader, served)[0] == WORDS)
        yield _by_libmodbus(_read(reader, served))
        yield _by_mbpoll(served)
        live.stop()


def _by_libmodbus(answers: list[str]) -> Row:
    asked = [WORDS, WORDS, "1", "1", "Illegal function"]
    right = sum(answer == wanted for answer, wanted in zip(answers, asked, strict=False))
    return Row(
        "a libmodbus program reads our server by FC1 to FC4, and may not write", len(asked), right == len(asked),
        f"{right} of {len(asked)} answers right", "libmodbus program", f"a write is answered: {answers[-1]}", "all",
    )  # fmt: skip


def _by_mbpoll(port: int) -> Row:
    name = "mbpoll reads our server"
    if shutil.which("mbpoll") is None:
        return Row(name, 0, False, "not judged", "mbpoll", NOT_HERE, "all")
    right = 0
    for options, wanted in MBPOLL:
        command = ["mbpoll", "-m", "tcp", "-p", str(port), "-0", "-1", "-q", *options, "127.0.0.1"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        right += wanted in said.replace("\t", " ").split()
    return Row(name, len(MBPOLL), right == len(MBPOLL), f"{right} of {len(MBPOLL)} values right", "mbpoll", "", "all")


def _read(reader: Path, port: int) -> list[str]:
    """Lines of the program in C."""
    command = [str(reader), str(port), str(FIRST), str(REGISTERS), "5", "7"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [line.strip() for line in said.splitlines()] or [""]


def _cell(folder: Path, port: int, served: int) -> Path:
    """A cell that reads the controller and serves the same registers, input registers as holding registers too."""
    listed = [(name, at, kind, order) for name, (at, kind, order, _) in VALUES.items()]
    again = [(f"{HOLDING}{name}", at, kind, order) for name, at, kind, order in listed if at.startswith("IR")]
    tags = [f"{name},{at},{kind},,,,,r,,fast,{order}," for name, at, kind, order in listed + again]
    (folder / "tags.csv").write_text("\n".join([HEAD, *tags]) + "\n", encoding="utf-8")
    served_at = listed + [(name, at.replace("IR", "HR"), kind, order) for name, at, kind, order in again]
    shown = ["name,address,type,order", *(f"plc.{name},{at},{kind},{order}" for name, at, kind, order in served_at)]
    (folder / "scada.csv").write_text("\n".join(shown) + "\n", encoding="utf-8")
    path = folder / "cell.yaml"
    path.write_text(
        "version: 2\ncell: {id: interop, path: A/B/C/D/E}\n"
        f"devices:\n  plc: {{driver: modbus-tcp, host: 127.0.0.1, port: {port}, tags: tags.csv}}\n"
        f"scada: {{listen: '127.0.0.1:{served}', allow: [1, 2, 3, 4], tags: scada.csv}}\n",
        encoding="utf-8",
    )
    return path


def _until(live: LiveCell, done: Callable[[], bool]) -> None:
    """Let the cell live until something holds, and no longer than patience lasts."""
    end_s = time.monotonic() + PATIENCE_S
    while not done() and time.monotonic() < end_s:
        live.poll()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
