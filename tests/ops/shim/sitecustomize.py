"""Runs at the start of a worker under test: its model gives no numbers for long texts, as one that overflows.

Tried out when it is loaded, it is sound: a model that is not is refused.
"""

import os
import sys

TOKENS = 100


def _overflow_on_long_texts() -> None:
    import numpy as np

    from agents.adapters.onnx import OnnxEncoder
    from streams.scoring import Encoded

    encode = OnnxEncoder.encode
    tried: list[bool] = []

    def overflowing(self: OnnxEncoder, ids: np.ndarray, mask: np.ndarray) -> Encoded:
        encoded = encode(self, ids, mask)
        if not tried:
            tried.append(True)
            return encoded
        long = mask.sum(axis=1) > TOKENS
        heads = {name: np.where(long[:, None], np.float32(np.nan), found) for name, found in encoded.heads.items()}
        return Encoded(encoded.embedding, heads)

    OnnxEncoder.encode = overflowing  # type: ignore[method-assign]


if "worker" in sys.argv and os.environ.get("REDIAN_ENCODER", "off") != "off":
    _overflow_on_long_texts()
