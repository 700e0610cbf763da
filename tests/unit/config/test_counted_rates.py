"""The rates of a watch are true rates in the YAML, and those of the objects that count in the resolved cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.errors import ConfigErrors
from cellctl.runtime.loading import load_cell

CONFIGS = Path(__file__).parents[3] / "configs"
WATCH = "watch: {defect: coat_edge_spur, normal: 0.01 /m, alarm: 0.2 /m"


def written(tmp_path: Path, counted: str) -> Path:
    """The shipped cell with this share of counted objects."""
    text = (CONFIGS / "coater.yaml").read_text(encoding="utf-8")
    assert WATCH in text
    path = tmp_path / "cell.yaml"
    path.write_text(text.replace(WATCH, f"{WATCH}, counted: {counted}"), encoding="utf-8")
    (tmp_path / "coater_tags.csv").write_bytes((CONFIGS / "coater_tags.csv").read_bytes())
    return path


def test_the_loop_looks_for_the_rates_that_it_can_see(tmp_path):
    """With three quarters of the objects counted, both rates are three quarters of the true ones."""
    watch = load_cell(written(tmp_path, "0.75"), simulated=True).loops[0].watch
    assert (watch.normal, watch.alarm) == (pytest.approx(0.0075), pytest.approx(0.15))
    assert watch.counted == 0.75


def test_without_a_share_every_object_counts(tmp_path):
    """The default leaves the rates as they are written."""
    watch = load_cell(written(tmp_path, "1"), simulated=True).loops[0].watch
    assert (watch.normal, watch.alarm) == (0.01, 0.2)


@pytest.mark.parametrize("counted", ["0", "1.2", "-0.5", "many"])
def test_a_share_lies_between_nothing_and_all(tmp_path, counted):
    """A share of nothing, or of more than all, is refused with its place."""
    with pytest.raises(ConfigErrors, match="counted"):
        load_cell(written(tmp_path, counted), simulated=True)
