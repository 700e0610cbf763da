"""A plugin is declared by its class alone, and mistakes in the declaration are named."""

import pytest
from pydantic import ValidationError

from cellctl.config.resolved import GuardRules, Recipe, ResolvedCell, Web
from cellctl.errors import PluginError
from cellctl.model import Alarm, Priority, Stamp
from cellctl.sdk import Input, Output, Plugin, PluginSettings, every, on
from cellctl.testing import Harness

CELL = ResolvedCell(
    id="c", path="", mode="production", lot="l", seed=7, web=Web("", "", "", {}), recipe=Recipe("p", 1.0, "m", "h"),
    devices=(), plugins=(), defects=(), loops=(), guard=GuardRules((), 1.0, 1.0, 1.0, {}),
)  # fmt: skip


def alarm(text):
    return Alarm(stamp=Stamp(0), id="a", active=True, priority=Priority.LOW, text=text)


class Echo(Plugin):
    """Sends back what it hears, and counts its ticks."""

    class Settings(PluginSettings):
        """How to echo."""

        suffix: str = "!"

    heard = Input(Alarm)
    said = Output(Alarm)

    ticks = 0

    @on(heard)
    def echo(self, message):
        """Send it back."""
        self.said.send(alarm(message.text + self.settings.suffix))

    @every(0.5)
    def tick(self):
        """Count."""
        self.ticks += 1


@pytest.fixture
def harness():
    harness = Harness(Echo, {"suffix": "?"}, cell=CELL)
    yield harness
    harness.close()


def test_a_handler_hears_and_sends(harness):
    """The harness hands a message to the handler of its input and keeps what it sent."""
    harness.feed("heard", alarm("hello"))
    assert [message.text for message in harness.sent("said")] == ["hello?"]


def test_timers_are_found(harness):
    """`@every` methods come with their period."""
    harness.tick()
    assert harness.plugin.ticks == 1
    assert [period for period, _ in harness.plugin.timers()] == [0.5]


def test_unknown_settings_are_refused():
    """A typing slip in the YAML does not pass silently."""
    with pytest.raises(ValidationError, match="sufix"):
        Harness(Echo, {"sufix": "?"}, cell=CELL)


def test_an_input_without_a_handler_is_named():
    """It would never be heard."""

    class Deaf(Plugin):
        heard = Input(Alarm)

    with pytest.raises(PluginError, match=r"CELL-3003.*input 'heard' has no handler"):
        Harness(Deaf, cell=CELL)


def test_two_handlers_of_one_input_are_refused():
    """Their order would be anybody's guess."""

    class Double(Plugin):
        heard = Input(Alarm)

        @on(heard)
        def one(self, message): ...

        @on(heard)
        def two(self, message): ...

    with pytest.raises(PluginError, match="CELL-3002"):
        Harness(Double, cell=CELL)


def test_a_period_must_be_positive():
    """A timer without a pause would never end."""
    with pytest.raises(PluginError, match="CELL-3001"):
        every(0)


def test_ports_are_inherited():
    """A derived plugin has the ports of its base."""

    class More(Echo):
        also = Output(Alarm)

    assert list(More.outputs()) == ["said", "also"]
    assert list(More.inputs()) == ["heard"]
