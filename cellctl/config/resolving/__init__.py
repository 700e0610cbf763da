"""From sections to the resolved cell: absolute values, expanded sides, checked names."""
