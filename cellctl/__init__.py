"""cellctl closes the quality loop beside a production line and proves that each correction helped."""

__version__ = "0.1.0"
