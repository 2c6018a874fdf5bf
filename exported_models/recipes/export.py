"""Step 3: writes the ONNX graph, in fp32 for comparison and in int8 for use.

    python -m exported_models.recipes.export --out build

Reads `weights.npz` and writes `model-fp32.onnx` and `model.onnx`, node by node: no exporter
guesses, and torch is not needed.

int8: each weight matrix has a scale per output channel, each *token* its own scale, found at run time. With the usual
dynamic quantisation one scale serves the whole batch, so a post's score would depend on its neighbours. Weights use
7 of 8 bits: on CPUs without VNNI the product of two full bytes overflows 16 bits and is silently cut off.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Floats = npt.NDArray[np.float32]

HEADS = 12
EPSILON = 1e-12
OPSET = 20
_ACTIVATION_MAX = 127
_WEIGHT_MAX = 63
_WORD_MAX = 127


class Graph:
    """Collects nodes and constants. A method adds what its name says and returns the name of the output."""

    def __init__(self, *, quantised: bool) -> None:
        self.quantised = quantised
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self._number = 0

    def constant(self, name: str, value: npt.NDArray[np.generic]) -> str:
        """Add a constant once."""
        self.constants.setdefault(name, numpy_helper.from_array(value, name))
        return name

    def number(self, value: float) -> str:
        """Add a scalar."""
        return self.constant(f"number_{value:g}", np.array(value, np.float32))

    def integers(self, *values: int) -> str:
        """Add a list of integers, for shapes and axes."""
        return self.constant("integers_" + "_".join(map(str, values)), np.array(values, np.int64))

    def add(self, kind: str, *inputs: str, output: str = "", **attributes: object) -> str:
        """Add a node with one output, called `output` if that is given."""
        self._number += 1
        output = output or f"{kind.lower()}_{self._number}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def linear(self, x: str, name: str, weight: Floats, bias: Floats) -> str:
        """Multiply [batch, length, in] by `weight` [out, in] and add `bias`."""
        if not self.quantised:
            product = self.add("MatMul", x, self.constant(f"{name}.weight", weight.T.copy()))
            return self.add("Add", product, self.constant(f"{name}.bias", bias))
        scale = np.maximum(np.abs(weight).max(1), 1e-8) / _WEIGHT_MAX
        whole = np.round(weight / scale[:, None]).astype(np.int8).T.copy()
        quantised, largest = self._quantised(x)
        product = self.add("MatMulInteger", quantised, self.constant(f"{name}.weight", whole), self._middle())
        product = self.add("Cast", product, to=TensorProto.FLOAT)
        product = self.add("Mul", product, largest)
        product = self.add("Mul", product, self.constant(f"{name}.scale", (scale / _ACTIVATION_MAX).astype(np.float32)))
        return self.add("Add", product, self.constant(f"{name}.bias", bias))

    def norm(self, x: str, name: str, weight: Floats, bias: Floats) -> str:
        """Normalise over the last axis."""
        constants = self.constant(f"{name}.weight", weight), self.constant(f"{name}.bias", bias)
        return self.add("LayerNormalization", x, *constants, axis=-1, epsilon=EPSILON)

    def _middle(self) -> str:
        return self.constant("middle", np.array(128, np.uint8))

    def _quantised(self, x: str) -> tuple[str, str]:
        """Quantise each token by its own largest magnitude; return the bytes and that magnitude [batch, length, 1]."""
        largest = self.add("ReduceMax", self.add("Abs", x), self.integers(-1), keepdims=1)
        largest = self.add("Max", largest, self.number(1e-6))
        scaled = self.add("Mul", x, self.add("Div", self.number(_ACTIVATION_MAX), largest))
        return self.add("QuantizeLinear", scaled, self.number(1), self._middle()), largest


def words(graph: Graph, table: Floats) -> str:
    """Add the look-up of word vectors; quantised, each row has its own scale."""
    if not graph.quantised:
        return graph.add("Gather", graph.constant("words", table), "input_ids")
    scale = np.maximum(np.abs(table).max(1, keepdims=True), 1e-8) / _WORD_MAX
    whole = np.round(table / scale).astype(np.int8)
    found = graph.add("Gather", graph.constant("words", whole), "input_ids")
    found = graph.add("Cast", found, to=TensorProto.FLOAT)
    return graph.add("Mul", found, graph.add("Gather", graph.constant("words.scale", scale), "input_ids"))


def layer(graph: Graph, x: str, blocked: str, name: str, weights: dict[str, Floats]) -> str:
    """Add one layer over x [batch, length, hidden]; `blocked` is what to add to the attention's scores."""

    def linear(x: str, part: str) -> str:
        return graph.linear(x, f"{name}.{part}", weights[f"{name}.{part}.weight"], weights[f"{name}.{part}.bias"])

    def norm(x: str, part: str) -> str:
        return graph.norm(x, f"{name}.{part}", weights[f"{name}.{part}.weight"], weights[f"{name}.{part}.bias"])

    hidden = weights[f"{name}.out.bias"].shape[0]
    size = hidden // HEADS
    qkv = graph.add("Reshape", linear(x, "qkv"), graph.integers(0, 0, 3 * HEADS, size))
    parts = [f"{name}.{part}" for part in ("query", "key", "value")]
    graph.nodes.append(helper.make_node("Split", [qkv, graph.integers(HEADS, HEADS, HEADS)], parts, axis=2))
    query = graph.add("Transpose", parts[0], perm=[0, 2, 1, 3])
    key = graph.add("Transpose", parts[1], perm=[0, 2, 3, 1])
    value = graph.add("Transpose", parts[2], perm=[0, 2, 1, 3])
    scores = graph.add("Mul", graph.add("MatMul", query, key), graph.number(size**-0.5))
    attended = graph.add("MatMul", graph.add("Softmax", graph.add("Add", scores, blocked), axis=-1), value)
    attended = graph.add("Reshape", graph.add("Transpose", attended, perm=[0, 2, 1, 3]), graph.integers(0, 0, hidden))
    x = norm(graph.add("Add", x, linear(attended, "out")), "norm1")
    widened = graph.add("Gelu", linear(x, "up"))
    return norm(graph.add("Add", x, linear(widened, "down")), "norm2")


def build(weights: dict[str, Floats], *, quantised: bool) -> onnx.ModelProto:
    """Return the whole model: ids and mask [batch, length] in, `embedding` and `sentiment` [batch, …] out."""
    graph = Graph(quantised=quantised)
    length = graph.add("Shape", "input_ids", start=1, end=2)
    places = graph.constant("positions", weights["positions"])
    x = graph.add("Add", words(graph, weights["words.weight"]), graph.add("Slice", places, graph.integers(0), length))
    x = graph.norm(x, "norm", weights["norm.weight"], weights["norm.bias"])
    present = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    absent = graph.add("Sub", graph.number(1), present)
    blocked = graph.add("Unsqueeze", graph.add("Mul", absent, graph.number(-1e4)), graph.integers(1, 2))
    count = len({name.split(".")[1] for name in weights if name.startswith("layers.")})
    for i in range(count):
        x = layer(graph, x, blocked, f"layers.{i}", weights)
    share = graph.add("Unsqueeze", present, graph.integers(2))
    total = graph.add("ReduceSum", graph.add("Mul", x, share), graph.integers(1), keepdims=0)
    pooled = graph.add("Div", total, graph.add("ReduceSum", share, graph.integers(1), keepdims=0))
    norm = graph.add("Max", graph.add("ReduceL2", pooled, graph.integers(1), keepdims=1), graph.number(1e-12))
    graph.add("Div", pooled, norm, output="embedding")
    head = graph.constant("head.weight", weights["head.weight"]), graph.constant("head.bias", weights["head.bias"])
    graph.add("Softmax", graph.add("Gemm", pooled, *head, transB=1), output="sentiment", axis=-1)
    return _model(graph, hidden=weights["positions"].shape[1], labels=weights["head.bias"].shape[0])


def _model(graph: Graph, *, hidden: int, labels: int) -> onnx.ModelProto:
    def value(name: str, kind: int, *shape: str | int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, list(shape))

    inputs = [value(name, TensorProto.INT64, "batch", "length") for name in ("input_ids", "attention_mask")]
    outputs = [
        value("embedding", TensorProto.FLOAT, "batch", hidden),
        value("sentiment", TensorProto.FLOAT, "batch", labels),
    ]
    whole = helper.make_graph(graph.nodes, "encoder", inputs, outputs, list(graph.constants.values()))
    model = helper.make_model(
        whole, producer_name="redian", opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def main() -> None:
    """Write both graphs."""
    parser = argparse.ArgumentParser(description="Write the ONNX graphs.")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    with np.load(arguments.out / "weights.npz") as stored:
        weights = {name: stored[name].astype(np.float32) for name in stored.files}
    for name, quantised in (("model-fp32.onnx", False), ("model.onnx", True)):
        data = build(weights, quantised=quantised).SerializeToString()
        (arguments.out / name).write_bytes(data)
        print(f"{name}: {len(data) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
