"""Paths of devices: relative to the cell's file or below the data folder, and what is wrong with them, at their key."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from cellctl.errors import ConfigError
from cellctl.runtime.loading import load_cell
from cellctl.runtime.supervision.folder import make_run_folder

CELL = """\
version: 2
cell: {id: v}
devices:
  bearing:
    driver: waveform-file
    path: %s
    rate: 12 kHz
plugins:
  listen: {use: vibration-features, from: bearing, limits: {kurtosis: 4}}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A folder with a cell, beside it recordings and a data folder with another."""
    for folder in ("cell/own", "data/set", "data/empty"):
        (tmp_path / folder).mkdir(parents=True)
    for folder in ("cell/own", "data/set"):
        np.save(tmp_path / folder / "a.npy", np.zeros(12))
    return tmp_path / "cell" / "cell.yaml"


def path_of(config: Path, written: str, data: Path | None = None) -> Path:
    """What a path in the file means."""
    config.write_text(CELL % written)
    return Path(load_cell(config, data=data).device("bearing").settings["path"])


def error(config: Path, written: str, data: Path | None = None) -> ConfigError:
    """What is said against it; every message names the key and its place."""
    with pytest.raises(ConfigError) as raised:
        path_of(config, written, data)
    assert f"{config}:6:11" in str(raised.value)
    assert "devices.bearing.path" in str(raised.value)
    return raised.value


def test_relative_path_is_relative_to_the_file(config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the command was called from does not matter."""
    monkeypatch.chdir(tmp_path)
    assert path_of(config, "own") == config.parent / "own"


def test_data_path_is_below_the_data_folder(config: Path) -> None:
    """`data:set` is `set` in the folder of --data."""
    data = config.parent.parent / "data"
    assert path_of(config, "data:set", data) == data / "set"
    assert path_of(config, "data:set/a.npy", data) == data / "set" / "a.npy"


def test_absolute_path_is_taken_as_it_is(config: Path) -> None:
    """A path from the root is not below anything."""
    own = config.parent / "own"
    assert path_of(config, str(own), config.parent.parent / "data") == own


def test_missing_data_folder_is_named_with_its_remedy(config: Path) -> None:
    """Without --data the message says how to give it; with a wrong one, that it does not exist."""
    found = error(config, "data:set")
    assert (found.code, "--data DIR" in str(found), "CELLCTL_DATA" in str(found)) == ("CELL-1170", True, True)
    assert "does not exist" in str(error(config, "data:set", config.parent / "nowhere"))


def test_path_that_is_not_there_is_named(config: Path) -> None:
    """The message has the whole path that was looked for."""
    found = error(config, "data:nothing", config.parent.parent / "data")
    assert found.code == "CELL-1171"
    assert str(config.parent.parent / "data" / "nothing") in str(found)


def test_folder_without_recordings_is_refused_before_the_run(config: Path) -> None:
    """The driver's own look is at the key of the path."""
    assert error(config, "data:empty", config.parent.parent / "data").code == "CELL-1172"


def test_resolved_path_does_not_depend_on_the_working_folder(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder given relative to the working folder is absolute for the cell's processes."""
    monkeypatch.chdir(config.parent.parent)
    assert path_of(config, "data:set", Path("data")).is_absolute()


def test_path_of_other_bytes_than_text_is_a_mistake_like_any_other(config: Path) -> None:
    """Every record names the paths, so one that cannot be written as UTF-8 is refused before the run."""
    data = config.parent / os.fsdecode(b"\xff")
    (data / "set").mkdir(parents=True)
    np.save(data / "set" / "a.npy", np.zeros(12))
    assert error(config, "data:set", data).code == "CELL-1171"
    path_of(config, "own")
    cell = load_cell(config)
    with pytest.raises(ConfigError, match=r"CELL-1062: cannot make the run folder: its name is no UTF-8"):
        make_run_folder(data / "run", cell)
