"""What the way to the plant and back is measured by: `python -m benchmarks.fieldbus` writes out/fieldbus.json."""
