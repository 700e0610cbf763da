"""A cell as an engineer writes it: one model per section of the file."""
