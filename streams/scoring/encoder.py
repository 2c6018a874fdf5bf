"""What scoring needs of an encoder, whatever runs it."""

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

TokenIds = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


class Encoded(NamedTuple):
    """What an encoder says of a batch: `embedding` [batch, hidden], of length 1, and `sentiment` [batch, labels].

    A row of `sentiment` holds the labels' probabilities, in the order of `LABELS`.
    """

    embedding: Floats
    sentiment: Floats


class Encoder(Protocol):
    """Runs a model. A row of the output depends on its own row of the input alone, within 1e-3.

    `provider` is where it runs: "cpu" or "cuda".
    """

    provider: str

    def encode(self, ids: TokenIds, mask: TokenIds) -> Encoded:
        """Encode a batch.

        Args:
            ids: token ids [batch, length], filled up on the right.
            mask: the same shape, 1 for a token and 0 where filled up.
        """
        ...
