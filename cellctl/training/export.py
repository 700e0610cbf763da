"""A linear model as an ONNX file, with the inputs and the output that `cellctl.inspect.Classifier` wants."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cellctl.inspect.classifier import FEATURE_INPUT, OUTPUT
from cellctl.training.linear import REACH, Linear

_OPSET, _IR = 17, 8
"""Old enough for every runtime that the product supports."""


def to_onnx(model: Linear, name: str) -> bytes:
    """The file's bytes; the same model gives the same bytes."""
    features, classes = model.weights.shape
    constants = {
        "mean": model.mean,
        "scale": model.scale,
        "least": np.array(-REACH),
        "most": np.array(REACH),
        "weights": model.weights / model.temperature,
        "bias": model.bias / model.temperature,
    }
    nodes = [
        helper.make_node("Sub", [FEATURE_INPUT, "mean"], ["centred"]),
        helper.make_node("Mul", ["centred", "scale"], ["scaled"]),
        helper.make_node("Clip", ["scaled", "least", "most"], ["bounded"]),
        helper.make_node("Gemm", ["bounded", "weights", "bias"], ["scores"]),
        helper.make_node("Softmax", ["scores"], [OUTPUT], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        name,
        [_port(FEATURE_INPUT, features)],
        [_port(OUTPUT, classes)],
        [numpy_helper.from_array(np.asarray(value, np.float32), key) for key, value in constants.items()],
    )
    file = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
    onnx.checker.check_model(file, full_check=True)
    data: bytes = file.SerializeToString(deterministic=True)
    return data


def _port(name: str, *shape: int) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape])
