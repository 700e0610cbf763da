"""From a recording to samples, or the reason why there are none: .npy, .csv and .wav."""

from __future__ import annotations

import math
import re
import wave
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl.devices.files import why_unreadable

MOST_BYTES = {".npy": 1 << 28, ".csv": 1 << 25, ".wav": 1 << 26}
"""Largest recording: 256, 32 and 64 MiB. Read as a whole, text and PCM take several times their size in memory."""
PCM: dict[int, np.dtype[Any]] = {1: np.dtype(np.uint8), 2: np.dtype("<i2"), 4: np.dtype("<i4")}
"""Sample width in bytes → type of a .wav file's samples; 24 bits have no type."""
_EITHER_WAY = re.compile(r"\s*[+-]?\d+,\d+\s*")
"""Rows that are one number with a decimal comma, or two columns of whole numbers."""


class Recording(NamedTuple):
    """Samples of one channel, as stored and before `scale`; or none, and the reason."""

    samples: npt.NDArray[Any]
    fault: str


class Unreadable(ValueError):
    """Says why a recording cannot be used."""


def read_recording(path: Path, channel: int, rate_hz: float) -> Recording:
    """Read one channel; whatever is wrong with the file is a reason, never an exception."""
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        return _none(f"a recording ends in {', '.join(_READERS)}")
    fault = why_unreadable(path, MOST_BYTES[suffix])
    if fault:
        return _none(fault)
    try:
        samples = _READERS[suffix](path, channel, rate_hz)
    except Unreadable as error:
        return _none(str(error))
    except EOFError:
        return _none("cut off: it ends within its header")
    except Exception as error:  # noqa: BLE001  # a reader of others' files may raise anything; it is the file's fault
        return _none(f"cannot be read: {error}"[:200])
    return Recording(samples, "") if samples.size else _none("no samples in it")


def _none(fault: str) -> Recording:
    return Recording(np.zeros(0, np.float32), fault)


def _read_npy(path: Path, channel: int, _rate_hz: float) -> npt.NDArray[Any]:
    """Rows are samples and columns channels."""
    stored = np.load(path, allow_pickle=False)
    if not isinstance(stored, np.ndarray):
        stored.close()
        raise Unreadable("several arrays in one file")
    if stored.dtype.kind not in "fiu":
        raise Unreadable(f"numbers of type {stored.dtype}, expected real ones")
    return _column(stored, channel)


def _column(stored: npt.NDArray[Any], channel: int) -> npt.NDArray[Any]:
    if stored.ndim not in (1, 2):
        raise Unreadable(f"an array of {stored.ndim} dimensions, expected 1, or 2 with a column per channel")
    columns = stored.shape[1] if stored.ndim == 2 else 1
    if channel >= columns:
        raise Unreadable(f"no channel {channel}: it has {columns}")
    return stored[:, channel] if stored.ndim == 2 else stored


def _read_csv(path: Path, channel: int, _rate_hz: float) -> npt.NDArray[Any]:
    """One row per sample, after at most one row of names; what is no number becomes NaN, in its place."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")  # names may be in any code; numbers are alike in all
    lines = [line for line in text.splitlines() if line.strip()]
    middle = lines[len(lines) // 2] if lines else ""  # the first rows may be names, and the last one cut off
    separator = next((it for it in (";", "\t", ",") if it in middle), ",")
    named = bool(lines) and _is_name(_cell(lines[0], separator, channel))
    rows = lines[1:] if named else lines
    if channel == 0 and not (named and separator in lines[0]):
        _refuse_doubtful(rows)
    values = [_number(_cell(row, separator, channel), separator) for row in rows]
    if all(map(math.isnan, values)):
        raise Unreadable(f"no numbers in column {channel}")
    return np.array(values, np.float64)


def _refuse_doubtful(rows: list[str]) -> None:
    """Nobody can tell whether 1,5 is a decimal comma or two columns when all rows look like that and have no names."""
    if rows and all(map(_EITHER_WAY.fullmatch, rows)):
        raise Unreadable(f"{rows[0]!r} may be one number or two; write a decimal point, or `;` between columns")


def _cell(line: str, separator: str, channel: int) -> str:
    cells = line.split(separator)
    return cells[channel].strip() if channel < len(cells) else ""


def _is_name(written: str) -> bool:
    """Whether a first row's cell names its column: NaN and an empty cell are samples that are missing."""
    return bool(written) and written.lower() != "nan" and math.isnan(_number(written, ";"))


def _number(written: str, separator: str) -> float:
    try:
        return float(written.replace(",", ".") if separator != "," else written)
    except ValueError:
        return math.nan


def _read_wav(path: Path, channel: int, rate_hz: float) -> npt.NDArray[Any]:
    """Full scale is ±1. The file knows its rate: another one than configured would shift every frequency."""
    with wave.open(str(path), "rb") as file:
        channels, width, rate, frames = file.getparams()[:4]
        data = file.readframes(frames)
    if rate != round(rate_hz):
        raise Unreadable(f"recorded at {rate} Hz, expected {rate_hz:g} Hz")
    if len(data) < frames * channels * width:
        raise Unreadable("cut off: it has fewer samples than it says")
    return _column(_pcm(data, width).reshape(-1, channels), channel)


def _pcm(data: bytes, width: int) -> npt.NDArray[Any]:
    if width == 3:  # sign and value in the upper three bytes of four
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        return wide.view("<i4").reshape(-1) / 2.0**31
    if width not in PCM:
        raise Unreadable(f"samples of {width} bytes")
    stored: npt.NDArray[np.float64] = np.frombuffer(data, PCM[width]).astype(np.float64)
    return (stored - 128.0) / 128.0 if width == 1 else stored / 2.0 ** (8 * width - 1)


_READERS = {".npy": _read_npy, ".csv": _read_csv, ".wav": _read_wav}
