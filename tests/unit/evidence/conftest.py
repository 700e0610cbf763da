"""A finished run folder for the tests of evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.evidence.builders import make_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run that was opened, filled and closed."""
    return make_run(tmp_path / "run")
