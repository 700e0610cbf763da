"""What one image shows: a class, or the reason why there is none; and the model that ships for it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cellctl.builtin import MODELS
from cellctl.errors import ConfigError
from cellctl.inspect import card_path, load_classifier
from cellctl.inspect.strip import STRIP_FEATURES, describe_image
from cellctl.inspect.strip.judge import look

SHIPPED = MODELS / "strip.onnx"


@pytest.fixture(scope="module")
def classifier():
    """The model that ships."""
    return load_classifier(SHIPPED, images=True)


def surface(seed: int = 1) -> np.ndarray:
    """A grey surface with noise."""
    return np.random.default_rng(seed).normal(120, 12, (128, 128)).clip(0, 255).astype(np.uint8)


def test_the_shipped_model_answers_with_probabilities(classifier: Any):
    """Any images give one distribution each, and the batch does not matter."""
    features = np.stack([describe_image(surface(seed)) for seed in range(5)])
    probabilities = classifier.classify_images(features)
    assert probabilities.shape == (5, 7)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(classifier.classify_images(features[2:3])[0], probabilities[2], atol=1e-5)


def test_no_class_of_the_shipped_model_is_good(classifier: Any):
    """It was trained on defects only, says so on its card, and never says that an image is free of them."""
    assert classifier.background == -1
    assert any("never says that an image is good" in limit for limit in classifier.card.limits)


def test_the_shipped_card_separates_training_and_test(classifier: Any):
    """As many digests as held-out images, and the figures are of those."""
    data, metrics = classifier.card.data, classifier.card.metrics
    assert len(data["held_out_digests"]) == sum(data["held_out"].values()) == metrics["held_out"]["images"]
    assert data["licence"] == "Apache-2.0"


def test_a_sure_image_has_a_class(classifier: Any):
    """With a limit of 0 every image is judged, by the likeliest class."""
    seen = look(surface(), classifier, 0.0)
    assert not seen.reason
    assert seen.defect == classifier.card.classes[int(np.argmax(seen.probabilities))]
    assert len(seen.features) == len(STRIP_FEATURES)


def test_an_unsure_image_names_the_two_likeliest(classifier: Any):
    """Below the limit the image has no class, its reason says why, and the camera is not blind."""
    seen = look(surface(), classifier, 1.0)
    first, second = np.argsort(seen.probabilities)[::-1][:2]
    assert seen.reason.startswith(f"unsure: {classifier.card.classes[first]} ")
    assert classifier.card.classes[second] in seen.reason
    assert not seen.defect
    assert not seen.is_blind


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (np.zeros((128, 128), np.uint8), "blank"),
        (np.full((128, 128), 255, np.uint8), "blank"),
        (np.zeros((128, 130), np.uint8), "size: the model judges images of 128x128 pixels, got 128x130"),
        (np.zeros((0, 0), np.uint8), "size"),
    ],
)
def test_what_is_no_image_for_it_says_why(classifier: Any, pixels: np.ndarray, reason: str):
    """A covered lens and another size are no surface to be judged."""
    seen = look(pixels, classifier, 0.0)
    assert seen.reason.startswith(reason)
    assert seen.is_blind


def test_a_class_of_good_surface_is_no_defect(tmp_path: Path):
    """A model whose card names a class for good surface says OK by naming no defect."""
    shown = load_classifier(SHIPPED, images=True)
    likeliest = look(surface(), shown, 0.0).defect
    classifier = load_classifier(edited(tmp_path, background=likeliest), images=True)
    seen = look(surface(), classifier, 0.0)
    assert (seen.reason, seen.defect) == ("", "")
    assert look(np.roll(stripes(), 1, axis=0), classifier, 0.0).defect


def stripes() -> np.ndarray:
    """A surface that looks otherwise: broad bands across the web."""
    return np.repeat(np.arange(0, 256, 16, dtype=np.uint8), 8)[:, None] + np.zeros((1, 128), np.uint8)


def edited(folder: Path, **changes: Any) -> Path:
    """The shipped model with changes to its card."""
    path = folder / "other.onnx"
    path.write_bytes(SHIPPED.read_bytes())
    card = json.loads(card_path(SHIPPED).read_text()) | changes
    card_path(path).write_text(json.dumps(card | {"sha256": hashlib.sha256(SHIPPED.read_bytes()).hexdigest()}))
    return path


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"background": "nothing"}, "CELL-1042"),
        ({"image": None}, "CELL-1042"),
        ({"patch": [16, 16, 0.6]}, "CELL-1042"),
        ({"image": [0, 128]}, "CELL-1042"),
        ({"features": ["grey_mean"]}, "CELL-1042"),
        ({"classes": ["a", "b"]}, "CELL-1044"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, Any], code: str):
    """What cannot be true together, or is another model's, is one error."""
    with pytest.raises(ConfigError) as caught:
        load_classifier(edited(tmp_path, **changes), images=True)
    assert caught.value.code == code


@pytest.mark.parametrize(("name", "images"), [("strip.onnx", False), ("coating.onnx", True)])
def test_the_other_kind_of_model_is_refused(name: str, images: bool):
    """An inspector of webs takes no model of images, and the other way round; the error names both kinds."""
    with pytest.raises(ConfigError, match="whole images") as caught:
        load_classifier(MODELS / name, images=images)
    assert caught.value.code == "CELL-1190"
    assert "objects on a web" in str(caught.value)
