"""The ONNX graph of the encoder, node by node: no exporter guesses, and torch is not needed.

How its matrices multiply is a `Precision`; `PRECISIONS` has what is shipped and what it is compared
with. In the int8 graph each weight matrix has a scale per output channel and each *token* a scale of its own, found at
run time: with one scale for the whole batch, as is usual, a post's score would depend on its neighbours.
"""

from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from exported_models.recipes.tasks import COLUMNS, HEADS, columns_of

Floats = npt.NDArray[np.float32]

ATTENTION_HEADS: Final = 12
EPSILON: Final = 1e-12
OPSET: Final = 20
CONTRIB: Final = "com.microsoft"
_ACTIVATION_MAX: Final = 127
_WORD_MAX: Final = 127


class Precision(NamedTuple):
    """How numbers are held.

    `activations` says what shares a scale: a token, the batch, or (`static`) all texts there will ever be, by the
    magnitudes found on sample texts. `weight_max` is 63 for 7 bits, 127 for 8. `smoothing` moves large
    channels of what a matrix multiplies into the matrix (SmoothQuant, Xiao et al. 2023): 0 not at all, 1 wholly.
    """

    weights: Literal["fp32", "fp16", "int8"]
    activations: Literal["token", "batch", "static"] = "token"
    per_channel: bool = True
    weight_max: int = 63
    smoothing: float = 0.0


PRECISIONS: Final = {
    "fp32": Precision("fp32"),
    "fp16": Precision("fp16"),
    "int8": Precision("int8", smoothing=0.5),
    "int8, 8-bit weights": Precision("int8", smoothing=0.5, weight_max=127),
    "int8, not smoothed": Precision("int8"),
    "int8, one scale a matrix": Precision("int8", smoothing=0.5, per_channel=False),
    "int8, dynamic for the batch": Precision("int8", activations="batch"),
    "int8, static": Precision("int8", activations="static"),
}


class Graph:
    """Collects nodes and constants. A method adds what its name says and returns the name of the output."""

    def __init__(self, precision: Precision, magnitudes: dict[str, Floats]) -> None:
        self.precision = precision
        self.magnitudes = magnitudes
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self.float = np.float16 if precision.weights == "fp16" else np.float32
        self.inputs: dict[str, str] = {}
        """What each matrix multiplies, by its name: where `magnitudes` are measured."""

    def constant(self, name: str, value: npt.NDArray[np.generic]) -> str:
        """Add a constant once."""
        self.constants.setdefault(name, numpy_helper.from_array(value, name))
        return name

    def number(self, value: float) -> str:
        """Add a scalar."""
        return self.constant(f"number_{value:g}", np.array(value, self.float))

    def integers(self, *values: int) -> str:
        """Add a list of integers, for shapes and axes."""
        return self.constant("integers_" + "_".join(map(str, values)), np.array(values, np.int64))

    def add(self, kind: str, *inputs: str, output: str = "", **attributes: object) -> str:
        """Add a node with one output, called `output` if that is given."""
        output = output or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def linear(self, x: str, name: str, weight: Floats, bias: Floats) -> str:
        """Multiply [batch, length, in] by `weight` [out, in] and add `bias`."""
        self.inputs[name] = x
        if self.precision.weights != "int8":
            product = self.add("MatMul", x, self.constant(f"{name}.weight", weight.T.astype(self.float)))
            return self.add("Add", product, self.constant(f"{name}.bias", bias.astype(self.float)))
        if self.precision.smoothing:
            factor = _factor(self.magnitudes[name], weight, self.precision.smoothing)
            weight = weight * factor
            x = self.add("Mul", x, self.constant(f"{name}.smoothing", 1 / factor))
        largest = np.maximum(np.abs(weight).max(1), 1e-8)
        if not self.precision.per_channel:
            largest = np.full_like(largest, largest.max())
        scale = largest / self.precision.weight_max
        whole = np.round(weight / scale[:, None]).astype(np.int8).T.copy()
        quantised, magnitude = self._quantised(x, name)
        self.nodes.append(
            helper.make_node(
                "MatMulIntegerToFloat",
                [
                    quantised,
                    self.constant(f"{name}.weight", whole),
                    self.number(1 / _ACTIVATION_MAX),
                    self.constant(f"{name}.scale", scale.astype(np.float32)),
                    self._middle(),
                ],
                [f"{name}.product"],
                domain=CONTRIB,
            )
        )
        product = self.add("Mul", f"{name}.product", magnitude)
        return self.add("Add", product, self.constant(f"{name}.bias", bias))

    def norm(self, x: str, name: str, weight: Floats, bias: Floats) -> str:
        """Normalise over the last axis, in fp32 inside."""
        constants = (
            self.constant(f"{name}.weight", weight.astype(self.float)),
            self.constant(f"{name}.bias", bias.astype(self.float)),
        )
        return self.add("LayerNormalization", x, *constants, axis=-1, epsilon=EPSILON, stash_type=TensorProto.FLOAT)

    def _middle(self) -> str:
        return self.constant("middle", np.array(128, np.uint8))

    def _quantised(self, x: str, name: str) -> tuple[str, str]:
        """Quantise x by its largest magnitude; return the bytes, and that magnitude: of all, or [batch, length, 1]."""
        kind = self.precision.activations
        if kind == "static":
            magnitude = self.number(float(self.magnitudes[name].max()))
        else:
            axes = [self.integers(-1)] if kind == "token" else []
            magnitude = self.add("ReduceMax", self.add("Abs", x), *axes, keepdims=1)
            magnitude = self.add("Max", magnitude, self.number(1e-6))
        scaled = self.add("Mul", x, self.add("Div", self.number(_ACTIVATION_MAX), magnitude))
        return self.add("QuantizeLinear", scaled, self.number(1), self._middle()), magnitude


def _factor(magnitudes: Floats, weight: Floats, smoothing: float) -> Floats:
    """Return by what each channel is divided before it is quantised, its column of the matrix multiplied."""
    found = np.maximum(magnitudes, 1e-5) ** smoothing / np.maximum(np.abs(weight).max(0), 1e-5) ** (1 - smoothing)
    factor: Floats = (found / np.exp(np.log(found).mean())).astype(np.float32)
    return factor


def _words(graph: Graph, table: Floats) -> str:
    """Add the look-up of word vectors; quantised, each row has its own scale."""
    if graph.precision.weights != "int8":
        return graph.add("Gather", graph.constant("words", table.astype(graph.float)), "input_ids")
    scale = np.maximum(np.abs(table).max(1, keepdims=True), 1e-8) / _WORD_MAX
    whole = np.round(table / scale).astype(np.int8)
    found = graph.add("Gather", graph.constant("words", whole), "input_ids")
    found = graph.add("Cast", found, to=TensorProto.FLOAT)
    return graph.add("Mul", found, graph.add("Gather", graph.constant("words.scale", scale), "input_ids"))


def _layer(graph: Graph, x: str, blocked: str, name: str, weights: dict[str, Floats]) -> str:
    """Add one layer over x [batch, length, hidden]; `blocked` is what to add to the attention's scores."""

    def linear(x: str, part: str) -> str:
        return graph.linear(x, f"{name}.{part}", weights[f"{name}.{part}.weight"], weights[f"{name}.{part}.bias"])

    def norm(x: str, part: str) -> str:
        return graph.norm(x, f"{name}.{part}", weights[f"{name}.{part}.weight"], weights[f"{name}.{part}.bias"])

    hidden = weights[f"{name}.out.bias"].shape[0]
    size = hidden // ATTENTION_HEADS
    qkv = graph.add("Reshape", linear(x, "qkv"), graph.integers(0, 0, 3 * ATTENTION_HEADS, size))
    parts = [f"{name}.{part}" for part in ("query", "key", "value")]
    heads = graph.integers(ATTENTION_HEADS, ATTENTION_HEADS, ATTENTION_HEADS)
    graph.nodes.append(helper.make_node("Split", [qkv, heads], parts, axis=2))
    query = graph.add("Transpose", parts[0], perm=[0, 2, 1, 3])
    key = graph.add("Transpose", parts[1], perm=[0, 2, 3, 1])
    value = graph.add("Transpose", parts[2], perm=[0, 2, 1, 3])
    scores = graph.add("Mul", graph.add("MatMul", query, key), graph.number(size**-0.5))
    attended = graph.add("MatMul", graph.add("Softmax", graph.add("Add", scores, blocked), axis=-1), value)
    attended = graph.add("Reshape", graph.add("Transpose", attended, perm=[0, 2, 1, 3]), graph.integers(0, 0, hidden))
    x = norm(graph.add("Add", x, linear(attended, "out")), "norm1")
    widened = graph.add("Gelu", linear(x, "up"))
    return norm(graph.add("Add", x, linear(widened, "down")), "norm2")


def _heads(graph: Graph, x: str, share: str, weights: dict[str, Floats]) -> None:
    """Add what each token adds to each logit, the sums of that, and the probabilities.

    The pooling is a mean and a head is linear, so a logit *is* a sum over the tokens.
    """
    product = graph.add("MatMul", x, graph.constant("heads.weight", weights["heads.weight"].T.copy()))
    added = graph.add("Mul", product, share)
    summed = graph.add("ReduceSum", added, graph.integers(1), keepdims=0)
    logits = graph.add("Add", summed, graph.constant("heads.bias", weights["heads.bias"]))
    sizes = graph.integers(*(len(head.labels) for head in HEADS))
    tokens = [f"{head.name}_tokens" for head in HEADS]
    graph.nodes.append(helper.make_node("Split", [added, sizes], tokens, axis=2))
    graph.nodes.append(helper.make_node("Split", [logits, sizes], [f"{head.name}_logits" for head in HEADS], axis=1))
    for head in HEADS:
        if head.kind == "softmax":
            graph.add("Softmax", f"{head.name}_logits", output=head.name, axis=-1)
        else:
            graph.add("Sigmoid", f"{head.name}_logits", output=head.name)


def build(
    weights: dict[str, Floats],
    precision: Precision,
    magnitudes: dict[str, Floats] | None = None,
    *,
    taps: dict[str, str] | None = None,
) -> onnx.ModelProto:
    """Return the whole model.

    Args:
        weights: by name, as training has them; the temperatures are already in the heads.
        magnitudes: the largest magnitude of each channel that a matrix multiplies, for smoothing and static scales.
        taps: give out what the matrices multiply, too, to measure `magnitudes`; filled with the outputs' names.
    """
    graph = Graph(precision, magnitudes or {})
    length = graph.add("Shape", "input_ids", start=1, end=2)
    places = graph.constant("positions", weights["positions"].astype(graph.float))
    x = graph.add("Add", _words(graph, weights["words.weight"]), graph.add("Slice", places, graph.integers(0), length))
    x = graph.norm(x, "norm", weights["norm.weight"], weights["norm.bias"])
    inner = TensorProto.FLOAT16 if precision.weights == "fp16" else TensorProto.FLOAT
    absent = graph.add("Sub", graph.number(1), graph.add("Cast", "attention_mask", to=inner))
    blocked = graph.add("Unsqueeze", graph.add("Mul", absent, graph.number(-1e4)), graph.integers(1, 2))
    for i in range(len({name.split(".")[1] for name in weights if name.startswith("layers.")})):
        x = _layer(graph, x, blocked, f"layers.{i}", weights)
    graph.float = np.float32  # From here on, sums over the tokens.
    if precision.weights == "fp16":
        x = graph.add("Cast", x, to=TensorProto.FLOAT)
    present = graph.add("Unsqueeze", graph.add("Cast", "attention_mask", to=TensorProto.FLOAT), graph.integers(2))
    share = graph.add("Div", present, graph.add("ReduceSum", present, graph.integers(1), keepdims=1))
    pooled = graph.add("ReduceSum", graph.add("Mul", x, share), graph.integers(1), keepdims=0)
    least = graph.constant("least", np.array(1e-12, np.float32))
    norm = graph.add("Max", graph.add("ReduceL2", pooled, graph.integers(1), keepdims=1), least)
    graph.add("Div", pooled, norm, output="embedding")
    _heads(graph, x, share, weights)
    if taps is not None:
        taps.update(graph.inputs)
    return _model(graph, hidden=weights["positions"].shape[1], taps=list(dict.fromkeys(taps.values())) if taps else [])


def _model(graph: Graph, *, hidden: int, taps: list[str]) -> onnx.ModelProto:
    def value(name: str, kind: int, *shape: str | int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, list(shape))

    inputs = [value(name, TensorProto.INT64, "batch", "length") for name in ("input_ids", "attention_mask")]
    outputs = [value("embedding", TensorProto.FLOAT, "batch", hidden)]
    outputs += [value(head.name, TensorProto.FLOAT, "batch", len(head.labels)) for head in HEADS]
    outputs += [value(f"{head.name}_tokens", TensorProto.FLOAT, "batch", "length", len(head.labels)) for head in HEADS]
    outputs += [value(x, TensorProto.FLOAT, "batch", "length", f"width of {x}") for x in taps]
    whole = helper.make_graph(graph.nodes, "encoder", inputs, outputs, list(graph.constants.values()))
    opsets = [helper.make_opsetid("", OPSET)]
    if any(node.domain == CONTRIB for node in graph.nodes):
        opsets.append(helper.make_opsetid(CONTRIB, 1))
    model = helper.make_model(whole, producer_name="redian", opset_imports=opsets, ir_version=10)
    onnx.checker.check_model(model)
    return model


def folded(weights: dict[str, Floats], temperatures: dict[str, float]) -> dict[str, Floats]:
    """Return the weights with each head divided by its temperature."""
    scale = np.ones(len(COLUMNS), np.float32)
    for head in HEADS:
        scale[columns_of(head)] = 1 / temperatures[head.name]
    heads = {"heads.weight": weights["heads.weight"] * scale[:, None], "heads.bias": weights["heads.bias"] * scale}
    return weights | heads
