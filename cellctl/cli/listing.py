"""What `plugins`, `drivers` and `describe` share: the list on the screen, and the drivers that are built in."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cellctl import __version__
from cellctl.devices.modbus.settings import ModbusRtuSettings, ModbusTcpSettings, ModbusTlsSettings
from cellctl.runtime.topology import BUS_NEEDS
from cellctl.sdk.installed import Installed


class ModbusTcp:
    """Reads and writes the registers of a controller over Modbus TCP; the guard sits in its process."""

    Settings = ModbusTcpSettings
    needs = BUS_NEEDS["modbus-tcp"]


class ModbusTls:
    """As modbus-tcp, inside TLS with certificates on both sides (Modbus/TCP Security)."""

    Settings = ModbusTlsSettings
    needs = BUS_NEEDS["modbus-tls"]


class ModbusRtu:
    """As modbus-tcp, for units on a serial line."""

    Settings = ModbusRtuSettings
    needs = BUS_NEEDS["modbus-rtu"]


FIELD_BUSES = [
    Installed("modbus-tcp", "cellctl", __version__, ModbusTcp),
    Installed("modbus-tls", "cellctl", __version__, ModbusTls),
    Installed("modbus-rtu", "cellctl", __version__, ModbusRtu),
]
"""No entry point: nothing but the guard's own process writes to a plant."""


def print_installed(kind: str, group: str, found: list[Installed]) -> int:
    """One line each; 1 when one of them cannot be loaded."""
    console = Console(highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in (kind, "package", "what it does"):
        table.add_column(title, no_wrap=title != "what it does")
    for one in found:
        words = Text(one.summary) if one.kind else Text(f"cannot be loaded: {one.error}", style="bold red")
        table.add_row(one.name, f"{one.package} {one.version}", words)
    console.print(table)
    console.print(f"`cellctl describe NAME` shows settings and an example; packages add their own by the entry point "
                  f"group {group}.", soft_wrap=True)  # fmt: skip
    return 0 if all(one.kind for one in found) else 1
