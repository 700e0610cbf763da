"""How good a classifier is on images that it has not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

BINS = 15
"""Of the calibration error, as in Guo et al., On calibration of modern neural networks, 2017."""


def figures(labels: Sequence[str], probabilities: npt.NDArray[np.floating], classes: Sequence[str]) -> dict[str, Any]:
    """Accuracy, macro-F1, calibration error and the answers per class.

    Args:
        labels: true class of each image.
        probabilities: shape (images, classes).
        classes: in the order of the columns.
    """
    answers = [classes[number] for number in probabilities.argmax(axis=1)]
    right = np.array([answer == label for answer, label in zip(answers, labels, strict=True)], dtype=bool)
    called = Counter(zip(labels, answers, strict=True))
    present = [name for name in classes if name in labels]
    return {
        "images": len(labels),
        "accuracy": round(float(right.mean()), 4),
        "macro_f1": round(float(np.mean([_f1(name, called) for name in present])), 4),
        "ece_15_bins": round(calibration_error(probabilities.max(axis=1), right), 4),
        "classes": {
            name: {"images": list(labels).count(name),
                   "called": {answer: called[name, answer] for answer in classes if called[name, answer]}}
            for name in present
        },
    }  # fmt: skip


def calibration_error(confidence: npt.NDArray[np.floating], right: npt.NDArray[np.bool_]) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over the bins, weighted by their size."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(confidence[bins == number].mean() - right[bins == number].mean()) * (bins == number).mean()
        for number in np.unique(bins)
    ]
    return float(sum(gaps))


def _f1(name: str, called: Counter[tuple[str, str]]) -> float:
    """Harmonic mean of precision and recall of one class."""
    hits = called[name, name]
    all_of_it = sum(count for (truth, _), count in called.items() if truth == name)
    all_answers = sum(count for (_, answer), count in called.items() if answer == name)
    return 2.0 * hits / (all_of_it + all_answers) if hits else 0.0
