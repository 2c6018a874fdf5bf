"""What scoring needs of an encoder, whatever runs it."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from streams.scoring.heads import Floats, Head

TokenIds = npt.NDArray[np.int64]


class OutOfMemory(Exception):
    """A batch was too large for the memory there is; a smaller one may do."""


class Encoded(NamedTuple):
    """What an encoder says of a batch: `embedding` [batch, hidden], of length 1, and probabilities by head.

    `heads` has for each head, by its name, [batch, labels] in the order of its labels. `embedding` is None of a model
    that has none.
    """

    embedding: Floats | None
    heads: Mapping[str, Floats]


class Encoder(Protocol):
    """Runs a model. A row of the output depends on its own row of the input alone, within 1e-3.

    `provider` is where it runs: "cpu" or "cuda"; `heads` are what it tells.
    """

    provider: str
    heads: tuple[Head, ...]

    def encode(self, ids: TokenIds, mask: TokenIds) -> Encoded:
        """Encode a batch.

        Args:
            ids: token ids [batch, length], filled up on the right.
            mask: the same shape, 1 for a token and 0 where filled up.

        Raises:
            OutOfMemory: see there.
        """
        ...

    def contributions(self, ids: TokenIds, mask: TokenIds, head: Head) -> tuple[Floats, Floats]:
        """Return what each token adds to a head's logits [batch, length, labels], and its probabilities.

        Args:
            head: one that has contributions.
        """
        ...
