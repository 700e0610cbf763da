"""Small C programs over libmodbus, compiled where that library is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOT_HERE = "not here"
"""What stands in place of a peer's figure where it is not installed."""


@contextmanager
def libmodbus(name: str) -> Iterator[Path | None]:
    """The compiled program of `NAME.c` of this folder; None where there is no compiler or no libmodbus."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / name
        source = Path(__file__).with_name(f"{name}.c")
        command = ["cc", "-O2", "-Wall", "-Wextra", "-o", str(program), str(source), "-lmodbus"]
        made = shutil.which("cc") and subprocess.run(command, capture_output=True, check=False).returncode == 0
        yield program if made else None
