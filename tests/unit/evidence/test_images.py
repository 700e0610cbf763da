"""Images by content: what is stored is what was hashed."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellctl.errors import EvidenceError
from cellctl.evidence import ImageStore
from cellctl.evidence.images import MAX_PIXELS, read_image, roi_hash
from cellctl.model import RoiImage, Stamp
from tests.unit.evidence.builders import make_image


@given(rows=st.integers(1, 9), columns=st.integers(1, 9), data=st.data())
def test_decoded_png_has_the_documented_hash(
    tmp_path_factory: pytest.TempPathFactory, rows: int, columns: int, data: st.DataObject
) -> None:
    """The file's name can be computed again from its decoded pixels alone."""
    pixels = data.draw(st.binary(min_size=rows * columns, max_size=rows * columns))
    image = RoiImage(stamp=Stamp(0), hash=roi_hash(rows, columns, pixels), rows=rows, columns=columns, pixels=pixels)
    store = ImageStore(tmp_path_factory.mktemp("run") / "images")
    stored = store.put(image)
    assert read_image(store.folder / f"{image.hash}.png") == stored


def test_same_image_is_stored_once(tmp_path: Path) -> None:
    """The second time there is nothing to do."""
    store = ImageStore(tmp_path / "images")
    assert store.put(make_image()) is not None
    assert store.put(make_image()) is None
    assert len(list(store.folder.iterdir())) == 1


@pytest.mark.parametrize(
    "changes",
    [{"hash": "0" * 64}, {"pixels": b"short"}, {"rows": 0, "pixels": b""}, {"rows": MAX_PIXELS}],
)
def test_image_that_is_not_what_it_says_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    """Wrong hash, wrong size, no pixels or far too many: nothing is stored."""
    store = ImageStore(tmp_path / "images")
    with pytest.raises(EvidenceError, match="CELL-4030"):
        store.put(msgspec.structs.replace(make_image(), **changes))
    assert list(store.folder.iterdir()) == []


def test_full_disk_leaves_no_image_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image that could not be written whole does not appear under its name."""
    store = ImageStore(tmp_path / "images")

    def full(_fd: int, _data: memoryview) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(EvidenceError, match="CELL-4032"):
        store.put(make_image())
    assert not (store.folder / f"{make_image().hash}.png").exists()


def test_half_written_images_are_cleared_on_opening(tmp_path: Path) -> None:
    """What a power cut left before its rename was never stored."""
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "abc.part").write_bytes(b"half")
    ImageStore(folder)
    assert list(folder.iterdir()) == []
