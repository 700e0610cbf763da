"""A small perceptron over patch and features, its temperature, and its ONNX file."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.neural_network import MLPClassifier

from cellctl.inspect.classifier import FEATURE_INPUT, OUTPUT, PATCH_INPUT
from cellsim.training.samples import Floats, Samples

_HIDDEN = (64, 32)
_PATCH_RANGE = (-1.0, 1.5)
"""Contrast is cut here: a glint ten times as bright says no more than one twice as bright."""
_FEATURE_RANGE = (-6.0, 6.0)
"""Standardised features are cut here, so nothing unseen can push the answer arbitrarily far."""
_OPSET, _IR = 17, 8
"""Old enough for every runtime that the product supports."""


class Network(NamedTuple):
    """Weights of the trained network.

    Attributes:
        mean: of the features.
        scale: 1 / standard deviation of the features.
        weights: one matrix (inputs, outputs) per layer.
        biases: one vector per layer.
        temperature: divides the logits.
    """

    mean: Floats
    scale: Floats
    weights: list[Floats]
    biases: list[Floats]
    temperature: float = 1.0

    def logits(self, samples: Samples) -> npt.NDArray[np.float64]:
        """Scores before temperature and softmax, shape (n, classes)."""
        values: Any = self.inputs(samples)
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            values = (np.maximum(values, 0) if number else values) @ weight + bias
        return np.asarray(values, dtype=np.float64)

    def inputs(self, samples: Samples) -> Floats:
        """What the first layer sees, shape (n, inputs)."""
        patches = np.clip(samples.patches, *_PATCH_RANGE).reshape(len(samples.labels), -1)
        features = np.clip((samples.features - self.mean) * self.scale, *_FEATURE_RANGE)
        return np.concatenate([patches, features], axis=1).astype(np.float32)


def train(samples: Samples, seed: int) -> Network:
    """Fit a network; same samples and seed, same network."""
    scale = 1 / np.maximum(samples.features.std(axis=0), 1e-6)
    network = Network(samples.features.mean(axis=0), scale.astype(np.float32), [], [])
    model = MLPClassifier(_HIDDEN, alpha=1e-2, batch_size=128, max_iter=300, random_state=seed)
    model.fit(network.inputs(samples), samples.labels)
    return network._replace(
        weights=[weight.astype(np.float32) for weight in model.coefs_],
        biases=[bias.astype(np.float32) for bias in model.intercepts_],
    )


def calibrate(network: Network, samples: Samples) -> Network:
    """Choose the temperature with the least negative log-likelihood on samples that were not trained on."""
    logits = network.logits(samples)
    temperatures = np.geomspace(0.25, 8.0, 200)
    losses = [_loss(logits / temperature, samples.labels) for temperature in temperatures]
    return network._replace(temperature=float(temperatures[int(np.argmin(losses))]))


def _loss(logits: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]) -> float:
    shifted = logits - logits.max(axis=1, keepdims=True)
    own = shifted[np.arange(len(labels)), labels]
    return float((np.log(np.exp(shifted).sum(axis=1)) - own).mean())


def to_onnx(network: Network, patch: tuple[int, int]) -> bytes:
    """The network as an ONNX file; inputs and output as `cellctl.inspect.Classifier` wants them."""
    features, classes = len(network.mean), len(network.biases[-1])
    constants = {
        "mean": network.mean,
        "scale": network.scale,
        "cool": np.array(1 / network.temperature, np.float32),
        **{
            f"{end}_{side}": np.array(value, np.float32)
            for end, span in (("patch", _PATCH_RANGE), ("feature", _FEATURE_RANGE))
            for side, value in zip(("least", "most"), span, strict=True)
        },
        **{f"weight_{number}": weight for number, weight in enumerate(network.weights)},
        **{f"bias_{number}": bias for number, bias in enumerate(network.biases)},
    }
    graph = helper.make_graph(
        _nodes(len(network.weights)),
        "coating",
        [_port(PATCH_INPUT, *patch), _port(FEATURE_INPUT, features)],
        [_port(OUTPUT, classes)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _nodes(layers: int) -> list[Any]:
    nodes = [
        helper.make_node("Clip", [PATCH_INPUT, "patch_least", "patch_most"], ["clipped"]),
        helper.make_node("Flatten", ["clipped"], ["flat"], axis=1),
        helper.make_node("Sub", [FEATURE_INPUT, "mean"], ["centred"]),
        helper.make_node("Mul", ["centred", "scale"], ["scaled"]),
        helper.make_node("Clip", ["scaled", "feature_least", "feature_most"], ["bounded"]),
        helper.make_node("Concat", ["flat", "bounded"], ["active_0"], axis=1),
    ]
    for number in range(layers):
        out = "logits" if number == layers - 1 else f"layer_{number}"
        nodes.append(helper.make_node("Gemm", [f"active_{number}", f"weight_{number}", f"bias_{number}"], [out]))
        if out != "logits":
            nodes.append(helper.make_node("Relu", [out], [f"active_{number + 1}"]))
    nodes.append(helper.make_node("Mul", ["logits", "cool"], ["cooled"]))
    nodes.append(helper.make_node("Softmax", ["cooled"], [OUTPUT], axis=1))
    return nodes


def _port(name: str, *shape: int) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape])
