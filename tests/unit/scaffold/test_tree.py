"""New files are written, and nothing that is there is written over."""

import pytest

from cellctl.errors import ConfigError
from cellctl.scaffold import write_tree


def test_files_are_written(tmp_path):
    """Folders are made on the way."""
    write_tree(tmp_path / "new", {"a.txt": "one\n", "b/c.txt": "two\n"})
    assert (tmp_path / "new" / "b" / "c.txt").read_bytes() == b"two\n"


def test_a_folder_with_other_files_will_do(tmp_path):
    """Such as a repository that was just made."""
    (tmp_path / "LICENSE").write_text("mine")
    write_tree(tmp_path, {"a.txt": "one\n"})
    assert (tmp_path / "LICENSE").read_text() == "mine"


def test_nothing_is_written_over(tmp_path):
    """One file that is there stops all of them, before the first byte."""
    (tmp_path / "b.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"CELL-1220: .*b\.txt is there already, and nothing was written"):
        write_tree(tmp_path, {"a.txt": "one\n", "b.txt": "two\n"})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"b.txt": "mine"}


def test_a_dead_link_is_not_followed(tmp_path):
    """What it points to would be made somewhere else."""
    (tmp_path / "a.txt").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="CELL-1220"):
        write_tree(tmp_path, {"a.txt": "one\n"})


def test_a_file_in_place_of_the_folder(tmp_path):
    """The reason is the system's own."""
    (tmp_path / "new").write_text("a file")
    with pytest.raises(ConfigError, match="CELL-1223"):
        write_tree(tmp_path / "new", {"a.txt": "one\n"})
