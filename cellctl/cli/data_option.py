"""The option `--data`, which several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cellctl.config.source.input_path import DATA_VARIABLE

DataFolder = Annotated[Path | None, Parameter(env_var=DATA_VARIABLE)]
"""The folder that paths of devices written `data:NAME` are below."""
