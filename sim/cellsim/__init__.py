"""A simulated coating line: plant physics, PLC and camera servers, scenarios."""
