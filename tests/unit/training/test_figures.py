"""Figures of a classifier: by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cellctl.training.figures import calibration_error, figures

CLASSES = ("a", "b")


def answers(*confident: tuple[float, float]) -> np.ndarray:
    """Probabilities of a and b, image by image."""
    return np.array(confident)


def test_accuracy_and_macro_f1_by_hand():
    """Truth aab, answers aba: 1 of 3 right; F1 of a = 2·1/(2+2) = 0.5, of b = 0, so macro-F1 is 0.25."""
    found = figures(["a", "a", "b"], answers((0.9, 0.1), (0.2, 0.8), (0.6, 0.4)), CLASSES)
    assert (found["accuracy"], found["macro_f1"]) == (0.3333, 0.25)
    assert found["classes"] == {
        "a": {"images": 2, "called": {"a": 1, "b": 1}},
        "b": {"images": 1, "called": {"a": 1}},
    }


def test_a_class_without_images_counts_for_nothing():
    """Macro-F1 is the mean over the classes that were shown."""
    assert figures(["a", "a"], answers((0.9, 0.1), (0.8, 0.2)), CLASSES)["macro_f1"] == 1.0


def test_calibration_error_by_hand():
    """Two answers of 0.8, one right: the bin's gap is 0.3; one of 1.0, right: no gap. (2·0.3 + 0) / 3 = 0.2."""
    error = calibration_error(np.array([0.8, 0.8, 1.0]), np.array([True, False, True]))
    assert error == pytest.approx(0.2)


def test_who_is_always_sure_and_right_is_calibrated():
    """No gap in any bin."""
    assert calibration_error(np.ones(5), np.ones(5, dtype=bool)) == 0.0
