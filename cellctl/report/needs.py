"""The packages that only a report needs; a cell runs without them."""

from __future__ import annotations

from importlib.util import find_spec

from cellctl.errors import ConfigError

HTML = {"jinja2": "jinja2", "matplotlib": "matplotlib"}
PDF = {"typst": "typst"}
"""Module → package."""


def check_packages(*, pdf: bool) -> None:
    """ConfigError CELL-1200 when a package is not installed."""
    wanted = HTML | (PDF if pdf else {})
    missing = [package for module, package in wanted.items() if find_spec(module) is None]
    if missing:
        raise ConfigError(
            "CELL-1200", "a report needs packages that are not installed: {packages}",
            do="python -m pip install 'cellctl[report]'", packages=", ".join(missing),
        )  # fmt: skip
