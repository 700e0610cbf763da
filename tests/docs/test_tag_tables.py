"""The tables that the page about tag tables shows are sound, and say the same in both forms."""

import pytest
import yaml

from cellctl.devices.tags import read_tag_table, scan_tag_table
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "tags.md"
CSV = next(block for block in blocks(PAGE) if block.language == "csv")
YAML = next(block for block in blocks(PAGE) if block.language == "yaml" and block.text.startswith("- "))
DEVICE = yaml.safe_load(next(block.text for block in blocks(PAGE) if block.language == "yaml"))["devices"]["dryer"]
POLLS = tuple(DEVICE["poll"])


@pytest.fixture
def both(tmp_path):
    """The table in CSV and the one in YAML, as files."""
    written = {}
    for block, name in ((CSV, "dryer.csv"), (YAML, "dryer.yaml")):
        written[name] = tmp_path / name
        written[name].write_text(block.text, encoding="utf-8")
    return written


def test_the_example_is_read(both):
    """Every row of the CSV is sound; the poll class of its own is known to the device that the page shows."""
    reading = scan_tag_table(both["dryer.csv"], POLLS)
    assert not reading.errors
    assert len(reading.table.tags) == len(CSV.text.splitlines()) - 1


def test_both_forms_say_the_same(both):
    """What the YAML has is, but for descriptions and a deadband that it leaves out, what the CSV has."""
    rows = {tag.name: tag for tag in read_tag_table(both["dryer.csv"], POLLS).tags}
    found = read_tag_table(both["dryer.yaml"], POLLS).tags
    assert found
    for tag in found:
        other = rows[tag.name]
        assert (tag.address, tag.type, tag.scale, tag.offset, tag.unit, tag.writable, tag.poll) == (
            other.address, other.type, other.scale, other.offset, other.unit, other.writable, other.poll
        )  # fmt: skip


def test_a_broken_row_is_found(both):
    """The negative control: the same table with one wrong type is not sound."""
    both["dryer.csv"].write_text(CSV.text.replace("float32", "float16"), encoding="utf-8")
    assert len(scan_tag_table(both["dryer.csv"], POLLS).errors) == 1
