"""Studies: how often the cell's verdicts are right, how much it helps, and what would be claimed by a worse one."""
