"""Judges a model that tells: what it foretells of answers that it has not seen, and what the checker keeps of its own.

Words are judged through the program's own way: the generator for folders, the prompt, the checker.
"""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnxruntime
from scipy.special import logsumexp

from agents.adapters.generators.onnx import CONFIG, OnnxGenerator
from exported_models.recipes.telling.pairs import Pair
from exported_models.recipes.telling.weights import Ids
from streams.content.composing import accepted, checked

Logits = npt.NDArray[np.float32]
"""Of an answer: [its tokens, vocabulary]."""
MAX_TOKENS: Final = 160


def perplexity(foretold: Sequence[Logits], pairs: Sequence[Ids]) -> float:
    """Return the perplexity of the answers, token by token; `foretold` has the logits of each."""
    loss, tokens = 0.0, 0
    for logits, pair in zip(foretold, pairs, strict=True):
        answer = pair.ids[pair.start :]
        loss += float((logsumexp(logits, axis=1) - logits[np.arange(len(answer)), answer]).sum())
        tokens += len(answer)
    return math.exp(loss / tokens)


def parity(one: Sequence[Logits], other: Sequence[Logits]) -> dict[str, float]:
    """Return how far two models are apart: the share of equal likeliest tokens, the largest difference of a logit."""
    same = [float((a.argmax(axis=1) == b.argmax(axis=1)).mean()) for a, b in zip(one, other, strict=True)]
    largest = max(float(np.abs(a - b).max()) for a, b in zip(one, other, strict=True))
    tokens = [len(logits) for logits in one]
    return {"same_token": float(np.average(same, weights=tokens)), "largest_difference": largest}


def onnx_foretelling(folder: Path) -> Callable[[Ids], Logits]:
    """Return how a folder's graph foretells answers, without anything kept from before."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    decoder = json.loads((folder / CONFIG).read_bytes())["model"]["decoder"]
    nothing = np.zeros((1, decoder["num_key_value_heads"], 0, decoder["head_size"]), np.float32)
    empty = {value.name: nothing for value in session.get_inputs() if value.name.startswith("past_key_values")}

    def foretell(pair: Ids) -> Logits:
        ids = np.array([pair.ids], np.int64)
        logits = session.run(["logits"], {"input_ids": ids, "attention_mask": np.ones_like(ids), **empty})[0]
        return np.asarray(logits[0, pair.start - 1 : -1], np.float32)

    return foretell


def told(folder: Path, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Return what becomes of the pieces that a folder's model tells."""
    generator = OnnxGenerator(folder, timeout_s=300, max_tokens=MAX_TOKENS)
    kept = said = stand = tokens = 0
    seconds = 0.0
    for pair in pairs:
        answer = generator.generate(pair.messages)
        seconds, tokens = seconds + answer.seconds, tokens + answer.tokens_out
        reasons = [reason for _, reason in checked(pair.brief, answer.text)]
        kept, said = kept + reasons.count(""), said + len(reasons)
        stand += not accepted(pair.brief, pair.kind, answer.text, generator.name, most=pair.most).fallback
    return {
        "pieces": len(pairs),
        "pieces_that_stand": stand / len(pairs),
        "sentences": said,
        "sentences_kept": kept / max(1, said),
        "tokens_per_second": tokens / seconds,
        "seconds_a_piece": seconds / len(pairs),
    }
