"""Connected regions and the full candidate pass against OpenCV.

Frames begin at a page, as those in shared memory do. Ours gets the grey frame, and gives threshold and all statistics;
the peers get a ready mask where their name says so. Measures of sampled lines are part of the candidate pass, of ours
and of the peers'; of a frame only one line is sampled, as contours and components measure none.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.peers.case import Case, Limit, Peer
from cellctl.inspect import Pitch, Rules
from cellctl.inspect.reference import Reference
from cellctl.kernels import Bounds, RegionFinder
from cellsim.render import COLUMN_MM, COLUMNS, ROW_MM, ROWS, WebRenderer, draw_object

Pixels = npt.NDArray[np.uint8]

AREA_ROWS, AREA_COLUMNS = 2048, 2560
GREY = 100
SAMPLED = 64
"""Lines of a block that are sampled for the measures."""


def at_page(pixels: Pixels) -> Pixels:
    """A copy that begins at a page."""
    copy = np.frombuffer(mmap.mmap(-1, pixels.nbytes), np.uint8).reshape(pixels.shape)
    copy[:] = pixels
    return copy


def blobs(salt: float) -> Pixels:
    """A noisy grey frame with 300 dark and bright discs of 5 to 17 pixels across, and a share of single pixels."""
    rng = np.random.default_rng(11)
    frame = rng.integers(GREY - 10, GREY + 11, (AREA_ROWS, AREA_COLUMNS), dtype=np.uint8)
    for _ in range(300):
        centre = int(rng.integers(AREA_COLUMNS)), int(rng.integers(AREA_ROWS))
        cv2.circle(frame, centre, int(rng.integers(2, 9)), int(rng.choice([20, 200])), -1)
    frame[rng.random(frame.shape) < salt] = 255
    return at_page(frame)


def flat(columns: int) -> Bounds:
    """The same bounds in every column."""
    gain = np.full(columns, 1 / GREY, np.float32)
    return Bounds(np.full(columns, GREY - 20, np.uint8), np.full(columns, GREY + 20, np.uint8), gain)


def areas_differ(found: npt.NDArray[np.void], mask: Pixels) -> float:
    """Largest difference of the sorted areas from OpenCV's; infinite where the number of regions differs."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    ours, theirs = np.sort(found["area"]), np.sort(stats[1:, cv2.CC_STAT_AREA])
    return float(np.abs(ours - theirs).max(initial=0)) if len(ours) == len(theirs) else float("inf")


def reading(frame: Pixels) -> Callable[[], Any]:
    """Reads every byte once; as fast as any NumPy, OpenCV or libc call that was tried on such a frame."""
    words = frame.reshape(-1).view(np.uint64)
    return lambda: np.bitwise_or.reduce(words)


class Labelling:
    """OpenCV's ways from a frame to its components, with outputs that are allocated once."""

    def __init__(self, frame: Pixels) -> None:
        self._frame = frame
        self._labels = np.empty(frame.shape, np.uint16)
        self._work = at_page(np.empty_like(frame))
        self.mask = at_page(self.threshold())

    def threshold(self) -> Pixels:
        """255 where a pixel leaves the bounds."""
        cv2.inRange(self._frame, GREY - 20, GREY + 20, dst=self._work)
        cv2.bitwise_not(self._work, dst=self._work)
        return self._work

    def contours(self, mask: Pixels) -> Any:
        """Outlines of the components, without their statistics."""
        return cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)

    def components(self, mask: Pixels) -> Any:
        """Components with area, box and centroid, with labels of 16 bits."""
        return cv2.connectedComponentsWithStats(mask, labels=self._labels, connectivity=8, ltype=cv2.CV_16U)


def area_case(name: str, salt: float, goals: tuple[float, float, float], limit_goal: float) -> Case:
    """Regions of a frame of an area camera; goals are those against contours, components, and threshold + contours."""
    frame = blobs(salt)
    by_cv2, bounds = Labelling(frame), flat(AREA_COLUMNS)
    finder = RegionFinder(AREA_COLUMNS, sample_every=AREA_ROWS, runs=65_536, capacity=65_536)
    peers = (
        Peer("cv2.connectedComponentsWithStats 16U of a mask", lambda: by_cv2.components(by_cv2.mask), goals[1]),
        Peer("cv2.findContours of a mask", lambda: by_cv2.contours(by_cv2.mask), goals[0]),
        Peer("cv2 threshold + findContours", lambda: by_cv2.contours(by_cv2.threshold()), goals[2]),
    )
    return Case(
        name,
        lambda: finder.find(frame, bounds),
        peers if goals[0] else peers[:1],
        Limit("read the frame", reading(frame), limit_goal),
        lambda: areas_differ(finder.find(frame, bounds).regions, by_cv2.mask),
        "pixels of area",
        frame.nbytes,
    )


class CandidatePass:
    """The candidate pass of a line camera out of OpenCV calls, on the same sampled lines; its maps are made once."""

    def __init__(self, block: Pixels, bounds: Bounds) -> None:
        self._block, self._sampled = block, block[:: ROWS // SAMPLED]
        maps = (np.tile(array, (ROWS, 1)) for array in (bounds.lo, bounds.hi, bounds.gain * np.float32(GREY)))
        self._lo, self._hi, self._gain = maps
        self._before = self._sampled.copy()
        self._work, self._mask = np.empty_like(block), np.empty_like(block)
        self._labels = np.empty(block.shape, np.uint16)

    def measures(self) -> Any:
        """Column sums, brightness, saturation, focus and change."""
        lines = self._sampled
        return (
            cv2.reduce(lines, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S),
            cv2.mean(lines),
            cv2.countNonZero(cv2.threshold(lines, 249, 255, cv2.THRESH_BINARY)[1]),
            cv2.norm(lines[:, 1:], lines[:, :-1], cv2.NORM_L2SQR),
            cv2.norm(lines, self._before, cv2.NORM_L1),
        )

    def label(self) -> Any:
        """Components of the mask."""
        return cv2.connectedComponentsWithStats(self._mask, labels=self._labels, connectivity=8, ltype=cv2.CV_16U)

    def corrected(self) -> Any:
        """Flat field by multiplication, then the difference from normal against one threshold."""
        cv2.multiply(self._block, self._gain, dst=self._work, dtype=cv2.CV_8U)
        cv2.absdiff(self._work, GREY, dst=self._work)  # a number is taken as well
        cv2.threshold(self._work, 15, 255, cv2.THRESH_BINARY, dst=self._mask)
        return self.label(), self.measures()

    def folded(self) -> Any:
        """Flat field folded into bounds per pixel."""
        cv2.inRange(self._block, self._lo, self._hi, dst=self._mask)
        cv2.bitwise_not(self._mask, dst=self._mask)
        return self.label(), self.measures()

    def mask(self) -> Pixels:
        """The candidates of the folded way."""
        self.folded()
        return self._mask


def candidate_case() -> Case:
    """The whole pass over a rendered block with five objects."""
    renderer, rng = WebRenderer(5), np.random.default_rng(5)
    reference = Reference(COLUMNS, Pitch(ROW_MM, COLUMN_MM), Rules())
    for number in range(Rules().reference_blocks):
        reference.learn(renderer.render(number * ROWS))
    first = Rules().reference_blocks * ROWS
    s_mm = (first + ROWS / 2) * ROW_MM
    kinds = ("coat_edge_spur", "agglomerate", "streak", "dust", "agglomerate")
    block = at_page(renderer.render(first, [draw_object(kind, s_mm, rng) for kind in kinds]))
    bounds, finder = reference.bounds(), RegionFinder(COLUMNS, sample_every=ROWS // SAMPLED)
    by_cv2 = CandidatePass(block, bounds)
    return Case(
        f"candidate pass, {COLUMNS}×{ROWS}: flat field, threshold, regions, measures",
        lambda: finder.find(block, bounds),
        (
            Peer("cv2 inRange with folded bounds, components, measures", by_cv2.folded, 4.0),
            Peer("cv2 multiply, absdiff, threshold, components, measures", by_cv2.corrected, 4.0),
        ),
        Limit("read the block", reading(block)),
        lambda: areas_differ(finder.find(block, bounds).regions, by_cv2.mask()),
        "pixels of area",
        block.nbytes,
        1.5e9,
    )


def cases() -> list[Case]:
    """The rows of this concept."""
    cv2.setNumThreads(1)
    size = f"{AREA_COLUMNS}×{AREA_ROWS}"
    return [
        area_case(f"regions of a grey {size} frame, 300 blobs", 0.0, (6.0, 14.0, 6.0), 2.0),
        area_case(f"regions of a grey {size} frame, 300 blobs and 1 % salt", 0.01, (0.0, 5.0, 0.0), 0.0),
        candidate_case(),
    ]


def splittable() -> list[tuple[str, Callable[[int, int], Any], int]]:
    """What may be split by rows: its name, what looks through rows from the first up to the second, how many.

    Each part has a finder of its own. What a cut divides touches its border; joining that is left to the caller.
    """
    frame, bounds = blobs(0.0), flat(AREA_COLUMNS)
    finders = {start: RegionFinder(AREA_COLUMNS, sample_every=AREA_ROWS) for start in (0, AREA_ROWS // 2)}

    def rows(start: int, stop: int) -> Any:
        return finders[start].find(frame[start:stop], bounds)

    return [(f"regions of a grey {AREA_COLUMNS}×{AREA_ROWS} frame, 300 blobs", rows, AREA_ROWS)]
