"""Tries a model out when it is loaded: does it run, is what it gives what was promised."""

from typing import Final

import numpy as np

from agents.adapters.model_folder import Manifest, ModelError
from streams.scoring import Encoded, Encoder, Head, TextTokenizer
from streams.scoring.batching import filled
from streams.scoring.heads import Floats

TOLERANCE: Final = 0.05
"""Largest difference from the manifest's probabilities: other arithmetic rounds otherwise, a wrong model is far off."""
_ROUNDING: Final = 1e-2
"""How far probabilities may be from what they must be by nature; half precision rounds."""

_OWN: Final = ("The council meets on Tuesday at ten.", "今天真的太开心了，谢谢大家！", "😂😂😂", "?", "long " * 400)
"""Tried besides the manifest's probes: each shape of text that posts have."""


class ProbeFailed(ModelError):
    """A model that was loaded fails, or says something else than when it was made."""


def probe(manifest: Manifest, encoder: Encoder, tokenizer: TextTokenizer) -> None:
    """Run the manifest's probes, and a few texts more, in one batch and look at what comes out.

    Raises:
        ProbeFailed: the model fails on them, breaks its promises, or says something else than when it was made.
    """
    name = manifest.name
    texts = [*(probe.text for probe in manifest.probes), *_OWN]
    tokens = [row.ids for row in tokenizer.tokens(texts)]
    width = max(map(len, tokens))
    if width > manifest.max_tokens or not min(map(len, tokens)):
        raise ProbeFailed(f"model {name}: its tokenizer makes {width} tokens of a text, at most {manifest.max_tokens}")
    ids, mask = filled(tokens, tokenizer.pad)
    try:
        encoded = encoder.encode(ids, mask)
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors have no nearer base
        raise ProbeFailed(f"model {name} fails on a probe: {' '.join(str(error).split())[:300]}") from None
    _check(manifest, encoded, len(texts))
    for row, probe in enumerate(manifest.probes):
        for head, expected in probe.probabilities.items():
            found = encoded.heads.get(head)
            if found is None or len(expected) != found.shape[1]:
                raise ProbeFailed(f"model {name} has no head {head} of {len(expected)} labels, which a probe expects")
            furthest = float(np.abs(found[row] - np.array(expected)).max())
            if furthest > TOLERANCE:
                raise ProbeFailed(f"model {name} differs from its manifest's probes by {furthest:.3f} on this machine")


def _check(manifest: Manifest, encoded: Encoded, texts: int) -> None:
    for head in manifest.heads:
        values = encoded.heads[head.name]
        if values.shape != (texts, len(head.labels)):
            raise ProbeFailed(f"model {manifest.name} gives {values.shape} for head {head.name} of {texts} texts")
        _finite(manifest.name, values)
        if not _are_probabilities(head, values):
            raise ProbeFailed(
                f"model {manifest.name}: head {head.name} gives no probabilities; "
                'if they are logits, write "logits": true'
            )
    if encoded.embedding is not None:
        if encoded.embedding.ndim != 2 or len(encoded.embedding) != texts:
            raise ProbeFailed(f"model {manifest.name} gives {encoded.embedding.shape} as embedding of {texts} texts")
        _finite(manifest.name, encoded.embedding)
        if np.abs(np.linalg.norm(encoded.embedding, axis=1) - 1).max() > _ROUNDING:
            raise ProbeFailed(f"model {manifest.name} gives embeddings whose length is not 1")


def _finite(name: str, values: Floats) -> None:
    if not np.isfinite(values).all():
        raise ProbeFailed(f"model {name} gives numbers that are not finite")


def _are_probabilities(head: Head, values: Floats) -> bool:
    inside = bool(values.min() >= -_ROUNDING and values.max() <= 1 + _ROUNDING)
    return inside and (head.kind == "sigmoid" or bool(np.abs(values.sum(axis=1) - 1).max() < _ROUNDING))
