"""What must be kept, in bytes: rate × time, by stream; and how much of the raw frames fits beside it.

Each figure says what it rests on: a run that was measured, the contract, or the sizes stated below.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from cellctl.config.resolved import ResolvedCell
from cellctl.errors import Text, text
from cellctl.units import convert

DAY_S = 86_400.0
IMAGE_BYTES = 2_741.0
"""PNG of one object: the mean of 1000 objects of the simulated coater (`cellctl bench-loop`)."""
LEDGER_BYTES_S = 440.0
"""Ledger and journals of a cell in control: six minutes of the simulated coater gave 169 kB."""
SAMPLE_BYTES = 4
"""A sample of a waveform is kept as float32."""
SHARE = 0.8
"""Of the disk that is free, so much may be filled on purpose."""
KEEP_EVERY = "keep_every"
"""Setting of inspectors: every n-th whole frame is kept."""
IMAGE_RATE = "image_rate"
"""Setting of inspectors: images of objects per second, at most."""


class Sizes(NamedTuple):
    """Sizes to reckon with, and where they come from.

    Attributes:
        image_bytes: one image of an object.
        ledger_bytes_s: ledger and journals, per second.
        source: in words.
    """

    image_bytes: float = IMAGE_BYTES
    ledger_bytes_s: float = LEDGER_BYTES_S
    source: Text = text("sizes of the simulated coater")


class Camera(NamedTuple):
    """A camera's raw stream: bytes of one frame and frames per second; either is 0 when it is not known."""

    frame_bytes: float
    frames_per_s: float

    @property
    def bytes_per_s(self) -> float:
        """The whole stream, uncompressed."""
        return self.frame_bytes * self.frames_per_s


def line_scan(pixels: int, lines_per_s: float) -> Camera:
    """An 8-bit line-scan camera, one line per frame."""
    return Camera(float(pixels), lines_per_s)


def waveform_bytes_s(rate_hz: float, channels: int = 1) -> float:
    """A sampled signal, per second."""
    return rate_hz * channels * SAMPLE_BYTES


def images_per_s(cell: ResolvedCell) -> tuple[float, Text]:
    """Images of objects per second, and what that rests on."""
    contract, speed = cell.contract, cell.recipe.web_speed_m_s
    if contract is not None and contract.objects_per_m and speed:
        return contract.objects_per_m * speed, text("{rate:g} objects per m at {speed:g} m/s, as contracted",
                                                    rate=contract.objects_per_m, speed=speed)  # fmt: skip
    limits = [convert(it.settings[IMAGE_RATE], "Hz") for it in cell.plugins if IMAGE_RATE in it.settings]
    return sum(limits), text("{rate:g} images per s, as many as the inspectors may send", rate=sum(limits))


def kept_frames(cell: ResolvedCell, cameras: Mapping[str, Camera]) -> dict[str, tuple[int, float]]:
    """Camera → (n, bytes per second) of the whole frames that its inspector keeps, uncompressed."""
    found = {}
    for entry in cell.plugins:
        every = int(entry.settings.get(KEEP_EVERY) or 0)
        for name in entry.sources or tuple(cameras):
            if every and name in cameras:
                found[name] = (every, cameras[name].bytes_per_s / every)
    return found


def keep_bytes(
    cell: ResolvedCell, cameras: Mapping[str, Camera], sizes: Sizes | None = None, days: float = 0.0
) -> tuple[float, Text]:
    """Bytes of all that is kept over the contracted time or so many days, and what the images rest on."""
    sizes = sizes or Sizes()
    frames = kept_frames(cell, cameras)
    whole = sum(bytes_s for _, bytes_s in frames.values())
    keep_s = days * DAY_S or (cell.contract.keep_s if cell.contract is not None else 90 * DAY_S)
    rate, basis = images_per_s(cell)
    if frames:
        names = ", ".join(f"{name} 1/{every}" for name, (every, _) in frames.items())
        basis = text("{basis}, and whole frames of {names}", basis=basis, names=names)
    return keep_s * (rate * sizes.image_bytes + sizes.ledger_bytes_s + whole), basis


def offer_every(camera: Camera, keep_s: float, room_bytes: float) -> int:
    """The smallest n such that every n-th frame of a camera fits into the room; 0 when none does."""
    whole = camera.bytes_per_s * keep_s
    if room_bytes <= 0.0 or whole <= 0.0:
        return 0
    return _round_up(math.ceil(whole / room_bytes))


def _round_up(count: int) -> int:
    """To two leading digits, so that a person can remember it."""
    if count < 100:
        return max(1, count)
    step = int(10 ** (len(str(count)) - 2))
    return -(-count // step) * step


class Line(NamedTuple):
    """One line of the table: what is kept, bytes per day, bytes over the whole time, and what that rests on."""

    what: Text
    per_day: float
    total: float
    basis: Text


def table(
    cell: ResolvedCell, days: float, cameras: Mapping[str, Camera], waveforms: Mapping[str, float], sizes: Sizes
) -> list[Line]:
    """The table of a cell: waveforms in samples per second, cameras as their raw streams."""
    rate, basis = images_per_s(cell)
    lines = [_line(text("all raw frames of {camera}", camera=name), it.bytes_per_s, days,
                   text("{bytes:.3g} MB a frame, {rate:g} frames/s", bytes=it.frame_bytes / 1e6,
                        rate=it.frames_per_s)) for name, it in cameras.items()]  # fmt: skip
    lines += [_line(text("all samples of {device}", device=name), waveform_bytes_s(hz), days,
                    text("{rate:g} samples/s of 4 bytes", rate=hz)) for name, hz in waveforms.items()]  # fmt: skip
    lines.append(_line(text("images of objects"), rate * sizes.image_bytes, days,
                       text("{basis}; {size:.3g} kB each, {source}", basis=basis, size=sizes.image_bytes / 1e3,
                            source=sizes.source)))  # fmt: skip
    lines += [_line(text("every {every}th whole frame of {camera}", every=every, camera=name), bytes_s, days,
                    text("keep_every of its inspector, uncompressed"))
              for name, (every, bytes_s) in kept_frames(cell, cameras).items()]  # fmt: skip
    lines.append(_line(text("ledger and journals"), sizes.ledger_bytes_s, days,
                       text("{rate:.3g} B/s, {source}", rate=sizes.ledger_bytes_s, source=sizes.source)))  # fmt: skip
    return lines


def _line(what: Text, bytes_per_s: float, days: float, basis: Text) -> Line:
    return Line(what, bytes_per_s * DAY_S, bytes_per_s * DAY_S * days, basis)
