"""Options of `cellctl run` that do not go together, or mean nothing, are refused before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cellctl.cli.run import run
from cellctl.errors import ConfigError

CELL = Path(__file__).resolve().parents[3] / "configs" / "coater.yaml"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"open_loop": True, "start": True}, "CELL-1013: --open-loop belongs to virtual time"),
        (
            {"open_loop": True, "start": True, "simulated": True, "lockstep": True, "duration": "3 s"},
            "CELL-1013: --start and --open-loop contradict each other",
        ),
        ({"duration": "0 s"}, "CELL-1012: --for: expected a time above zero, got '0 s'"),
        ({"duration": "-5 s"}, "CELL-1012: --for: expected a time above zero, got '-5 s'"),
        ({"duration": "0"}, "CELL-1012: --for: expected a time such as"),
        ({"lockstep": True}, "CELL-1013: --lockstep: virtual time needs an end"),
        ({"seed": 3}, "CELL-1013: --seed and --scenario belong to virtual time"),
    ],
)
def test_options_that_do_not_go_together_are_refused(tmp_path: Path, options: dict[str, Any], expected: str) -> None:
    """Each names the mistake; no run folder is made. An open arm that acts would be the worst of them."""
    with pytest.raises(ConfigError) as caught:
        run(CELL, out=tmp_path / "run", **options)
    assert expected in str(caught.value)
    assert not (tmp_path / "run").exists()
