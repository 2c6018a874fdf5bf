"""Which rows go to the encoder together, and what becomes of the windows of one text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from streams.scoring.encoder import Encoded, TokenIds
from streams.scoring.heads import Floats
from streams.scoring.tokens import Tokens


class Row(NamedTuple):
    """A window of a text on its way through the encoder: the text's key, its number in the text, its token ids."""

    key: bytes
    window: int
    ids: tuple[int, ...]


class Part(NamedTuple):
    """What the encoder said of a window: row `number` of `encoded`, of so many `tokens`."""

    encoded: Encoded
    number: int
    tokens: int


def rows_of(tokens: Mapping[bytes, Tokens]) -> list[Row]:
    """Return the windows of all texts, the shortest first.

    Ties go by key, so that the same texts make the same batches in whatever order they come.
    """
    rows = [Row(key, number, ids) for key, found in tokens.items() for number, ids in enumerate(found.windows)]
    return sorted(rows, key=lambda row: (len(row.ids), row.key, row.window))


def fitting(rows: Sequence[Row], begin: int, budget: int) -> int:
    """Return where a batch ends that begins at row `begin`: at most `budget` tokens with filling, one row at least.

    Args:
        rows: from short to long.
    """
    end = begin + 1
    while end < len(rows) and (end + 1 - begin) * len(rows[end].ids) <= budget:
        end += 1
    return end


def filled(rows: Sequence[Sequence[int]], pad: int) -> tuple[TokenIds, TokenIds]:
    """Return (ids, mask) of rows of token ids, filled up on the right."""
    width = max(map(len, rows))
    ids = np.full((len(rows), width), pad, np.int64)
    mask = np.zeros((len(rows), width), np.int64)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return ids, mask


def some_of(encoded: Encoded, numbers: Sequence[int]) -> Encoded:
    """Return the chosen rows of a batch."""
    chosen = list(numbers)
    embedding = None if encoded.embedding is None else encoded.embedding[chosen]
    return Encoded(embedding, {name: values[chosen] for name, values in encoded.heads.items()})


def pooled(parts: Iterable[Part]) -> Encoded:
    """Return a batch of one row for a text read in windows: the mean, each window weighing as many tokens as it has."""
    parts = list(parts)
    weights = np.array([part.tokens for part in parts], np.float32)
    weights /= weights.sum()

    def mean(values: Sequence[Floats]) -> Floats:
        found: Floats = (np.stack(values) * weights[:, None]).sum(axis=0, keepdims=True, dtype=np.float32)
        return found

    heads = {name: mean([part.encoded.heads[name][part.number] for part in parts]) for name in parts[0].encoded.heads}
    # A model has embeddings for all or for none.
    vectors = [part.encoded.embedding[part.number] for part in parts if part.encoded.embedding is not None]
    embedding = mean(vectors) if vectors else None
    if embedding is not None:
        embedding /= max(float(np.linalg.norm(embedding)), 1e-9)
    return Encoded(embedding, heads)
