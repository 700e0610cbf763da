"""Reads labelled images: one folder per class, the folder's name is the label.

Before its features are taken every image is written as JPEG with one quality and read again, in memory. Where some
classes were stored as PNG, the blocks of the JPEG code would otherwise tell a class by its file type.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import warnings
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from cellctl.devices.files import FileChoice, FoundFile, find_files, why_unreadable
from cellctl.devices.folder.image import FORMATS, MOST_BYTES, read_image
from cellctl.devices.folder.settings import SUFFIXES
from cellctl.errors import ConfigError, Where
from cellctl.inspect.strip import describe_image

Pixels = npt.NDArray[np.uint8]

QUALITY = 75
"""Of the JPEG code that all images pass before their features are taken."""


class Labelled(NamedTuple):
    """One image.

    Attributes:
        path: its file.
        label: name of its class, with `_` for what is no letter or digit.
        digest: SHA-256 of its grey pixels as `RoiImage.hash` has it, hex: the name of its content, whatever the file.
        size: rows and columns.
        features: of the image once recoded, shape (n,), float32; a model is trained on these.
        as_stored: of the image as it is, which is what a camera's inspector sees.
    """

    path: Path
    label: str
    digest: str
    size: tuple[int, int]
    features: npt.NDArray[np.float32]
    as_stored: npt.NDArray[np.float32]


class Collection(NamedTuple):
    """All images of a folder of classes; `left_out` says of each file that could not be used why."""

    images: tuple[Labelled, ...]
    left_out: dict[str, str]


def read_folder(folder: Path, size: tuple[int, int] | None = None) -> Collection:
    """Read every image below `folder`, as the folder camera does; ConfigError CELL-1191 when there are not two classes.

    Args:
        folder: holds class folders, at any depth: the folder that an image lies in names its class.
        size: rows and columns that images must have; the most frequent size when None.
    """
    files = _files(folder)
    rows, columns = size or _most_frequent_size(files)
    images: list[Labelled] = []
    left_out: dict[str, str] = {}
    for file in files:
        found = read_image(file.path, rows, columns, "refuse")
        if found.pixels is None:
            left_out[file.origin] = found.fault
        else:
            images.append(_labelled(file.path, found.pixels))
    classes = len({image.label for image in images})
    if classes < 2:
        raise ConfigError(
            "CELL-1191",
            "expected images in two or more class folders, got {images} images in {classes}",
            where=Where(str(folder)),
            do="give the folder that holds one folder per class",
            images=len(images),
            classes=classes,
        )
    return Collection(tuple(images), left_out)


def recoded(pixels: Pixels) -> Pixels:
    """The image after it was stored as JPEG of the common quality."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=QUALITY)
    with Image.open(buffer) as image:
        return np.asarray(image, dtype=np.uint8)


def label_of(folder: str) -> str:
    """A class's name as the configuration writes it: `red iron` becomes `red_iron`."""
    return re.sub(r"\W+", "_", folder.strip()).strip("_").lower()


def digest_of(pixels: Pixels) -> str:
    """Name of an image's content, as the evidence names it."""
    rows, columns = pixels.shape
    return hashlib.sha256(struct.pack("<II", rows, columns) + pixels.tobytes()).hexdigest()


def _labelled(path: Path, pixels: Pixels) -> Labelled:
    rows, columns = pixels.shape
    return Labelled(
        path,
        label_of(path.parent.name),
        digest_of(pixels),
        (rows, columns),
        describe_image(recoded(pixels)),
        describe_image(pixels),
    )


def _files(folder: Path) -> list[FoundFile]:
    """Image files in the order of their names, which is the same on every machine."""
    if not folder.is_dir():
        raise ConfigError(
            "CELL-1191", "expected a folder of images, got none", where=Where(str(folder)), do="correct the path"
        )
    return find_files(folder, FileChoice(SUFFIXES, "", recursive=True))


def _most_frequent_size(files: list[FoundFile]) -> tuple[int, int]:
    sizes = []
    for file in files:
        # What cannot be opened has no size; reading it says why. Of a pipe not even the opening would end.
        if why_unreadable(file.path, MOST_BYTES):
            continue
        with (
            warnings.catch_warnings(action="ignore"),
            suppress(Exception),
            Image.open(file.path, formats=FORMATS) as image,
        ):
            sizes.append((image.height, image.width))
    return max(sorted(set(sizes)), key=sizes.count, default=(1, 1))
