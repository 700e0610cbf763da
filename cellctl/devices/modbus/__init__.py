"""Modbus TCP: registers and values, what to read together, and one serialised connection."""
