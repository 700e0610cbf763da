"""The classifier: an ONNX model and its card, checked against each other before the first object is judged."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from cellctl.errors import ConfigError, Where, text
from cellctl.inspect.candidates import PatchLayout
from cellctl.inspect.model_card import ModelCard, card_path, read_card

Floats = npt.NDArray[np.float32]

PATCH_INPUT, FEATURE_INPUT, OUTPUT = "patch", "features", "probabilities"
"""Names of the inputs, (n, rows, columns; of objects only) and (n, features), and output (n, classes), float32."""

_SAME_FILES = "use the model and the card that belong together"
_ERRORS_ONLY = 3


class Classifier:
    """Calibrated class probabilities for candidates.

    Args:
        model: bytes of the ONNX file.
        card: its card.
        where: the model file, for messages.

    Raises:
        ConfigError: CELL-1043 no ONNX model, CELL-1044 other inputs or outputs than the card says.
    """

    def __init__(self, model: bytes, card: ModelCard, where: Where) -> None:
        self.card = card
        self.hash = hashlib.sha256(model).hexdigest()
        self._session = _session(model, where)
        _compare(self._session, card, where)
        patch = None if card.patch is None else np.zeros((1, card.patch.rows, card.patch.columns), np.float32)
        self._answer(patch, np.zeros((1, len(card.features)), np.float32))

    @property
    def background(self) -> int:
        """Index of the class that is no defect; -1 when every class is one."""
        return self.card.classes.index(self.card.background) if self.card.background else -1

    @property
    def patch(self) -> PatchLayout:
        """The patch that a model of objects looks at."""
        if self.card.patch is None:
            raise ValueError(f"{self.card.name} is a model of {self.card.kind}")
        return self.card.patch

    def classify(self, patches: Floats, features: Floats) -> Floats:
        """Probabilities of objects, shape (n, classes), rows sum to 1.

        Args:
            patches: shape (n, rows, columns), as in the card.
            features: shape (n, len(card.features)).
        """
        return self._answer(patches, features)

    def classify_images(self, features: Floats) -> Floats:
        """Probabilities of whole images, shape (n, classes), rows sum to 1; `features` as for objects."""
        return self._answer(None, features)

    def _answer(self, patches: Floats | None, features: Floats) -> Floats:
        if not len(features):
            return np.empty((0, len(self.card.classes)), np.float32)
        given = {FEATURE_INPUT: features} if patches is None else {PATCH_INPUT: patches, FEATURE_INPUT: features}
        (probabilities,) = self._session.run([OUTPUT], given)
        return np.asarray(probabilities, dtype=np.float32)


def load_classifier(path: Path, expected_hash: str = "", *, images: bool = False) -> Classifier:
    """Load a model file and the card beside it.

    Args:
        path: the `.onnx` file.
        expected_hash: SHA-256 that the recipe asks for, hex; empty when it does not say.
        images: whether a model of whole images is wanted, not one of objects.

    Raises:
        ConfigError: CELL-1040 to CELL-1045, and CELL-1190 for the other kind, with the file and the next step.
    """
    where = Where(str(path))
    try:
        model = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            "CELL-1040",
            "model: expected a readable file, got: {reason}",
            where=where,
            do="check recipe.model in the configuration",
            reason=error.strerror,
        ) from None
    card = read_card(card_path(path))
    digest = hashlib.sha256(model).hexdigest()
    for source, expected in (("its card", card.sha256), ("the recipe", expected_hash or digest)):
        if digest != expected.lower():
            raise ConfigError(
                "CELL-1045",
                "model: {source} expects SHA-256 {expected}, got {digest}",
                where=where,
                do=_SAME_FILES,
                source=source,
                expected=expected,
                digest=digest,
            )
    if images is not (card.image is not None):
        raise ConfigError(
            "CELL-1190",
            "model: expected a model of {wanted}, got one of {kind}",
            where=where,
            do="name another model in the recipe, or another inspector (`use:`)",
            wanted=text("whole images") if images else text("objects on a web"),
            kind=text("objects on a web") if images else text("whole images"),
        )
    return Classifier(model, card, where)


def _session(model: bytes, where: Where) -> Any:
    """One thread, no spinning: a block has few candidates, and the cores belong to the other processes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = _ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  # the runtime raises a class of its own for every way to fail
        reason = str(error).strip().splitlines()[0]
        raise ConfigError(
            "CELL-1043",
            "model: expected an ONNX model, got: {reason}",
            where=where,
            do="restore the file; `cellctl` ships one that works in cellctl/builtin/models",
            reason=reason,
        ) from None


def _compare(session: Any, card: ModelCard, where: Where) -> None:
    """Names, types and shapes of all inputs and outputs against the card."""
    got = {port.name: (port.type, list(port.shape[1:])) for port in (*session.get_inputs(), *session.get_outputs())}
    kind = "tensor(float)"
    expected: dict[str, tuple[str, list[Any]]] = {
        FEATURE_INPUT: (kind, [len(card.features)]),
        OUTPUT: (kind, [len(card.classes)]),
    }
    if card.patch is not None:
        expected = {PATCH_INPUT: (kind, [card.patch.rows, card.patch.columns]), **expected}
    if got != expected:
        raise ConfigError(
            "CELL-1044",
            "model: its card says {expected}, got {got}",
            where=where,
            do=_SAME_FILES,
            expected=_shapes(expected),
            got=_shapes(got),
        )


def _shapes(ports: dict[str, tuple[str, list[Any]]]) -> str:
    return ", ".join(f"{name} {kind}{shape}" for name, (kind, shape) in ports.items())
