"""The only code that does plant I/O."""
