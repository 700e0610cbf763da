"""ROI images by content: a file is named by the hash of its pixels and can be checked without the ledger."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import msgspec
from PIL import Image

from cellctl.errors import EvidenceError, Where
from cellctl.evidence.canonical import sha256_hex
from cellctl.evidence.files import sync_folder, write_file
from cellctl.model import RoiImage

MAX_PIXELS = 32 * 1024 * 1024
"""A crop is some 10⁴ pixels, a whole block of a 16 k line-scan camera 8·10⁶; more than four of those is damage."""

SUFFIX = ".png"


class StoredImage(msgspec.Struct, frozen=True):
    """What the ledger keeps about an image.

    Attributes:
        hash: of rows, columns and pixels, see `roi_hash`.
        rows: lines along the web.
        columns: pixels across the web.
        file_sha256: of the PNG file's bytes, hex.
        file_bytes: size of the PNG file.
    """

    hash: str
    rows: int
    columns: int
    file_sha256: str
    file_bytes: int


def roi_hash(rows: int, columns: int, pixels: bytes) -> str:
    """SHA-256 over `rows`, `columns` (each 4 bytes, little-endian) and the pixel bytes, hex."""
    digest = hashlib.sha256(rows.to_bytes(4, "little") + columns.to_bytes(4, "little"))
    digest.update(pixels)
    return digest.hexdigest()


def check_image(image: RoiImage) -> None:
    """EvidenceError (CELL-4030) when an image is not what its hash says."""
    shape = f"{image.rows} rows of {image.columns}"
    if image.rows < 1 or image.columns < 1 or image.rows * image.columns > MAX_PIXELS:
        raise EvidenceError(
            "CELL-4030",
            "expected an image of 1 to {limit} pixels, got {shape}",
            limit=MAX_PIXELS,
            shape=shape,
        )
    if len(image.pixels) != image.rows * image.columns:
        raise EvidenceError(
            "CELL-4030", "expected {shape} pixels, got {size} bytes", shape=shape, size=len(image.pixels)
        )
    if roi_hash(image.rows, image.columns, image.pixels) != image.hash:
        raise EvidenceError("CELL-4030", "the pixels of image {image} do not match its hash", image=image.hash[:12])


def read_image(path: Path) -> StoredImage:
    """Decode a stored image and hash it again; EvidenceError (CELL-4031) when it is no such image."""
    where = Where(path.name)
    try:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            columns, rows = picture.size
            if picture.mode != "L" or rows * columns > MAX_PIXELS:
                raise EvidenceError("CELL-4031", "not an 8-bit grey image of a crop's size", where=where)
            pixels = picture.tobytes()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise EvidenceError("CELL-4031", "cannot read the image: {reason}", where=where, reason=error) from error
    return StoredImage(roi_hash(rows, columns, pixels), rows, columns, sha256_hex(data), len(data))


class ImageStore:
    """A folder of PNG files; an image is stored when `put` returns (with `sync` off: handed to the system)."""

    def __init__(self, folder: Path, *, sync: bool = True) -> None:
        self.folder = folder
        self._syncs = sync
        folder.mkdir(parents=True, exist_ok=True)
        for part in folder.glob("*.part"):
            part.unlink()  # a power cut came before its rename: it was never stored
        sync_folder(folder.parent)

    def put(self, image: RoiImage) -> StoredImage | None:
        """Store an image; None when it was there already.

        Raises EvidenceError: CELL-4030 when it is not what its hash says, CELL-4032 when the disk fails.
        """
        check_image(image)
        path = self.folder / f"{image.hash}{SUFFIX}"
        where = Where(str(path))
        try:
            if path.exists():
                return None
            data = _png(image)
            write_file(path, data, sync=self._syncs)
        except OSError as error:
            raise EvidenceError("CELL-4032", "cannot store an image: {reason}", where=where, reason=error) from error
        return StoredImage(image.hash, image.rows, image.columns, sha256_hex(data), len(data))


def _png(image: RoiImage) -> bytes:
    picture = Image.frombytes("L", (image.columns, image.rows), image.pixels)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
