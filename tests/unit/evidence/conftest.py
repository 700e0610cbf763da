"""A finished run folder for the tests of evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.evidence import FileStore
from tests.unit.evidence.builders import record_a_run, start_recorder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run that was opened, filled and closed."""
    folder = tmp_path / "run"
    harness = start_recorder(FileStore(folder))
    record_a_run(harness)
    harness.close()
    return folder
