"""`cellctl retention`: a table that an engineer can plan a disk with, and no traceback for a slip of the pen."""

from __future__ import annotations

import pytest

from cellctl.cli.retention import retention
from cellctl.config.findings.amount import amount
from cellctl.errors import ConfigError
from tests.unit.config.findings.builders import written


def test_the_table_says_what_all_frames_would_need_and_offers_some(tmp_path, capsys):
    """The coater's camera: 3.53 TB a day raw; into 1 TB fits every 400th frame, by the setting that does it."""
    retention(written(tmp_path, source="coater.yaml"), simulated=True, free="1 TB")
    out = " ".join(capsys.readouterr().out.split())
    assert "all raw frames of wet_camera 3.53 TB 318 TB" in out
    assert "kept: 4.49 GB in 90 days; free as stated: 1 TB" in out
    assert "wet_camera: every 400th whole frame fits as well; write `keep_every: 400` in plugins.inspect" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [({"days": 0.0}, "--days: expected more than 0, got 0"), ({"free": "2 T"}, "--free: "), ({"free": "x"}, "--free")],
)
def test_a_wrong_option_is_named(tmp_path, options, said):
    """The error names the option and how it is written."""
    with pytest.raises(ConfigError) as caught:
        retention(written(tmp_path, source="coater.yaml"), simulated=True, **options)
    assert said in str(caught.value)
    assert "; do: write" in str(caught.value)


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (4.49e9, "4.49 GB"), (2.55e15, "2.55 PB")]
)
def test_bytes_are_written_in_powers_of_a_thousand(count, said):
    """As disks are sold."""
    assert amount(count) == said
