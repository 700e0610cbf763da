"""`simulate: {world: …}`: checked like everything else, and part of what a run in virtual time states."""

from pathlib import Path

import pytest

from cellctl.errors import ConfigError, ConfigErrors
from cellctl.runtime.loading import load_cell

CONFIGS = Path(__file__).resolve().parents[4] / "configs"
CELL = CONFIGS / "coater.yaml"


def test_the_world_is_part_of_the_resolved_cell_in_virtual_time_only():
    """A live run of the same file states no world; the hashes differ."""
    live, virtual = load_cell(CELL, simulated=True), load_cell(CELL, lockstep=True)
    assert live.world is None
    assert virtual.world is not None
    assert virtual.world.use == "coater"
    assert live.hash != virtual.hash


def test_options_are_laid_over_the_file():
    """Seed and scenario of the command line win, and the seed is that of the cell and of the world."""
    cell = load_cell(CELL, lockstep=True, seed=9, world={"scenario": "quiet"})
    assert cell.world is not None
    assert (cell.seed, cell.world.settings["seed"], cell.world.settings["scenario"]) == (9, 9, "quiet")


def test_durations_are_times_of_plugins():
    """`4 ms` of the inspector are 0.004 s."""
    cell = load_cell(CELL, lockstep=True, world={"durations": {"inspect": "4 ms"}})
    assert cell.world is not None
    assert cell.world.durations_s == {"inspect": pytest.approx(0.004)}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"durations": {"inspekt": "4 ms"}}, "expected a plugin of the cell, got 'inspekt'"),
        ({"durations": {"inspect": "4 kg"}}, "expected a time"),
        ({"use": "coter"}, "no world named 'coter'"),
        ({"sham": "perhaps"}, "simulate.world.sham"),
        ({"eyez": "rendered"}, "simulate.world.eyez: unknown key"),
    ],
)
def test_a_mistake_is_named(keys, words):
    """Unknown plugins, worlds and keys, and values of the wrong kind, are found before anything runs."""
    with pytest.raises((ConfigError, ConfigErrors)) as caught:
        load_cell(CELL, lockstep=True, world=keys)
    assert words in str(caught.value)


def test_a_cell_without_a_world_says_what_to_add():
    """The bench's cell is for live runs."""
    with pytest.raises((ConfigError, ConfigErrors), match="add `world"):
        load_cell(CONFIGS / "bench.yaml", lockstep=True)
