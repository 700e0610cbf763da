"""From a folder of labelled images to a model file and its card, and how good a model is on such a folder."""

from __future__ import annotations

import hashlib
import platform
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from cellctl.errors import ConfigError, Where
from cellctl.inspect import Classifier, ImageSize, ModelCard, card_path
from cellctl.inspect.strip import STRIP_FEATURES
from cellctl.training.export import to_onnx
from cellctl.training.figures import figures
from cellctl.training.images import QUALITY, Labelled, label_of, read_folder
from cellctl.training.linear import fit
from cellctl.training.split import ONE_IN, is_held_out, split


class Made(NamedTuple):
    """A model that was trained: the file's bytes, its card, and the files that were left out with the reason."""

    model: bytes
    card: ModelCard
    left_out: dict[str, str]


def train(folder: Path, name: str, *, source: str, licence: str, seed: int = 0, background: str = "") -> Made:
    """Train on the images of a folder and test on those that are held out; the same folder and seed, the same file.

    Args:
        folder: class folders.
        name: of the model.
        source: where the images come from, for the card.
        licence: of the images, for the card.
        seed: of the folds that the temperature is chosen on.
        background: the class that is no defect; empty when there is none.
    """
    collection = read_folder(folder)
    training, held_out = split(collection.images)
    classes = tuple(sorted({image.label for image in training}))
    background = _known(background, classes)
    numbers = np.array([classes.index(image.label) for image in training])
    linear = fit(_features(training).astype(np.float64), numbers, seed)
    model = to_onnx(linear, name)
    card = ModelCard(
        name=name,
        sha256=hashlib.sha256(model).hexdigest(),
        classes=classes,
        background=background,
        features=STRIP_FEATURES,
        image=ImageSize(*training[0].size),
        made=_made(seed, linear.temperature),
        data=_data(training, held_out, source, licence),
        metrics={},
        limits=_limits(background),
    )
    classifier = Classifier(model, card, Where(name))
    tested = {
        "held_out": _test(classifier, held_out),
        "held_out_recoded": _test(classifier, held_out, recoded=True),
    }
    return Made(model, msgspec.structs.replace(card, metrics=tested), collection.left_out)


def _known(background: str, classes: tuple[str, ...]) -> str:
    name = label_of(background)
    if name and name not in classes:
        raise ConfigError(
            "CELL-1197",
            "--good: expected one of the class folders, got {name!r}",
            do="use one of: {classes}",
            name=background,
            classes=", ".join(classes),
        )
    return name


def write(path: Path, made: Made) -> None:
    """Write a model file and the card beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made.model)
    card_path(path).write_bytes(msgspec.json.format(msgspec.json.encode(made.card), indent=2) + b"\n")


def assess(classifier: Classifier, folder: Path) -> dict[str, Any]:
    """How a model answers on a folder: apart for images like those it was trained on, and those held out."""
    collection = read_folder(folder, classifier.card.image)
    once = {image.digest: image for image in collection.images}.values()  # equal images count once
    held_out = [image for image in once if is_held_out(image.digest)]
    training = [image for image in once if not is_held_out(image.digest)]
    return {
        "held_out": _test(classifier, held_out) if held_out else {},
        "training": _test(classifier, training) if training else {},
        "left_out": collection.left_out,
    }


def _test(classifier: Classifier, images: Sequence[Labelled], *, recoded: bool = False) -> dict[str, Any]:
    """Figures on images as a camera delivers them, or as they were trained on."""
    labels = [image.label for image in images]
    features = _features(images) if recoded else np.stack([image.as_stored for image in images])
    return figures(labels, classifier.classify_images(features), classifier.card.classes)


def _features(images: Sequence[Labelled]) -> Any:
    return np.stack([image.features for image in images])


def _made(seed: int, temperature: float) -> dict[str, Any]:
    return {
        "command": "cellctl train",
        "law": "linear discriminant analysis, shrinkage of Ledoit and Wolf, one temperature",
        "seed": seed,
        "temperature": round(temperature, 4),
        "python": platform.python_version(),
        **{package: version(package) for package in ("numpy", "scikit-learn", "onnx")},
    }


def _data(training: list[Labelled], held_out: list[Labelled], source: str, licence: str) -> dict[str, Any]:
    return {
        "source": source,
        "licence": licence,
        "training": dict(sorted(Counter(image.label for image in training).items())),
        "held_out": dict(sorted(Counter(image.label for image in held_out).items())),
        "split": f"by content: digest of the grey pixels modulo {ONE_IN} is 0; equal images count once",
        "recoded": f"JPEG of quality {QUALITY} before the features, so that no class is known by its file type",
        "held_out_digests": sorted(image.digest[:16] for image in held_out),
    }


def _limits(background: str) -> tuple[str, ...]:
    said = (
        "knows the classes of its training images only: whatever it is shown is called one of them, or unsure",
        "made for images of its size, scale and light",
    )
    return said if background else (*said, "no class is free of defects, so it never says that an image is good")
