"""From an image file to grey pixels of the size that is asked for, or the reason why there are none.

Colour becomes grey by ITU-R BT.601: 0.299 red + 0.587 green + 0.114 blue. Transparency and the orientation that a
photo camera notes in the file are ignored.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from cellctl.devices.files import why_unreadable

FORMATS = ("JPEG", "PNG", "BMP", "TIFF")
"""Nothing else is decoded, whatever a file is called: some formats run programs."""
MOST_BYTES = 1 << 28
"""Largest file, 256 MiB."""
MOST_DECODED = 1 << 26
"""Largest image that is decoded, pixels; a small file can claim any size."""
END_OF_JPEG, SCAN_OF_JPEG = b"\xff\xd9", b"\xff\xda"
EIGHT_BITS = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"})


class ReadImage(NamedTuple):
    """Grey pixels (uint8, rows × columns), or none and the reason."""

    pixels: npt.NDArray[np.uint8] | None
    fault: str


def read_image(path: Path, rows: int, columns: int, other_size: str) -> ReadImage:
    """Read one image; whatever is wrong with the file is a reason, never an exception."""
    fault = why_unreadable(path, MOST_BYTES)
    if fault:
        return ReadImage(None, fault)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the decoder finds odd and reads all the same
            return _decode(path, rows, columns, other_size)
    except UnidentifiedImageError:
        return ReadImage(None, "not an image that can be read")
    except Image.DecompressionBombError:
        return ReadImage(None, "claims to be larger than any that is decoded")
    except Exception as error:  # noqa: BLE001  # a decoder of others' files may raise anything; it is the file's fault
        return ReadImage(None, f"cannot be decoded: {error}"[:200])


def _decode(path: Path, rows: int, columns: int, other_size: str) -> ReadImage:
    stored = path.read_bytes()  # once: the file may change while it is looked at
    with Image.open(io.BytesIO(stored), formats=FORMATS) as image:
        fault = _refuse(image, rows, columns, other_size) or _damage(stored, image.format)
        if fault:
            return ReadImage(None, fault)
        image.load()
        grey = image if image.mode == "L" else image.convert("RGB").convert("L")
        return ReadImage(_fitted(np.asarray(grey, dtype=np.uint8), rows, columns), "")


def _refuse(image: Image.Image, rows: int, columns: int, other_size: str) -> str:
    """What can be seen before anything is decoded."""
    if getattr(image, "n_frames", 1) > 1:
        return "several pictures in one file"
    if image.mode not in EIGHT_BITS:
        return f"pixels of type {image.mode}, expected 8 bits"
    if image.width * image.height > MOST_DECODED:
        return f"{image.height} × {image.width} pixels, more than are decoded"
    larger = image.height > rows or image.width > columns
    smaller = image.height < rows or image.width < columns
    if (larger and other_size != "crop") or (smaller and other_size != "pad"):
        return f"{image.height} × {image.width} pixels, expected {rows} × {columns}"
    return ""


def _damage(stored: bytes, kind: str | None) -> str:
    """What the decoder would not notice: after a loss of power a file may end in zeros, which decode to some texture.

    JPEG (ITU-T T.81, B.1.1.2): after the last scan an end of image, a code that no picture data contain. PNG: the check
    sum of every chunk.
    """
    if kind == "JPEG" and stored.rfind(END_OF_JPEG) < stored.rfind(SCAN_OF_JPEG):
        return "cut off or damaged: the end of the picture is missing"
    if kind == "PNG":
        with Image.open(io.BytesIO(stored), formats=("PNG",)) as image:
            image.verify()
    return ""


def _fitted(grey: npt.NDArray[np.uint8], rows: int, columns: int) -> npt.NDArray[np.uint8]:
    """The middle of a larger image, or a smaller one in the middle of black."""
    if grey.shape == (rows, columns):
        return grey
    top, left = max(0, grey.shape[0] - rows) // 2, max(0, grey.shape[1] - columns) // 2
    part = grey[top : top + rows, left : left + columns]
    fitted = np.zeros((rows, columns), np.uint8)
    below, right = (rows - part.shape[0]) // 2, (columns - part.shape[1]) // 2
    fitted[below : below + part.shape[0], right : right + part.shape[1]] = part
    return fitted
