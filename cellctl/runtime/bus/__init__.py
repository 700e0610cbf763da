"""The bus process: owns one field connection, hosts the guard and no plugin code."""

from cellctl.runtime.bus.ports import BusPorts, JournalPort
from cellctl.runtime.bus.process import BusProcess

__all__ = ["BusPorts", "BusProcess", "JournalPort"]
