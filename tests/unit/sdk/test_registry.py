"""What is installed is found by its name, and a name that two packages bring is never a matter of chance."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from cellctl.builtin.strip_inspector import StripInspector
from cellctl.cli.new import driver, plugin
from cellctl.errors import ConfigError, PluginError
from cellctl.sdk import registry
from cellctl.sdk.registry import PLUGINS, find_plugin

OURS = "cellctl.builtin.strip_inspector:StripInspector"


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """Entry points that the test says are installed."""
    found: list[EntryPoint] = []
    monkeypatch.setattr(registry, "entry_points", lambda group: [it for it in found if it.group == group])
    registry._points.cache_clear()
    yield found
    registry._points.cache_clear()


def test_a_name_that_two_packages_bring_is_refused(points: list[EntryPoint]) -> None:
    """Which of them would judge the web depends on the order of the path; nobody should have to know that."""
    points += [EntryPoint("look", value, PLUGINS) for value in (OURS, "acme.plugin:Look")]
    with pytest.raises(PluginError, match=r"CELL-3005: several packages bring a plugin named 'look'") as caught:
        find_plugin("look")
    assert "acme.plugin:Look" in str(caught.value)


def test_one_plugin_that_is_listed_twice_is_one(points: list[EntryPoint]) -> None:
    """Negative control: an installation that is found on two ways is no second package."""
    points += [EntryPoint("look", OURS, PLUGINS)] * 2
    assert find_plugin("look") is StripInspector


@pytest.mark.parametrize(("make", "name"), [(plugin, "strip-inspector"), (driver, "folder-camera")])
def test_a_new_project_does_not_take_a_name_that_is_installed(make: object, name: str, tmp_path: Path) -> None:
    """It would be the second package of that name; nothing is written."""
    assert callable(make)
    with pytest.raises(ConfigError, match=f"named '{name}' is installed already"):
        make(name, folder=tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_plugin_may_be_called_like_a_driver(tmp_path: Path) -> None:
    """Negative control: they are written behind different keys."""
    plugin("folder-camera", folder=tmp_path / "new")
    assert (tmp_path / "new" / "pyproject.toml").exists()
