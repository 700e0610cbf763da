"""`cellctl plugins`: what is installed to process messages."""

from __future__ import annotations

from cellctl.cli.listing import print_installed
from cellctl.sdk.installed import installed
from cellctl.sdk.registry import PLUGINS


def plugins() -> int:
    """List the installed plugins: what a cell may write after `use:`.

    Example: `cellctl plugins`

    Exits 1 when one of them cannot be loaded.
    """
    return print_installed("plugin", PLUGINS, installed(PLUGINS))
