"""Scenario files: what they mean, and how their mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.errors import ConfigError
from cellctl.model.packml import PackMLState
from cellctl.model.web import Side
from cellsim.scenario import load_scenario, parse_scenario, shipped_scenarios


def test_shipped_scenarios_are_valid() -> None:
    """Every scenario that ships can be read and turned into a coater."""
    assert shipped_scenarios() == ["bench", "coater", "demo", "faults", "quiet"]
    for name in shipped_scenarios():
        assert load_scenario(name).coater().seed > 0


def test_example_in_the_readme_is_valid() -> None:
    """The scenario that the README shows can be used as it stands there."""
    readme = Path(__file__).parents[3] / "sim" / "README.md"
    example = readme.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    scenario = parse_scenario(example, "README.md")
    assert len(scenario.episodes) == len(scenario.scripted) == len(scenario.patterns) == 1


def test_demo_is_the_scripted_two_minutes() -> None:
    """A spur episode of 0.5 /m from 20 m on one side, eight agglomerates at 60 … 81 m."""
    coater = load_scenario("demo").coater()
    (episode,) = coater.schedule.episodes
    assert coater.edge.rate_per_m(episode.deficit, 20.0) == pytest.approx(0.5)
    assert coater.schedule.deficit(episode.side, 19_999.0) == 0.0
    assert coater.schedule.deficit(episode.side, 20_000.0) == coater.schedule.deficit(episode.side, 900_000.0) > 1.6
    places = [p.s_mm for strip in range(10_000) for p in coater.schedule.planned(strip) if p.defect == "agglomerate"]
    assert places == [60_000.0 + 3000.0 * number for number in range(8)]


def test_bench_has_nothing_at_random() -> None:
    """The bench scenario makes its pattern only: every background rate is zero."""
    coater = load_scenario("bench").coater()
    assert set(coater.background_per_m.values()) == {0.0}
    assert coater.edge.ceiling_per_m * 400 < 1e-6


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("seed: many", "1:7", "whole number"),
        ("sed: 1", "1:1", "nearest: seed"),
        ("web_speed: 20", "1:12", "1 m/s"),
        ("web_speed: 9 m/s", "1:12", "1.67"),
        ("episodes:\n  - {defect: coat_edge_spur, side: up, from: 1 m, to: end, rate: 0.1 /m}", "2:36", "left"),
        ("episodes:\n  - {defect: streak, side: left, from: 1 m, to: end, rate: 0.1 /m}", "2:14", "coat_edge_spur"),
        ("episodes:\n  - {defect: coat_edge_spur, side: left, from: 1 m, to: end}", "2:5", "either `rate`"),
        ("episodes:\n  - {defect: coat_edge_spur, side: left, from: 9 m, to: 3 m, deficit: 1}", "2:5", "behind"),
        ("episodes:\n  - {defect: coat_edge_spur, side: left, from: 1 m, to: end, rate: 2 /m}", "1:1", "edge.cap"),
        ("faults:\n  - {plc: silent, camera: dark, from: 1 s, for: 1 s}", "2:5", "either `plc` or `camera`"),
        ("faults:\n  - {plc: asleep, from: 1 s, for: 1 s}", "2:11", "silent"),
        ("faults:\n  - {plc: silent, from: 1 s}", "2:5", "expected `for` for a fault `silent`"),
        ("faults:\n  - {plc: restart, from: 1 s, for: 1 s}", "2:5", "`for` means nothing for a fault `restart`"),
        ("faults:\n  - {plc: late, from: 1 s, for: 1 s, code: 4}", "2:5", "`code` means nothing for a fault `late`"),
        ("faults:\n  - {camera: dark, from: 1 s, for: 1 s, tag: x}", "2:5", "`tag` means nothing for a fault `camera`"),
        (
            "faults:\n  - {plc: operator, from: 1 s, tag: feed_pump_sp}",
            "2:5",
            "expected `value` for a fault `operator`",
        ),
        ("faults:\n  - {plc: operator, from: 1 s, tag: pump, value: 1}", "2:5", "one of blade_load_sp_left"),
        ("scripted:\n  - {defect: streak, at: [1 m], y: 700 mm}", "2:36", "614.4"),
        ("- 1", "1:1", "mapping"),
    ],
)
def test_mistakes_are_told_with_their_place(text: str, place: str, words: str) -> None:
    """A wrong scenario gives one clear error with file, line, column and what was expected."""
    with pytest.raises(ConfigError) as caught:
        parse_scenario(text, "line.yaml")
    message = str(caught.value)
    assert message.startswith(f"line.yaml:{place}: CELL-")
    assert words in message


def test_unknown_name_lists_the_known_ones() -> None:
    """An unknown scenario says which there are."""
    with pytest.raises(ConfigError, match="use one of bench, coater, demo, faults, quiet"):
        load_scenario("nope")


def test_missing_file_is_a_config_error(tmp_path: Path) -> None:
    """A path that does not exist is the user's mistake, with a code."""
    with pytest.raises(ConfigError, match="CELL-1001"):
        load_scenario(str(tmp_path / "none.yaml"))


def test_faults_are_on_within_their_interval_only() -> None:
    """A fault begins at `from`, lasts `for`, and leaves nothing behind."""
    scenario = parse_scenario(
        "faults:\n  - {plc: held, from: 2 s, for: 500 ms}\n  - {camera: dark, from: 1 s, for: 1 s}", "x.yaml"
    )
    plc, camera = scenario.plc_faults(), scenario.camera_faults()
    assert [plc.upset(t).state for t in (1.9, 2.0, 2.49, 2.5)] == [
        PackMLState.EXECUTE, PackMLState.HELD, PackMLState.HELD, PackMLState.EXECUTE,
    ]  # fmt: skip
    assert [camera.active(t) for t in (0.9, 1.0, 1.9, 2.0)] == [None, "dark", "dark", None]
    assert plc.active(1.5, "silent") is None


def test_scripted_sides_alternate() -> None:
    """`side: alternate` takes left and right in turn."""
    scenario = parse_scenario("scripted:\n  - {defect: coat_edge_spur, at: [1 m, 2 m, 3 m], side: alternate}", "x.yaml")
    sides = [p.side for strip in range(301) for p in scenario.coater().schedule.planned(strip)]
    assert sides == [Side.LEFT, Side.RIGHT, Side.LEFT]
