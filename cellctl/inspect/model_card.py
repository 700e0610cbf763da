"""The card of a classifier: what it answers, what it wants to see, how it was made and how good it is.

There are two kinds. A model of *objects* sees the patch and the features of one object on a web; a model of *images*
sees the features of a whole image.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from cellctl.errors import ConfigError, Where
from cellctl.inspect.candidates import PatchLayout
from cellctl.inspect.features import FEATURES
from cellctl.inspect.strip import STRIP_FEATURES

_RETRAIN = "train the model anew with this version, or install the version that the model was made for"


class ImageSize(NamedTuple):
    """Size of the images that a model of images judges, in pixels."""

    rows: int
    columns: int


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The JSON file beside a model file, `<model>.card.json`.

    Attributes:
        name: what the model is called.
        sha256: of the model file, hex.
        classes: in the order of the model's output.
        background: the class that is no defect, and is not reported; empty when every class is a defect.
        edge_classes: classes whose objects belong to a coated edge.
        features: names of the scalar features, in the order of the input.
        patch: of a model of objects: rows, columns and cell size in mm of the image input.
        image: of a model of images: rows and columns of the images that the features describe.
        made: how it was made: command, seeds, versions.
        data: what it was trained and tested on, in words and numbers.
        metrics: what it reached on data it had not seen.
        limits: what it was not made for, in words.
    """

    name: str
    sha256: str
    classes: tuple[str, ...]
    features: tuple[str, ...]
    made: dict[str, Any]
    data: dict[str, Any]
    metrics: dict[str, Any]
    limits: tuple[str, ...]
    background: str = ""
    edge_classes: tuple[str, ...] = ()
    patch: PatchLayout | None = None
    image: ImageSize | None = None

    @property
    def kind(self) -> str:
        """What it judges, in words."""
        return "objects on a web" if self.image is None else "whole images"


def card_path(model: Path) -> Path:
    """Where the card of a model file lies."""
    return model.with_name(f"{model.stem}.card.json")


def read_card(path: Path) -> ModelCard:
    """Read and check a card; ConfigError CELL-1040 to CELL-1042 names what is wrong."""
    where = Where(str(path))
    try:
        card = msgspec.json.decode(path.read_bytes(), type=ModelCard)
    except OSError as error:
        raise ConfigError(
            "CELL-1040",
            "model card: expected a readable file, got: {reason}",
            where=where,
            do="put the card that came with the model beside it",
            reason=error.strerror,
        ) from None
    except msgspec.DecodeError as error:
        raise ConfigError(
            "CELL-1041",
            "model card: {reason}",
            where=where,
            do="restore the card that came with the model",
            reason=str(error),
        ) from None
    problem = _contradiction(card)
    if problem:
        raise ConfigError("CELL-1042", "model card: {problem}", where=where, do=_RETRAIN, problem=problem)
    return card


def _contradiction(card: ModelCard) -> str:
    """What in a card cannot be true together, or with this version of cellctl; nothing when all fits."""
    if len(set(card.classes)) != len(card.classes) or len(card.classes) < 2:
        return f"classes: expected two or more different names, got {', '.join(card.classes)}"
    for name in (*filter(None, [card.background]), *card.edge_classes):
        if name not in card.classes:
            return f"{name!r} is not in its list of classes"
    if (card.patch is None) is (card.image is None):
        return "expected patch (a model of objects) or image (a model of images), got both or neither"
    features = FEATURES if card.image is None else STRIP_FEATURES
    if card.features != features:
        return f"features: expected {', '.join(features)}, got {', '.join(card.features)}"
    return _odd_sizes(card)


def _odd_sizes(card: ModelCard) -> str:
    if card.image is not None:
        return "" if min(card.image) >= 1 else f"image: expected positive sizes, got {tuple(card.image)}"
    if card.patch is not None and (min(card.patch.rows, card.patch.columns) < 1 or not 0 < card.patch.cell_mm < 100):
        return f"patch: expected positive sizes, got {tuple(card.patch)}"
    return "" if card.background else "background: expected the class that is no defect, got nothing"
