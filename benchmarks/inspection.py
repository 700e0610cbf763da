"""How long the stages of one inspection take, over rendered blocks with three objects each.

`python -m benchmarks.inspection [--rounds N]` prints median and 99th percentile and writes them to
benchmarks/results/inspection.json.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cellctl.builtin import MODELS
from cellctl.inspect import CandidateFinder, Classifier, Pitch, Rules, load_classifier, make_parts
from cellctl.inspect.features import centres, describe
from cellctl.inspect.reference import Reference
from cellctl.kernels import RegionFinder, cut_patches
from cellsim.render import COLUMN_MM, COLUMNS, ROW_MM, ROWS, WebRenderer, draw_object

RESULTS = Path(__file__).parent / "results" / "inspection.json"
PITCH = Pitch(ROW_MM, COLUMN_MM)
Pixels = npt.NDArray[np.uint8]


def timed(call: Callable[[], Any]) -> float:
    """One call, ms."""
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / 1e6


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
    inspection = stages(parser.parse_args().rounds)
    for name, values in inspection.items():
        print(f"{name:24}p50 {values['p50_ms']:.3f} ms, p99 {values['p99_ms']:.3f} ms")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(inspection, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
