"""A bus process, the fault proxy and the simulated PLC in one loop, and an oracle that believes the PLC's log alone."""
