"""From plain data to typed sections, with the place of every mistake."""
