"""Makes the classifier that ships: renders, cuts, trains, calibrates, tests, writes the model and its card.

`python -m cellsim.training.coating_model` needs the extra `train` (scikit-learn, onnx) and some minutes. The same
versions on the same machine give the same file (with OMP_NUM_THREADS=1: sums in threads have no fixed order).
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

import cellctl.builtin
from cellctl.errors import Where
from cellctl.inspect import FEATURES, Classifier, ModelCard, card_path
from cellsim.training.judge import judge, metrics
from cellsim.training.network import Network, calibrate, to_onnx, train
from cellsim.training.samples import BACKGROUND, CLASSES, LAYOUT, Samples, collect
from cellsim.training.web import CLEAN, TESTING, TRAINING, Recipe

_SHIPPED = Path(cellctl.builtin.__file__).parent / "models" / "coating.onnx"

# Webs are told apart by seed: nothing that trains or calibrates is ever tested on.
_TRAIN, _HELD_OUT, _TEST, _CLEAN = range(1000, 1040), range(2000, 2010), range(3000, 3020), range(4000, 4020)
_BLOCKS = 100
_BLOCK_M = 0.0256


def make(seed: int, clean_m: float) -> tuple[bytes, ModelCard]:
    """Train, calibrate and test; returns the model file and its card."""
    training = collect(_TRAIN, _BLOCKS, TRAINING)
    _say(f"training samples: {_per_class(training)}")
    held_out = collect(_HELD_OUT, _BLOCKS, TRAINING)
    network = calibrate(train(training.mirrored(), seed), held_out)
    model = to_onnx(network, (LAYOUT.rows, LAYOUT.columns))
    card = _card(model, seed, {"training": _per_class(training), "held_out": _per_class(held_out)}, network)
    classifier = Classifier(model, card, Where("coating.onnx"))
    tested = {
        "unseen webs and light": _test(classifier, _TEST, _BLOCKS, TESTING),
        "clean web": _test(classifier, _CLEAN, max(20, round(clean_m / _BLOCK_M / len(_CLEAN))), CLEAN),
    }
    return model, msgspec.structs.replace(card, metrics=tested)


def _test(classifier: Classifier, seeds: range, blocks: int, recipe: Recipe) -> dict[str, Any]:
    figures = metrics(judge(classifier, seeds, blocks, recipe))
    _say(msgspec.json.format(msgspec.json.encode(figures)).decode())
    return figures


def _card(model: bytes, seed: int, samples: dict[str, Any], network: Network) -> ModelCard:
    packages = {name: version(name) for name in ("numpy", "scikit-learn", "onnx")}
    return ModelCard(
        name="coating",
        sha256=hashlib.sha256(model).hexdigest(),
        classes=CLASSES,
        background=BACKGROUND,
        edge_classes=("coat_edge_spur",),
        features=FEATURES,
        patch=LAYOUT,
        made={
            "command": "python -m cellsim.training.coating_model",
            "seed": seed,
            "python": platform.python_version(),
            **packages,
            "temperature": round(network.temperature, 4),
        },
        data={
            "origin": "rendered webs of cellsim; no picture of a real web",
            "training_seeds": [_TRAIN.start, _TRAIN.stop],
            "calibration_seeds": [_HELD_OUT.start, _HELD_OUT.stop],
            "test_seeds": [_TEST.start, _TEST.stop],
            "clean_seeds": [_CLEAN.start, _CLEAN.stop],
            "samples": samples,
            "light": {"training": list(TRAINING.gain), "test": list(TESTING.gain)},
        },
        metrics={},
        limits=(
            "trained on rendered webs: a real web needs a model of its own",
            "0.3 mm per pixel across and 0.05 mm per line along the web",
            "knows edge spurs, streaks and agglomerates; any other defect is given one of these names or passed over",
        ),
    )


def _per_class(samples: Samples) -> dict[str, int]:
    return dict(zip(CLASSES, np.bincount(samples.labels, minlength=len(CLASSES)).tolist(), strict=True))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Make the classifier that ships with cellctl.")
    parser.add_argument("--out", type=Path, default=_SHIPPED, help="model file; the card goes beside it")
    parser.add_argument("--seed", type=int, default=7, help="of the network's first weights")
    parser.add_argument("--clean-metres", type=float, default=520.0, help="clean web to count false objects on")
    arguments = parser.parse_args()
    model, card = make(arguments.seed, arguments.clean_metres)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_bytes(model)
    card_path(arguments.out).write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n")
    _say(f"{arguments.out}: {len(model)} bytes, SHA-256 {card.sha256}")


if __name__ == "__main__":
    main()
