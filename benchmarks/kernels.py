"""Native kernels against named peers and the read floor, interleaved in one run; and the stages of one inspection.

`python benchmarks/kernels.py [--rounds N]` prints a table and writes benchmarks/results/kernels.json. Trust the
ratios: all candidates of a case run in every round, in shuffled order.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from cellctl.builtin import MODELS
from cellctl.inspect import CandidateFinder, Classifier, Pitch, Rules, load_classifier, make_parts
from cellctl.inspect.features import centres, describe
from cellctl.inspect.reference import Reference
from cellctl.kernels import HAS_HARDWARE, Bounds, Patch, RegionFinder, crc32c, cut_patches
from cellsim.render import COLUMN_MM, COLUMNS, ROW_MM, ROWS, WebRenderer, draw_object

RESULTS = Path(__file__).parent / "results" / "kernels.json"
PITCH = Pitch(ROW_MM, COLUMN_MM)
PATCH = Patch(16, 16, 12, 2)
EIGHT = np.ones((3, 3), int)
Pixels = npt.NDArray[np.uint8]


class Case(NamedTuple):
    """One row: ours against a named peer; `floor` reads the same bytes once."""

    name: str
    ours: Callable[[], Any]
    peer_name: str
    peer: Callable[[], Any]
    floor: Callable[[], Any]


def blocks() -> tuple[Pixels, Pixels, Reference]:
    """A clean block, one with five objects, and a reference that has settled on their web."""
    renderer, rng = WebRenderer(5), np.random.default_rng(5)
    reference = Reference(COLUMNS, PITCH, Rules())
    for number in range(4):
        reference.learn(renderer.render(number * ROWS))
    s_mm = 4.5 * ROWS * ROW_MM
    kinds = ("coat_edge_spur", "agglomerate", "streak", "dust", "agglomerate")
    things = [draw_object(kind, s_mm, rng) for kind in kinds]
    return renderer.render(4 * ROWS), renderer.render(4 * ROWS, things), reference


def scipy_regions(pixels: Pixels, bounds: Bounds) -> Any:
    """The same regions and statistics as well as SciPy can: bytes compared, sums over candidates only."""
    mask = (pixels < bounds.lo) | (pixels > bounds.hi)
    labels, count = ndimage.label(mask, structure=EIGHT)
    y, x = np.nonzero(mask)
    number = labels[y, x]
    contrast = pixels[y, x] * bounds.gain[x] - 1
    weights: tuple[Any, ...] = (None, x, y, x * x, y * y, x * y, contrast)
    sums = [np.bincount(number, weight, count + 1) for weight in weights]
    return ndimage.find_objects(labels), sums, pixels[::8].sum(axis=0), pixels[::8].mean()


def numpy_patches(pixels: Pixels, gain: npt.NDArray[np.float32], places: npt.NDArray[np.float64]) -> Any:
    """The same patches by slicing and reshaping, for centres well inside the block."""
    rows, columns = PATCH.rows * PATCH.cell_rows, PATCH.columns * PATCH.cell_columns
    cut = []
    for y, x in np.floor(places - np.divide((rows, columns), 2) + 0.5).astype(int):
        patch = pixels[y : y + rows, x : x + columns] * gain[x : x + columns] - 1
        cells = patch.reshape(PATCH.rows, PATCH.cell_rows, PATCH.columns, PATCH.cell_columns)
        cut.append(cells.mean(axis=(1, 3)))
    return np.array(cut)


def cases() -> list[Case]:
    """All rows of the table."""
    clean, busy, reference = blocks()
    bounds, finder = reference.bounds(), RegionFinder(COLUMNS, smallest=5)
    words, places = clean.reshape(-1).view(np.uint64), np.array([[256.0, 200.0 * n + 150] for n in range(8)])

    def read() -> Any:
        return np.bitwise_or.reduce(words)

    def regions(pixels: Pixels) -> Callable[[], Any]:
        return lambda: finder.find(pixels, bounds)

    path = "SSE4.2" if HAS_HARDWARE else "tables"
    return [
        Case(f"crc32c 1 MiB ({path})", lambda: crc32c(clean), "zlib.crc32", lambda: zlib.crc32(clean.data), read),
        Case(
            "crc32c 1 MiB (tables)",
            lambda: crc32c(clean, portable=True),
            "zlib.crc32",
            lambda: zlib.crc32(clean.data),
            read,
        ),
        Case("regions, clean block", regions(clean), "scipy.ndimage", lambda: scipy_regions(clean, bounds), read),
        Case("regions, five objects", regions(busy), "scipy.ndimage", lambda: scipy_regions(busy, bounds), read),
        Case(
            "crops, eight patches",
            lambda: cut_patches(clean, bounds.gain, places, PATCH),
            "numpy slicing",
            lambda: numpy_patches(clean, bounds.gain, places),
            lambda: [clean[160:352, x : x + 32].copy() for x in range(134, 1700, 200)],
        ),
    ]


def timed(call: Callable[[], Any]) -> float:
    """One call, ms."""
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / 1e6


def compare(case: Case, rounds: int) -> dict[str, Any]:
    """Median times of ours, peer and floor, and the two ratios."""
    calls = {"ours": case.ours, "peer": case.peer, "floor": case.floor}
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name in random.sample(list(calls), len(calls)):
            times[name].append(timed(calls[name]))
    ours, peer, floor = (float(np.median(times[name])) for name in calls)
    return {
        "case": case.name,
        "ours_ms": ours,
        "peer": case.peer_name,
        "peer_ms": peer,
        "read_floor_ms": floor,
        "times_faster_than_peer": peer / ours,
        "times_read_floor": ours / floor,
    }


def stages(rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds of the stages of one inspection, over blocks with three objects each."""
    renderer, rng = WebRenderer(6), np.random.default_rng(6)
    classifier = load_classifier(MODELS / "coating.onnx")
    finder = CandidateFinder(COLUMNS, PITCH, Rules(), classifier.patch)
    reference = Reference(COLUMNS, PITCH, Rules())
    for number in range(4):
        pixels = renderer.render(number * ROWS)
        reference.learn(pixels)
        finder.look(pixels)
    times: dict[str, list[float]] = {}
    for number in range(4, 4 + rounds):
        s_mm = (number + 0.5) * ROWS * ROW_MM
        things = [draw_object(kind, s_mm, rng) for kind in ("coat_edge_spur", "agglomerate", "dust")]
        for name, call in steps(renderer.render(number * ROWS, things), finder, reference, classifier):
            times.setdefault(name, []).append(timed(call))
    return {
        name: {"p50_ms": float(np.median(values)), "p99_ms": float(np.percentile(values, 99)), "n": len(values)}
        for name, values in times.items()
    }


def steps(
    pixels: Pixels, finder: CandidateFinder, reference: Reference, classifier: Classifier
) -> list[tuple[str, Callable[[], Any]]]:
    """The whole inspection of one block first, then its native parts one by one."""
    bounds, patch = reference.bounds(), classifier.patch.in_pixels(PITCH)
    native = RegionFinder(COLUMNS, smallest=finder.smallest, reach_rows=PITCH.rows(Rules().reach_mm))
    regions = native.find(pixels, bounds).regions
    patches = cut_patches(pixels, bounds.gain, centres(regions), patch)
    features = describe(regions, reference.edges, PITCH, ROWS)

    def whole() -> Any:
        found = finder.look(pixels)
        return make_parts(found, pixels, classifier, smallest=finder.smallest, from_mm=0.0, pitch=PITCH)

    return [
        ("whole inspection", whole),
        ("native pass", lambda: native.find(pixels, bounds)),
        ("crops", lambda: cut_patches(pixels, bounds.gain, centres(regions), patch)),
        ("onnx", lambda: classifier.classify(patches, features)),
    ]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    rows = [compare(case, rounds) for case in cases()]
    print(f"{'case':24}{'ours ms':>9}{'peer ms':>9}  {'peer':16}{'x faster':>9}{'x floor':>9}")
    for row in rows:
        print(
            f"{row['case']:24}{row['ours_ms']:9.3f}{row['peer_ms']:9.3f}  {row['peer']:16}"
            f"{row['times_faster_than_peer']:9.1f}{row['times_read_floor']:9.1f}"
        )
    inspection = stages(rounds)
    for name, values in inspection.items():
        print(f"{name:24}p50 {values['p50_ms']:.3f} ms, p99 {values['p99_ms']:.3f} ms")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(
        json.dumps(
            {"machine": platform.platform(), "rounds": rounds, "cases": rows, "inspection": inspection}, indent=2
        )
    )


if __name__ == "__main__":
    main()
