"""A language model of the smallest kind, with chance for weights: one layer of Llama's with its cache, 300 tokens."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

HEADS, SIZE = 2, 16
WIDTH = HEADS * SIZE
END = "<|im_end|>"
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make_folder(folder: Path, *, seed: int = 1, context: int = 512) -> Path:
    """Write the folder that onnxruntime-genai reads."""
    folder.mkdir(parents=True, exist_ok=True)
    words = _tokenizer(folder)
    onnx.save(_graph(words, np.random.default_rng(seed)), folder / "model.onnx")
    end = words - 1
    config = {
        "model": {
            "type": "llama", "bos_token_id": end, "eos_token_id": end, "pad_token_id": end, "vocab_size": words,
            "context_length": context,
            "decoder": {
                "filename": "model.onnx", "head_size": SIZE, "hidden_size": WIDTH, "num_attention_heads": HEADS,
                "num_key_value_heads": HEADS, "num_hidden_layers": 1,
                "session_options": {"intra_op_num_threads": 1, "provider_options": []},
                "inputs": {
                    "input_ids": "input_ids", "attention_mask": "attention_mask",
                    "past_key_names": "past_key_values.%d.key", "past_value_names": "past_key_values.%d.value",
                },
                "outputs": {
                    "logits": "logits",
                    "present_key_names": "present.%d.key", "present_value_names": "present.%d.value",
                },
            },
        },
        "search": {"max_length": context, "do_sample": False, "past_present_share_buffer": False},
    }  # fmt: skip
    (folder / "genai_config.json").write_text(json.dumps(config))
    return folder


def _tokenizer(folder: Path) -> int:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=[], show_progress=False
    )
    tokenizer.train_from_iterator(["the bridge is closed", "the harbour is open"] * 50, trainer)
    tokenizer.add_special_tokens(["<|im_start|>", END])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "Qwen2Tokenizer", "eos_token": END, "pad_token": END, "chat_template": TEMPLATE})
    )
    return int(tokenizer.get_vocab_size())


def _graph(words: int, rng: np.random.Generator) -> onnx.ModelProto:
    def weight(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array(rng.normal(0, 0.5, shape).astype(np.float32), name)

    weights = [weight("embedding", words, WIDTH), weight("head", WIDTH, words)]
    weights += [weight(name, WIDTH, WIDTH) for name in ("wq", "wk", "wv", "wo")]
    numbers = {"one": np.array([1], np.int64), "at_one": np.array(1, np.int64)}
    weights += [numpy_helper.from_array(value, name) for name, value in numbers.items()]
    node = helper.make_node
    nodes = [
        node("Gather", ["embedding", "input_ids"], ["x"]),
        *(node("MatMul", ["x", f"w{name}"], [name]) for name in "qkv"),
        node("ReduceSum", ["attention_mask", "one"], ["length"], keepdims=0),
        node("Sub", ["length", "one"], ["before64"]),
        node("Cast", ["before64"], ["before"], to=TensorProto.INT32),
        node("Shape", ["attention_mask"], ["shape"]),
        node("Gather", ["shape", "at_one"], ["total64"]),
        node("Cast", ["total64"], ["total"], to=TensorProto.INT32),
        node(
            "GroupQueryAttention",
            ["q", "k", "v", "past_key_values.0.key", "past_key_values.0.value", "before", "total"],
            ["attended", "present.0.key", "present.0.value"],
            domain="com.microsoft", num_heads=HEADS, kv_num_heads=HEADS,
        ),
        node("MatMul", ["attended", "wo"], ["o"]),
        node("Add", ["x", "o"], ["y"]),
        node("MatMul", ["y", "head"], ["logits"]),
    ]  # fmt: skip
    cache = ["batch", HEADS, "past", SIZE]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "tiny",
        [
            value("input_ids", TensorProto.INT64, ["batch", "length"]),
            value("attention_mask", TensorProto.INT64, ["batch", "total"]),
            *(value(f"past_key_values.0.{name}", TensorProto.FLOAT, cache) for name in ("key", "value")),
        ],
        [
            value("logits", TensorProto.FLOAT, ["batch", "length", words]),
            *(value(f"present.0.{name}", TensorProto.FLOAT, cache) for name in ("key", "value")),
        ],
        weights,
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)
