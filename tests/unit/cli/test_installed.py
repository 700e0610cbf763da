"""Lists and descriptions of what is installed, broken packages included."""

from importlib.metadata import EntryPoint

import pytest
import yaml
from pydantic import BaseModel, Field

from cellctl.cli.describe import describe, snippet
from cellctl.cli.drivers import drivers
from cellctl.cli.listing import FIELD_BUSES
from cellctl.cli.plugins import plugins
from cellctl.errors import ConfigError, PluginError
from cellctl.sdk.installed import Installed, explained, installed
from cellctl.sdk.registry import DRIVERS, PLUGINS, WORLDS
from cellctl.units import Fraction, Seconds

ALL = [("plugin", one) for one in installed(PLUGINS)] + [("world", one) for one in installed(WORLDS)]
ALL += [("driver", one) for one in [*FIELD_BUSES, *installed(DRIVERS)]]


class Inner(BaseModel):
    """A mapping."""

    echo: str = Field(description="what comes back")


class Settings(BaseModel):
    """All kinds of keys."""

    period: Seconds = Field(5.0, gt=0, description="between two")
    share: Fraction = 0.2
    host: str = Field(description="where")
    pace: Seconds | None = None
    inner: Inner


@pytest.fixture
def broken(monkeypatch):
    """One plugin that is sound beside three that are not."""
    values = {"sound": "cellctl.builtin.web_inspector:WebInspector", "gone": "acme_gone:Plugin", "odd": "os:sep",
              "empty": "cellctl.builtin:Nothing"}  # fmt: skip
    points = [EntryPoint(name, value, PLUGINS) for name, value in values.items()]
    monkeypatch.setattr("cellctl.sdk.installed.entry_points", lambda group: points if group == PLUGINS else [])


def test_what_ships_is_listed(capsys):
    """Name, package and first line of what it does."""
    assert (plugins(), drivers()) == (0, 0)
    text = capsys.readouterr().out
    assert "web-inspector" in text
    assert "modbus-tcp" in text
    assert "cellctl 0." in text


@pytest.mark.usefixtures("broken")
def test_a_broken_package_hides_no_other(capsys):
    """It is listed with its error, and the exit status says that something is wrong."""
    assert plugins() == 1
    text = capsys.readouterr().out
    assert "cannot be loaded: ModuleNotFoundError" in text
    assert "Judges every frame" in text


@pytest.mark.usefixtures("broken")
def test_each_kind_of_breakage():
    """A missing module, a missing class, and something that is no class."""
    errors = {one.name: one.error for one in installed(PLUGINS)}
    assert {name: error.partition(":")[0] for name, error in errors.items()} == {
        "empty": "AttributeError",
        "gone": "ModuleNotFoundError",
        "odd": "expected a class, got '/'",
        "sound": "",
    }


@pytest.mark.usefixtures("broken")
def test_describing_what_is_broken():
    """It says why, without a traceback."""
    with pytest.raises(PluginError, match=r"CELL-3005.*acme_gone"):
        describe("gone")


def test_a_slip_in_the_name():
    """The nearest name is offered."""
    with pytest.raises(ConfigError, match=r"CELL-1230.*nearest: web-inspector"):
        describe("web-inspecto")


@pytest.mark.parametrize(("kind", "one"), ALL)
def test_everything_installed_can_be_described(kind, one, capsys):
    """Ports, settings with their meaning, and YAML that parses."""
    describe(one.name)
    assert one.name in capsys.readouterr().out
    settings = explained(one.settings)
    assert all(row.form for row in settings)
    assert one.name in str(yaml.safe_load(snippet(kind, one, settings)))


def test_the_snippet_of_settings():
    """What must be given is in it, nested as the cell writes it."""
    found = Installed("acme", "acme", "1", type("Driver", (), {"Settings": Settings}))
    text = snippet("driver", found, explained(Settings))
    assert yaml.safe_load(text) == {
        "devices": {"my_device": {"driver": "acme", "host": "HOST", "inner": {"echo": "ECHO"}}}
    }


def test_units_and_defaults():
    """A default is written with its unit, a key without one says so."""
    rows = {row.name: row for row in explained(Settings)}
    assert (rows["period"].form, rows["period"].default) == ("a time such as 800 ms", "5 s")
    assert rows["share"].default == "20 %"
    assert (rows["host"].required, rows["host"].default) == (True, "")
    assert rows["pace"].default == "null"
    assert rows["inner.echo"].meaning == "what comes back"


def test_arguments_are_left_out_of_a_description():
    """They matter to who calls the class, not to who configures it."""
    kind = type("Kind", (), {"__doc__": "First\n    line.\n\n    More.\n\n    Args:\n        x: no.\n"})
    assert Installed("a", "a", "1", kind).description == "First line.\n\nMore."
