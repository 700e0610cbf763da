"""Of a file that is not there, the one that was meant is named."""

from __future__ import annotations

import pytest

from cellctl.config import read_text
from cellctl.errors import ConfigError


@pytest.mark.parametrize(
    ("there", "asked", "meant"),
    [
        ("cell.yaml", "cell.yml", "cell.yaml"),
        ("line-3/cell.yaml", "line-3", "line-3/cell.yaml"),
        ("line-3/coater.yaml", "line-3", "line-3/coater.yaml"),
    ],
)
def test_the_file_that_was_meant_is_named(tmp_path, there, asked, meant):
    """A slip in the name, and a folder in place of the file in it."""
    file = tmp_path / there
    file.parent.mkdir(exist_ok=True)
    file.write_text("version: 2\n")
    with pytest.raises(ConfigError) as caught:
        read_text(tmp_path / asked)
    assert f"nearest: {tmp_path / meant}" in str(caught.value)


@pytest.mark.parametrize("asked", ["coater.yaml", "gone/cell.yaml", "empty", "cell.yaml\0"])
def test_where_nothing_is_alike_nothing_is_named(tmp_path, asked):
    """Another name, a folder that is not there, one with nothing in it, and what is no path."""
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError) as caught:
        read_text(tmp_path / asked)
    assert "nearest" not in str(caught.value)
