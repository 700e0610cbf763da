"""Model file and card: what fits is loaded, what does not is one clear error with the next step."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cellctl.errors import ConfigError
from cellctl.inspect import FEATURES, Classifier, card_path, load_classifier

SHIPPED = Path(__file__).parents[3] / "cellctl" / "builtin" / "models" / "coating.onnx"
Edit = Callable[..., Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """Copies the shipped model with changes to its card or its bytes."""

    def write(model: bytes | None = None, **changes: Any) -> Path:
        content = SHIPPED.read_bytes() if model is None else model
        card = json.loads(card_path(SHIPPED).read_text())
        card["sha256"] = hashlib.sha256(content).hexdigest()
        path = tmp_path / "other.onnx"
        path.write_bytes(content)
        card_path(path).write_text(json.dumps(card | changes))
        return path

    return write


def error_of(path: Path, expected_hash: str = "") -> ConfigError:
    """The error that loading raises."""
    with pytest.raises(ConfigError) as caught:
        load_classifier(path, expected_hash)
    return caught.value


def test_the_shipped_model_loads():
    """Negative control: model and card that ship belong together, and the hash is that of the file."""
    classifier = load_classifier(SHIPPED)
    assert classifier.hash == hashlib.sha256(SHIPPED.read_bytes()).hexdigest()


def test_the_shipped_model_is_small():
    """At most 300 kB, as it travels in the wheel and into every record's context."""
    assert SHIPPED.stat().st_size <= 300_000


def test_probabilities_sum_to_one():
    """Any input gives one distribution over the card's classes per candidate."""
    classifier = load_classifier(SHIPPED)
    rng = np.random.default_rng(3)
    patches = rng.normal(0, 5, (7, classifier.patch.rows, classifier.patch.columns)).astype(np.float32)
    features = rng.normal(0, 50, (7, len(FEATURES))).astype(np.float32)
    probabilities = classifier.classify(patches, features)
    assert probabilities.shape == (7, len(classifier.card.classes))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)


def test_one_by_one_and_in_a_batch_are_the_same():
    """A candidate's probabilities do not depend on its neighbours in the batch."""
    classifier = load_classifier(SHIPPED)
    rng = np.random.default_rng(4)
    patches = rng.normal(0, 0.3, (5, classifier.patch.rows, classifier.patch.columns)).astype(np.float32)
    features = rng.normal(0, 1, (5, len(FEATURES))).astype(np.float32)
    singles = [classifier.classify(patches[i : i + 1], features[i : i + 1])[0] for i in range(5)]
    np.testing.assert_allclose(classifier.classify(patches, features), singles, atol=1e-5)


def test_an_empty_batch_is_answered_without_the_model():
    """No candidates, no rows."""
    classifier = load_classifier(SHIPPED)
    empty = np.empty((0, classifier.patch.rows, classifier.patch.columns), np.float32)
    assert classifier.classify(empty, np.empty((0, len(FEATURES)), np.float32)).shape[0] == 0


def test_a_missing_model_file(tmp_path):
    """The file is named, and what to look at."""
    error = error_of(tmp_path / "gone.onnx")
    assert error.code == "CELL-1040"
    assert str(error).startswith(f"{tmp_path / 'gone.onnx'}: CELL-1040: model: expected a readable file")
    assert "recipe.model" in error.do


def test_a_missing_card(edited):
    """The card's own path is named."""
    path = edited()
    card_path(path).unlink()
    error = error_of(path)
    assert error.code == "CELL-1040"
    assert "other.card.json" in str(error)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{", "truncated"),
        ("not json", "malformed"),
        ("{}", "missing required field"),
        ('{"name": 3}', "expected `str`"),
    ],
)
def test_a_card_that_is_no_card(edited, text, hint):
    """Broken JSON, missing and wrong fields are told apart."""
    path = edited()
    card_path(path).write_text(text)
    error = error_of(path)
    assert error.code == "CELL-1041"
    assert hint.lower() in str(error).lower()


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"classes": ["streak", "streak", "agglomerate", "background"]}, "classes"),
        ({"background": "nothing"}, "'nothing' is not in its list of classes"),
        ({"edge_classes": ["foil_burr"]}, "'foil_burr' is not in its list of classes"),
        ({"features": list(FEATURES[:-1])}, "features: expected"),
        ({"patch": [0, 16, 0.6]}, "patch: expected positive sizes"),
    ],
)
def test_a_card_that_contradicts_itself_or_this_version(edited, change, hint):
    """What cannot be true together, or was made for other features, is refused."""
    error = error_of(edited(**change))
    assert error.code == "CELL-1042"
    assert hint in str(error)
    assert error.do


@pytest.mark.parametrize("model", [b"", b"junk", bytes(range(256)) * 8])
def test_a_file_that_is_no_model(edited, model):
    """Bytes that are no ONNX model give one line, not the runtime's stack."""
    error = error_of(edited(model))
    assert error.code == "CELL-1043"
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "change",
    [
        {"patch": [17, 16, 0.6]},
        {"classes": ["coat_edge_spur", "streak", "agglomerate", "crack", "background"]},
    ],
)
def test_a_model_whose_shapes_are_not_those_of_its_card(edited, change):
    """Another patch or another number of classes: refused, with both shapes in the message."""
    error = error_of(edited(**change))
    assert error.code == "CELL-1044"
    assert "its card says patch tensor(float)" in str(error)


def test_a_model_that_is_not_the_one_of_its_card(edited):
    """One changed byte in the model file shows by its hash before the file is even parsed."""
    path = edited()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    error = error_of(path)
    assert error.code == "CELL-1045"
    assert "its card expects SHA-256" in str(error)


def test_a_model_that_is_not_the_one_of_the_recipe():
    """The recipe's hash is compared too."""
    error = error_of(SHIPPED, "0" * 64)
    assert error.code == "CELL-1045"
    assert "the recipe expects SHA-256 0000" in str(error)


def test_a_wrong_model_is_refused_without_a_file():
    """The constructor checks as well: it is what a trainer uses."""
    good = load_classifier(SHIPPED)
    with pytest.raises(ConfigError, match="CELL-1043"):
        Classifier(b"junk", good.card, error_of(Path("x.onnx")).where)  # type: ignore[arg-type]  # it has one
