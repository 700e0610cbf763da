"""`cellctl drivers`: what is installed to reach hardware."""

from __future__ import annotations

from cellctl.cli.listing import FIELD_BUSES, print_installed
from cellctl.sdk.installed import installed
from cellctl.sdk.registry import DRIVERS


def drivers() -> int:
    """List the installed drivers: what a cell may write after `driver:`.

    Example: `cellctl drivers`

    Exits 1 when one of them cannot be loaded.
    """
    return print_installed("driver", DRIVERS, [*FIELD_BUSES, *installed(DRIVERS)])
