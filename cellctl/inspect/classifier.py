"""The classifier: an ONNX model and its card, checked against each other before the first object is judged."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from cellctl.errors import ConfigError, Where
from cellctl.inspect.model_card import ModelCard, card_path, read_card

Floats = npt.NDArray[np.float32]

PATCH_INPUT, FEATURE_INPUT, OUTPUT = "patch", "features", "probabilities"
"""Names of the model's inputs, float32 (n, rows, columns) and (n, features), and output, float32 (n, classes)."""

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
        self.classify(
            np.zeros((1, card.patch.rows, card.patch.columns), np.float32),
            np.zeros((1, len(card.features)), np.float32),
        )

    @property
    def background(self) -> int:
        """Index of the class that is no defect."""
        return self.card.classes.index(self.card.background)

    def classify(self, patches: Floats, features: Floats) -> Floats:
        """Probabilities, shape (n, classes), rows sum to 1.

        Args:
            patches: shape (n, rows, columns), as in the card.
            features: shape (n, len(card.features)).
        """
        if not len(features):
            return np.empty((0, len(self.card.classes)), np.float32)
        (probabilities,) = self._session.run([OUTPUT], {PATCH_INPUT: patches, FEATURE_INPUT: features})
        return np.asarray(probabilities, dtype=np.float32)


def load_classifier(path: Path, expected_hash: str = "") -> Classifier:
    """Load a model file and the card beside it.

    Args:
        path: the `.onnx` file.
        expected_hash: SHA-256 that the recipe asks for, hex; empty when it does not say.

    Raises:
        ConfigError: CELL-1040 to CELL-1045, with the file and the next step.
    """
    where = Where(str(path))
    try:
        model = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            "CELL-1040",
            f"model: expected a readable file, got: {error.strerror}",
            where=where,
            do="check recipe.model in the configuration",
        ) from None
    card = read_card(card_path(path))
    digest = hashlib.sha256(model).hexdigest()
    for source, expected in (("its card", card.sha256), ("the recipe", expected_hash or digest)):
        if digest != expected.lower():
            raise ConfigError(
                "CELL-1045", f"model: {source} expects SHA-256 {expected}, got {digest}", where=where, do=_SAME_FILES
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
            f"model: expected an ONNX model, got: {reason}",
            where=where,
            do="restore the file; `cellctl` ships one that works in cellctl/builtin/models",
        ) from None


def _compare(session: Any, card: ModelCard, where: Where) -> None:
    """Names, types and shapes of all inputs and outputs against the card."""
    got = {port.name: (port.type, list(port.shape[1:])) for port in (*session.get_inputs(), *session.get_outputs())}
    kind = "tensor(float)"
    expected = {
        PATCH_INPUT: (kind, [card.patch.rows, card.patch.columns]),
        FEATURE_INPUT: (kind, [len(card.features)]),
        OUTPUT: (kind, [len(card.classes)]),
    }
    if got != expected:
        raise ConfigError(
            "CELL-1044", f"model: its card says {_shapes(expected)}, got {_shapes(got)}", where=where, do=_SAME_FILES
        )


def _shapes(ports: dict[str, tuple[str, list[Any]]]) -> str:
    return ", ".join(f"{name} {kind}{shape}" for name, (kind, shape) in ports.items())
