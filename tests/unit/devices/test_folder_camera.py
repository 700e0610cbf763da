"""A folder of images in place of a camera: every file is one frame, whatever is wrong with it."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cellctl.devices.folder import FolderCamera
from cellctl.devices.folder.image import read_image
from cellctl.devices.folder.settings import FolderCameraSettings
from cellctl.errors import ConfigError
from cellctl.sdk import EndOfData, Grab

ROWS, COLUMNS = 8, 12
RAMP = np.arange(ROWS * COLUMNS, dtype=np.uint8).reshape(ROWS, COLUMNS)


def save(path: Path, pixels: Any = RAMP, **options: Any) -> Path:
    """Write an image file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def encoded(pixels: Any = RAMP, kind: str = "PNG") -> bytes:
    """An image file's bytes."""
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, kind)
    return target.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def make_settings(path: Path, **changes: Any) -> FolderCameraSettings:
    """Settings for that folder."""
    return FolderCameraSettings.model_validate({"path": str(path), "size": [ROWS, COLUMNS], **changes})


def frames(path: Path, **changes: Any) -> list[tuple[Grab, np.ndarray]]:
    """Everything that the camera gives until its end."""
    camera, found = FolderCamera("camera", make_settings(path, **changes)), []
    camera.open()
    buffer = bytearray(b"\xff" * (ROWS * COLUMNS))
    while True:
        try:
            grab = camera.grab(memoryview(buffer), 0.1)
        except EndOfData:
            camera.close()
            return found
        assert grab is not None
        found.append((grab, np.frombuffer(bytes(buffer), np.uint8).reshape(ROWS, COLUMNS)))


def fault(path: Path, **changes: Any) -> str:
    """Why the one file could not be used; a frame with a fault has black pixels."""
    ((grab, pixels),) = frames(path, **changes)
    assert bool(grab.fault) == (not pixels.any())
    return grab.fault


def test_pixels_of_a_lossless_grey_image_arrive_unchanged(tmp_path: Path) -> None:
    """What was stored is what the cell sees."""
    save(tmp_path / "a.png")
    ((grab, pixels),) = frames(tmp_path)
    assert (grab.fault, grab.origin, grab.frame_id) == ("", "a.png", 0)
    np.testing.assert_array_equal(pixels, RAMP)


def test_files_come_by_name_from_all_folders_below(tmp_path: Path) -> None:
    """The order is that of the names, not of the disk, and the web goes on from one image to the next."""
    for name in ("b/2.png", "b/10.png", "a.png", "c.JPG", "b/readme.txt"):
        if name.endswith("txt"):
            (tmp_path / name).write_text("no image")
        else:
            save(tmp_path / name)
    found = [grab for grab, _ in frames(tmp_path, pixel="0.5 mm")]
    assert [grab.origin for grab in found] == ["a.png", "b/10.png", "b/2.png", "c.JPG"]
    assert [grab.frame_id for grab in found] == [0, 1, 2, 3]
    assert [grab.encoder_mm for grab in found] == [4.0, 8.0, 12.0, 16.0]


def test_pattern_and_recursion_narrow_the_choice(tmp_path: Path) -> None:
    """Only names that match count, and folders below only when asked for."""
    for name in ("x_top.png", "x_low.png", "below/y_top.png"):
        save(tmp_path / name)
    assert [it.origin for it, _ in frames(tmp_path, pattern="*_top.png")] == ["below/y_top.png", "x_top.png"]
    assert [it.origin for it, _ in frames(tmp_path, recursive=False)] == ["x_low.png", "x_top.png"]


def test_colour_becomes_grey_by_bt_601(tmp_path: Path) -> None:
    """Pure red, green and blue have the weights 0.299, 0.587 and 0.114."""
    colours = np.zeros((ROWS, COLUMNS, 3), np.uint8)
    colours[:, 0:4, 0], colours[:, 4:8, 1], colours[:, 8:, 2] = 255, 255, 255
    save(tmp_path / "a.png", colours)
    ((_, pixels),) = frames(tmp_path)
    assert [int(value) for value in pixels[0, [0, 4, 8]]] == [76, 150, 29]


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated jpeg": (lambda p: p.write_bytes(encoded(kind="JPEG")[:-4]), "cut off or damaged: the end"),
    "truncated png": (lambda p: p.write_bytes(encoded()[:50]), "cannot be decoded: Truncated File Read"),
    "text": (lambda p: p.write_text("this is no image\n"), "not an image that can be read"),
    "empty": (lambda p: p.write_bytes(b""), "an empty file"),
    "folder": (lambda p: p.mkdir(), "a folder, not a file"),
    "pipe": (os.mkfifo, "not a regular file"),
    "link to nothing": (lambda p: p.symlink_to("nowhere.jpg"), "cannot be read: No such file"),
    "link to itself": (lambda p: p.symlink_to(p.name), "cannot be read: Too many levels of symbolic links"),
    "other size": (lambda p: p.write_bytes(encoded(np.ones((9, 12), np.uint8))), "9 × 12 pixels, expected 8 × 12"),
    "16 bits": (lambda p: p.write_bytes(encoded(np.ones((8, 12), np.uint16))), "pixels of type I;16, expected 8 bits"),
    "floats": (lambda p: p.write_bytes(encoded(np.ones((8, 12), np.float32), "TIFF")), "pixels of type F"),
    "other format": (lambda p: p.write_bytes(encoded(kind="GIF")), "not an image that can be read"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_file_is_a_frame_with_its_reason(tmp_path: Path, case: str) -> None:
    """Nothing that can lie in a folder raises; the reason says what it is."""
    make, reason = BROKEN[case]
    make(tmp_path / "a.jpg")
    assert fault(tmp_path).startswith(reason)


def test_file_without_permission_is_a_frame_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that this user may not read is reported as such."""
    save(tmp_path / "a.png")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert fault(tmp_path) == "cannot be read: Permission denied"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_image_that_ends_in_zeros_is_a_frame_with_its_reason(tmp_path: Path, kind: str) -> None:
    """After a loss of power a file has its length and no content; the decoder makes a texture of zeros."""
    noise = np.random.default_rng(1).integers(0, 255, (ROWS, COLUMNS), np.uint8)
    whole = encoded(noise, kind)
    (tmp_path / "a.jpg").write_bytes(whole)
    assert fault(tmp_path) == ""
    for kept in (len(whole) * 6 // 7, len(whole) - 30):
        (tmp_path / "a.jpg").write_bytes(whole[:kept].ljust(len(whole), b"\0"))
        assert fault(tmp_path)


def test_thumbnail_does_not_stand_in_for_the_end_of_the_picture(tmp_path: Path) -> None:
    """A picture within the header has an end of its own; what follows a whole picture does no harm."""
    thumbnail, whole = encoded(RAMP, "JPEG"), encoded(RAMP, "JPEG")
    inner = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    (tmp_path / "a.jpg").write_bytes(whole[:2] + inner + whole[2:] + b"trailer")
    assert fault(tmp_path) == ""
    (tmp_path / "a.jpg").write_bytes(whole[:2] + inner + whole[2:-2] + bytes(64))
    assert fault(tmp_path).startswith("cut off or damaged")


def test_name_of_any_bytes_is_told_as_text(tmp_path: Path) -> None:
    """What is no UTF-8, breaks a line or steers a terminal is escaped; the file is read all the same."""
    for name in (b"\xff\xfe.png", b"a\nb.png", b"\x1b[31m.png", "\u00e9.png".encode()):
        save(tmp_path / os.fsdecode(name))
    origins = [grab.origin for grab, _ in frames(tmp_path) if not grab.fault]
    assert sorted(origins) == sorted(["\\udcff\\udcfe.png", "a\\nb.png", "\\x1b[31m.png", "\u00e9.png"])
    assert all(origin.encode() for origin in origins)


def test_animation_is_refused(tmp_path: Path) -> None:
    """Of several pictures in one file none is taken for the web."""
    pages = [Image.fromarray(RAMP), Image.fromarray(RAMP[::-1].copy())]
    pages[0].save(tmp_path / "a.tiff", save_all=True, append_images=pages[1:])
    assert fault(tmp_path) == "several pictures in one file"


@pytest.mark.parametrize("side", [9_000, 60_000])
def test_image_that_claims_to_be_huge_is_not_decoded(tmp_path: Path, side: int) -> None:
    """A small file that says it has billions of pixels is refused from its header, also where larger ones are cut."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(png)
    said = fault(tmp_path, other_size="crop")
    assert said in {f"{side} × {side} pixels, more than are decoded", "claims to be larger than any that is decoded"}


def test_folder_that_links_to_itself_is_read_once(tmp_path: Path) -> None:
    """Links to folders are not followed, so there is no way round."""
    save(tmp_path / "a.png")
    (tmp_path / "again").symlink_to(tmp_path)
    assert len(frames(tmp_path)) == 1


def test_smaller_image_is_set_into_the_middle_of_black(tmp_path: Path) -> None:
    """`pad` keeps every pixel."""
    save(tmp_path / "a.png", RAMP[:4, :6] + 1)
    ((grab, pixels),) = frames(tmp_path, other_size="pad")
    assert grab.fault == ""
    np.testing.assert_array_equal(pixels[2:6, 3:9], RAMP[:4, :6] + 1)
    assert pixels.astype(int).sum() == (RAMP[:4, :6] + 1).astype(int).sum()


def test_middle_of_a_larger_image_is_taken(tmp_path: Path) -> None:
    """`crop` takes the same number of pixels off both ends."""
    save(tmp_path / "a.png", np.pad(RAMP, ((2, 2), (3, 3)), constant_values=200))
    ((grab, pixels),) = frames(tmp_path, other_size="crop")
    assert grab.fault == ""
    np.testing.assert_array_equal(pixels, RAMP)


def test_crop_does_not_invent_what_is_missing(tmp_path: Path) -> None:
    """A smaller image cannot be cut to size, and a larger one not padded."""
    save(tmp_path / "a.png", np.ones((4, 12), np.uint8))
    assert fault(tmp_path, other_size="crop") == "4 × 12 pixels, expected 8 × 12"
    save(tmp_path / "a.png", np.ones((16, 12), np.uint8))
    assert fault(tmp_path, other_size="pad") == "16 × 12 pixels, expected 8 × 12"


def test_broken_file_takes_its_place_on_the_web(tmp_path: Path) -> None:
    """A file that cannot be read is no hole: its neighbours stay where they are."""
    save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"")
    save(tmp_path / "c.png")
    found = [grab for grab, _ in frames(tmp_path, pixel="1 mm")]
    assert [(it.frame_id, it.encoder_mm, bool(it.fault)) for it in found] == [
        (0, 8.0, False),
        (1, 16.0, True),
        (2, 24.0, False),
    ]


def test_empty_folder_is_refused_before_the_run(tmp_path: Path) -> None:
    """A camera that would never give a frame is a mistake of the configuration."""
    (tmp_path / "readme.txt").write_text("no image")
    with pytest.raises(ConfigError, match="CELL-1172: no file to read"):
        FolderCamera.check(make_settings(tmp_path))


def test_frame_too_large_for_the_pool_is_refused_before_the_run(tmp_path: Path) -> None:
    """A size that no PC could hold is a mistake of the configuration."""
    save(tmp_path / "a.png")
    with pytest.raises(ConfigError, match="CELL-1173"):
        FolderCamera.check(make_settings(tmp_path, size=[60_000, 60_000]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["PNG", "JPEG", "BMP", "TIFF"]), data=st.data())
def test_damaged_file_never_raises(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    """Whatever bytes are changed or cut off, the file is pixels of the right shape or a reason."""
    whole = bytearray(encoded(kind=kind))
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=8)):
        whole[place] = value
    file = tmp_path / "a.png"
    file.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    found = read_image(file, ROWS, COLUMNS, "refuse")
    assert (found.pixels is None) == bool(found.fault)
    assert found.pixels is None or found.pixels.shape == (ROWS, COLUMNS)
