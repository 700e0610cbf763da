"""Cells for the tests of findings: the coater that ships with some text replaced, on a machine that is stated."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cellctl.config.findings import Surroundings
from cellctl.errors import ConfigErrors
from cellctl.runtime.loading import Checked, load_checked

CONFIGS = Path(__file__).resolve().parents[4] / "configs"
MACHINE = Surroundings(date(2027, 1, 1), 10**13, "out", "line-pc-1", {"cellctl": "0.1.0"})
"""New year's day, ten terabytes free."""


def written(folder: Path, *changes: tuple[str, str], source: str = "coater-full.yaml") -> Path:
    """A shipped cell with some text replaced."""
    text = (CONFIGS / source).read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "coater_tags.csv").write_text((CONFIGS / "coater_tags.csv").read_text())
    (folder / "cell.yaml").write_text(text)
    return folder / "cell.yaml"


def checked(folder: Path, *changes: tuple[str, str], source: str = "coater-full.yaml",
            around: Surroundings = MACHINE) -> Checked:  # fmt: skip
    """The cell that was checked; ConfigErrors when something was found."""
    return load_checked(written(folder, *changes, source=source), simulated=True, around=around)


def found(folder: Path, *changes: tuple[str, str], source: str = "coater-full.yaml",
          around: Surroundings = MACHINE) -> list[str]:  # fmt: skip
    """What the check finds, without the folder's name."""
    try:
        checked(folder, *changes, source=source, around=around)
    except ConfigErrors as error:
        return [str(it).replace(f"{folder}/", "") for it in error.errors]
    return []
