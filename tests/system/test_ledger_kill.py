"""A writer killed at any moment loses nothing that it had acknowledged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cellctl.evidence.chain import read_chain
from cellctl.evidence.ledger import Ledger

WRITER = """
import sys
from pathlib import Path
from cellctl.evidence import Entry, Ledger
ledger = Ledger(Path(sys.argv[1]))
while True:
    number = ledger.length
    ledger.append([Entry("test", number + i, "", {"text": "x" * 2000}) for i in range(3)])
    print(ledger.length, flush=True)
"""


@pytest.mark.parametrize("groups", [1, 3, 7, 12])
def test_killed_writer_loses_no_acknowledged_record(tmp_path: Path, groups: int) -> None:
    """After SIGKILL every record whose append had returned is in the chain, and the ledger can be continued."""
    path = tmp_path / "ledger.jsonl"
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(groups)]
        writer.kill()
        said += writer.stdout.readlines()
    acknowledged = int(said[-1])
    Ledger(path).close()
    assert len(list(read_chain(path))) >= acknowledged >= 3 * groups
