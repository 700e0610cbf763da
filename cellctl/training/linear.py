"""A linear model: standardised features, one score per class, and a temperature that makes confidence honest."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

REACH = 6.0
"""Standardised features are cut here, so that nothing unseen can push a score arbitrarily far."""
FOLDS = 5


class Linear(NamedTuple):
    """Scores are `clip((features - mean) · scale) @ weights + bias`, probabilities their softmax over `temperature`.

    Attributes:
        mean: of the features, shape (n,).
        scale: 1 / standard deviation, shape (n,).
        weights: shape (n, classes).
        bias: shape (classes,).
        temperature: divides the scores.
    """

    mean: Floats
    scale: Floats
    weights: Floats
    bias: Floats
    temperature: float = 1.0

    def scores(self, features: Floats) -> Floats:
        """Scores before the temperature, shape (images, classes)."""
        standard = np.clip((features - self.mean) * self.scale, -REACH, REACH)
        return np.asarray(standard @ self.weights + self.bias)

    def probabilities(self, features: Floats) -> Floats:
        """Calibrated probabilities, shape (images, classes)."""
        return softmax(self.scores(features) / self.temperature)


def fit(features: Floats, numbers: Numbers, seed: int) -> Linear:
    """Fit a model and its temperature.

    Linear discriminant analysis with the shrinkage of Ledoit and Wolf (2004): closed form, and sound with fewer images
    than a network needs. The temperature (Guo et al., On calibration of modern neural networks, 2017) is chosen on
    scores that each image got from a model that had not seen it.
    """
    folds = np.random.default_rng(seed).permutation(len(numbers)) % FOLDS
    unseen = np.empty((len(numbers), numbers.max() + 1))
    for fold in range(FOLDS):
        there = folds == fold
        unseen[there] = _fit(features[~there], numbers[~there]).scores(features[there])
    temperatures = np.geomspace(0.25, 16.0, 240)
    losses = [_loss(softmax(unseen / temperature), numbers) for temperature in temperatures]
    return _fit(features, numbers)._replace(temperature=float(temperatures[int(np.argmin(losses))]))


def softmax(scores: Floats) -> Floats:
    """Probabilities of scores, shape (n, classes)."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _fit(features: Floats, numbers: Numbers) -> Linear:
    mean, scale = features.mean(axis=0), 1.0 / np.maximum(features.std(axis=0), 1e-6)
    standard = np.clip((features - mean) * scale, -REACH, REACH)
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(standard, numbers)
    weights, bias = model.coef_.T, model.intercept_
    if weights.shape[1] == 1:  # of two classes one score is given: the other's is its opposite
        weights, bias = np.hstack([-weights, weights]) / 2, np.hstack([-bias, bias]) / 2
    return Linear(mean, scale, weights, bias)


def _loss(probabilities: Floats, numbers: Numbers) -> float:
    own = probabilities[np.arange(len(numbers)), numbers]
    return float(-np.log(np.maximum(own, 1e-12)).mean())
