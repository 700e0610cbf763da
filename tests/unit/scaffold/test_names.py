"""Names of new projects and cells."""

import pytest

from cellctl.errors import ConfigError
from cellctl.scaffold import cell_id, project_name


def test_the_three_spellings():
    """Distribution, module and class."""
    assert project_name("speed-watch-2") == ("speed-watch-2", "speed_watch_2", "SpeedWatch2")


@pytest.mark.parametrize(
    "name", ["", "Speed", "speed_watch", "-a", "a-", "a--b", "2a", "a b", "a/b", "é", "a" * 31, "a\n"]
)
def test_what_is_no_name(name):
    """Anything that is not a distribution, a module and a class at once."""
    with pytest.raises(ConfigError, match="CELL-1221"):
        project_name(name)


@pytest.mark.parametrize("name", ["json", "class", "numpy", "cellctl", "tests", "driver", "alarm"])
def test_what_is_taken(name):
    """A project must not hide a module that something else needs, nor its class one that it imports."""
    with pytest.raises(ConfigError, match=f"acme-{name}"):
        project_name(name)


@pytest.mark.parametrize("text", ["coater-01", "A", "line_3.b"])
def test_ids_of_cells(text):
    """Letters, digits, hyphens, dots and underscores."""
    assert cell_id(text) == text


@pytest.mark.parametrize("text", ["", "a b", "-a", 'a"', "a\n", "../a", "x" * 31])
def test_what_is_no_id(text):
    """It stands in YAML, in records and in the name of a folder."""
    with pytest.raises(ConfigError, match="CELL-1222"):
        cell_id(text)
