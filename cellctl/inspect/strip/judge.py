"""What one image shows: the class, or the reason why none can be named."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl.inspect.classifier import Classifier
from cellctl.inspect.strip.features import describe_image

Pixels = npt.NDArray[np.uint8]

_BLANK = 1.0
"""Standard deviation of the grey values below which an image shows nothing: a covered lens, no light, a dead sensor."""


class Look(NamedTuple):
    """What one image showed.

    Attributes:
        reason: why it cannot be judged; empty when it can.
        defect: its class; empty when it is free of defects or cannot be judged.
        probabilities: one per class of the model, empty when there was nothing to classify.
        features: those that the model saw, likewise.
    """

    reason: str
    defect: str = ""
    probabilities: tuple[float, ...] = ()
    features: tuple[float, ...] = ()

    @property
    def is_blind(self) -> bool:
        """Whether nothing at all could be made of the image; a classifier that is unsure is not blind."""
        return bool(self.reason) and not self.probabilities


def look(pixels: Pixels, classifier: Classifier, least_confidence: float) -> Look:
    """Classify one image.

    Args:
        pixels: shape (rows, columns), uint8.
        classifier: a model of whole images.
        least_confidence: below this probability of the best class the image is not judged.
    """
    odd = _odd(pixels, classifier)
    if odd:
        return Look(odd)
    features = describe_image(pixels)
    (answer,) = classifier.classify_images(features[np.newaxis])
    probabilities, best = tuple(answer.tolist()), int(answer.argmax())
    seen = tuple(features.tolist())
    if not probabilities[best] >= least_confidence:
        return Look(_unsure(probabilities, classifier.card.classes), "", probabilities, seen)
    defect = "" if best == classifier.background else classifier.card.classes[best]
    return Look("", defect, probabilities, seen)


def _odd(pixels: Pixels, classifier: Classifier) -> str:
    """Why these are no pixels for this model, or nothing."""
    wanted = classifier.card.image
    if wanted is not None and pixels.shape != tuple(wanted):
        got = "x".join(map(str, pixels.shape))
        return f"size: the model judges images of {wanted.rows}x{wanted.columns} pixels, got {got}"
    spread = float(pixels.std())
    return f"blank: the grey values differ by {spread:.1f} only" if spread < _BLANK else ""


def _unsure(probabilities: tuple[float, ...], classes: tuple[str, ...]) -> str:
    likely = sorted(zip(probabilities, classes, strict=True), reverse=True)[:2]
    return "unsure: " + ", ".join(f"{name} {share:.0%}" for share, name in likely)
