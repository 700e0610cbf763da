"""The run was opened by a record that states the configuration it was made with."""

from __future__ import annotations

import msgspec

from cellctl.evidence.canonical import canonical, restore, sha256_hex
from cellctl.evidence.checks.base import Check, verdict
from cellctl.evidence.kinds import FORMAT, RecordKind, RunOpened
from cellctl.evidence.record import Record

FORMAT_WITH_CONFIG = 2
"""From this format of the ledger on every record carries the hash of the configuration."""


class OpeningChecker:
    """The first record is `run_opened` and its configuration has the hash it states."""

    def __init__(self) -> None:
        self._faults: list[str] = ["the ledger is empty"]
        self._found = self._config = ""
        self._others = 0

    def see(self, record: Record) -> None:
        """Look at the first record; no other one may open the run again."""
        if record.sequence == 0:
            self._faults = list(self._opening(record))
        elif record.config != self._config:
            self._others += 1
        elif record.kind == RecordKind.RUN_OPENED:
            self._faults.append(f"record {record.sequence} opens the run again")

    def conclude(self) -> Check:
        """Say whether the run was opened, and everything in it belongs to that configuration."""
        if self._others:
            self._faults.append(f"{self._others} records were made with another configuration, or with none")
        return verdict("opened", self._faults, self._found)

    def _opening(self, record: Record) -> list[str]:
        if record.kind != RecordKind.RUN_OPENED:
            return [f"the first record is {record.kind}, not {RecordKind.RUN_OPENED}"]
        try:
            opened = restore(record.body, RunOpened)
        except msgspec.ValidationError as error:
            return [f"the opening record cannot be read: {error}"]
        if not 1 <= opened.format <= FORMAT:
            return [f"the ledger's format is {opened.format}, this cellctl reads 1 to {FORMAT}: use a newer one"]
        self._config = opened.config_hash if opened.format >= FORMAT_WITH_CONFIG else ""
        if record.config != self._config:
            return ["the opening record does not carry the hash of its own configuration"]
        self._found = f"cell {opened.cell}, configuration {opened.config_hash[:12]}, {record.wall}"
        if sha256_hex(canonical(opened.config)) != opened.config_hash:
            return ["the configuration does not have the hash that the opening record states"]
        return []
