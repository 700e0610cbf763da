"""Commands that the simulator adds to `cellctl`; found by entry point."""
