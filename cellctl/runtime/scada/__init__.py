"""What other systems may read of the cell: names, where each of them comes from, and how old it may be."""
