"""Every image that a record names is there and shows what it showed when it was stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from cellctl.errors import EvidenceError
from cellctl.evidence.canonical import restore
from cellctl.evidence.checks.base import Check, verdict
from cellctl.evidence.images import SUFFIX, StoredImage, read_image
from cellctl.evidence.kinds import RecordKind
from cellctl.evidence.record import Record


class ImageChecker:
    """Names in records and files in the folder match one to one; pixels and bytes match their hashes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stored: dict[str, StoredImage] = {}
        self._named: set[str] = set()
        self._faults: list[str] = []

    def see(self, record: Record) -> None:
        """Note the images that a record stores or names."""
        if record.kind == RecordKind.IMAGE:
            try:
                image = restore(record.body, StoredImage)
            except msgspec.ValidationError as error:
                self._faults.append(f"record {record.sequence}: {error}")
            else:
                self._stored[image.hash] = image
        elif record.kind == RecordKind.IMAGE_REFUSED:
            self._faults.append(f"record {record.sequence}: {record.body.get('reason', 'image refused')}")
        else:
            self._named |= _named(record.body)

    def conclude(self) -> Check:
        """Compare records and files."""
        expected = self._named | set(self._stored)
        there = {path.name for path in self._folder.iterdir()} if self._folder.is_dir() else set()
        strangers = there - {name + SUFFIX for name in expected}
        self._faults += [f"no record names {name}" for name in sorted(strangers)]
        for name in sorted(expected):
            if name + SUFFIX in there:
                self._compare(name)
            else:
                self._faults.append(f"image {name[:12]} is missing")
        return verdict("images", self._faults, f"{len(expected)} images present, pixels match")

    def _compare(self, name: str) -> None:
        try:
            found = read_image(self._folder / (name + SUFFIX))
        except EvidenceError as error:
            self._faults.append(f"image {name[:12]}: {error.what}")
            return
        if found.hash != name:
            self._faults.append(f"image {name[:12]}: the pixels are not those that were stored")
        elif self._stored.get(name, found) != found:
            self._faults.append(f"image {name[:12]}: the file is not the one that was stored")


def _named(body: dict[str, Any]) -> set[str]:
    """The images that an object, a correction or a nonconformity rests on."""
    evidence = body.get("evidence")
    rests_on = [body, *evidence] if isinstance(evidence, list) else [body]
    named = (item.get("roi") for item in rests_on if isinstance(item, dict))
    return {str(name) for name in named if name}
