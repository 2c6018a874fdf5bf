"""Small models with every head, made by code: a word has a vector, a text is their mean, a head is linear.

Written node by node with the package `onnx`, so that a test can have a model that is broken in just one way.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from streams.scoring import KNOWN

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
WORDS = (
    "happy", "glad", "sad", "angry", "afraid", "wow", "hope", "sure", "right", "idiot", "scum",
    "the", "council", "meets", "on", "tuesday", "at", "ten", "a", "cat", "flood", "road", "not",
)  # fmt: skip
MEANS = {
    "happy": {"positive": 3, "joy": 4}, "glad": {"positive": 2, "joy": 3}, "sad": {"negative": 3, "sadness": 4},
    "angry": {"negative": 3, "anger": 4}, "afraid": {"negative": 2, "fear": 4}, "wow": {"surprise": 4},
    "hope": {"positive": 1, "optimism": 4}, "sure": {"irony": 4}, "right": {"irony": 4},
    "idiot": {"negative": 2, "offensive": 6}, "scum": {"negative": 2, "offensive": 5, "hate": 7},
    "council": {"neutral": 3}, "tuesday": {"neutral": 3},
}  # fmt: skip
"""What a word adds to the logits of labels, in a text of one word."""
MAX_TOKENS = 32
HIDDEN = 32


def tokenizer() -> Tokenizer:
    """One token a word, in any case; the rest is unknown."""
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate((*SPECIAL, *WORDS))}, unk_token="<unk>"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return made


def graph(
    heads: dict[str, tuple[str, ...]], *, opset: int = 20, embedding: bool = True, nan: str = ""
) -> onnx.ModelProto:
    """Return a model with these heads; `nan` is a word whose vector is not finite."""
    vocabulary = (*SPECIAL, *WORDS)
    chance = np.random.default_rng(5)
    words = chance.normal(size=(len(vocabulary), HIDDEN)).astype(np.float32)
    nodes: list[onnx.NodeProto] = []
    constants = {"words": words, "one": np.array([1], np.int64), "two": np.array([2], np.int64)}

    def add(kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    add("Gather", ["words", "input_ids"], "x")
    add("Cast", ["attention_mask"], "present", to=TensorProto.FLOAT)
    add("Unsqueeze", ["present", "two"], "share")
    add("Mul", ["x", "share"], "seen")
    add("ReduceSum", ["share", "one"], "count", keepdims=1)
    add("Div", ["seen", "count"], "parts")
    add("ReduceSum", ["parts", "one"], "pooled", keepdims=0)
    outputs = []
    if embedding:
        add("ReduceL2", ["pooled", "one"], "norm", keepdims=1)
        add("Div", ["pooled", "norm"], "embedding")
        outputs.append(helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", HIDDEN]))
    for head, labels in heads.items():
        # What a vector must be multiplied with, so that its word means what MEANS says.
        wanted = np.array([[MEANS.get(word, {}).get(label, 0) for label in labels] for word in vocabulary], np.float32)
        constants[f"{head}.weight"] = np.linalg.lstsq(words, wanted, rcond=None)[0].astype(np.float32) * 3
        constants[f"{head}.bias"] = bias_of(head, labels)
        add("MatMul", ["parts", f"{head}.weight"], f"{head}_tokens")
        add("ReduceSum", [f"{head}_tokens", "one"], f"{head}_sum", keepdims=0)
        add("Add", [f"{head}_sum", f"{head}.bias"], f"{head}_logits")
        kind = "Softmax" if len(labels) > 1 else "Sigmoid"
        add(kind, [f"{head}_logits"], head, **({"axis": -1} if len(labels) > 1 else {}))
        count = len(labels)
        outputs += [
            helper.make_tensor_value_info(head, TensorProto.FLOAT, ["batch", count]),
            helper.make_tensor_value_info(f"{head}_logits", TensorProto.FLOAT, ["batch", count]),
            helper.make_tensor_value_info(f"{head}_tokens", TensorProto.FLOAT, ["batch", "length", count]),
        ]
    if nan:
        words[vocabulary.index(nan)] = np.nan
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    kept = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    whole = helper.make_graph(nodes, "made", inputs, outputs, kept)
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def bias_of(head: str, labels: tuple[str, ...]) -> np.ndarray:
    """Return the biases of a head: neutral unless a word says otherwise, and no irony, offence or hate."""
    return np.array([1.0 if label == "neutral" else -2.0 if len(labels) == 1 else 0.0 for label in labels], np.float32)


def head(name: str, labels: tuple[str, ...], **changes: object) -> dict[str, Any]:
    """Return a head as a manifest has it."""
    return {
        "name": name,
        "kind": "softmax" if len(labels) > 1 else "sigmoid",
        "labels": list(labels),
        "bias": [float(value) for value in bias_of(name, labels)],
        "temperature": 1.0,
        "probabilities": name,
        "contributions": f"{name}_tokens",
    } | changes


def write(
    folder: Path,
    heads: dict[str, tuple[str, ...]] | None = None,
    *,
    model: onnx.ModelProto | bytes | None = None,
    **changes: object,
) -> Path:
    """Write a model's folder and return it; `changes` are fields of the manifest that are otherwise."""
    heads = dict(KNOWN) if heads is None else heads
    made = graph(heads) if model is None else model
    data = made if isinstance(made, bytes) else made.SerializeToString()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(data)
    tokenizer().save(str(folder / "tokenizer.json"))
    files = {name: sha256((folder / name).read_bytes()).hexdigest() for name in ("model.onnx", "tokenizer.json")}
    manifest = {
        "schema": 2,
        "name": folder.name,
        "files": files,
        "heads": [head(name, labels) for name, labels in heads.items()],
        "max_tokens": MAX_TOKENS,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest | changes), "utf-8")
    return folder
