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
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from cellctl.errors import ConfigError, Where
from cellctl.inspect.strip import describe_image

Pixels = npt.NDArray[np.uint8]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff"})
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
    """Read every image below `folder`; ConfigError CELL-1191 when there are not two classes of them.

    Args:
        folder: holds class folders, at any depth: the folder that an image lies in names its class.
        size: rows and columns that images must have; the most frequent size when None.
    """
    found, left_out = [], {}
    for path in _files(folder):
        name = str(path.relative_to(folder))
        try:
            found.append((path, read_grey(path)))
        except (
            OSError,
            ValueError,
            SyntaxError,
            Image.DecompressionBombError,
            Image.DecompressionBombWarning,
        ) as error:
            left_out[name] = f"no image: {error}"
    wanted = size or _most_frequent([pixels.shape for _, pixels in found])
    images = []
    for path, pixels in found:
        if pixels.shape == wanted:
            images.append(_labelled(path, pixels))
        else:
            left_out[str(path.relative_to(folder))] = f"{pixels.shape[0]}x{pixels.shape[1]} pixels"
    if len({image.label for image in images}) < 2:
        raise ConfigError(
            "CELL-1191",
            "expected images in two or more class folders, got {images} images in {classes}",
            where=Where(str(folder)),
            do="give the folder that holds one folder per class",
            images=len(images),
            classes=len({image.label for image in images}),
        )
    return Collection(tuple(images), left_out)


def read_grey(path: Path) -> Pixels:
    """Pixels of an image as grey values (0.299 R + 0.587 G + 0.114 B), shape (rows, columns), uint8."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(path) as image:
            return np.asarray(image.convert("L"), dtype=np.uint8)


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


def _files(folder: Path) -> Iterator[Path]:
    """Image files by name, in the order of their paths, which is the same on every machine."""
    if not folder.is_dir():
        raise ConfigError(
            "CELL-1191", "expected a folder of images, got none", where=Where(str(folder)), do="correct the path"
        )
    yield from sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())


def _most_frequent(shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    return max(sorted(set(shapes)), key=shapes.count, default=(0, 0))
