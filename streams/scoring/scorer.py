"""Scores texts: each different text once, in batches of like length, remembered for a while."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from hashlib import blake2b

import numpy as np

from streams.contracts.posts import Model
from streams.scoring.encoder import Encoder
from streams.scoring.explanation import Explanation, explain
from streams.scoring.score import Score, neutral_score, scores_of
from streams.scoring.tokens import TextTokenizer, Tokens, is_blank

_CHUNK = 1024
"""Texts tokenised at a time, which bounds the memory of a long call."""


class Scorer:
    """Scores texts with one model. Not for several threads at once.

    Args:
        encoder: what runs the model.
        tokenizer: the tokenizer that the model was trained with.
        model: the model's name and hash, for what is published.
        token_budget: tokens in a batch at most, filling included. One text may exceed it alone.
        cache_size: texts remembered, the last used first; 0 for none.

    Raises:
        ValueError: a limit is not positive.
    """

    def __init__(
        self, encoder: Encoder, tokenizer: TextTokenizer, model: Model, *, token_budget: int, cache_size: int
    ) -> None:
        if token_budget < 1 or cache_size < 0:
            raise ValueError(f"token_budget must be positive and cache_size not negative: {token_budget}, {cache_size}")
        self.model = model
        self.provider = encoder.provider
        self.encoded = 0
        """Texts that the encoder has seen since the start."""
        self.encoder = encoder
        self.heads = encoder.heads
        """What the model tells."""
        self._neutral = neutral_score(encoder.heads)
        self.tokenizer = tokenizer
        self._budget = token_budget
        self._cache: OrderedDict[bytes, Score] = OrderedDict()
        self._cache_size = cache_size

    def score(self, texts: Sequence[str]) -> list[Score]:
        """Return the score of each text, in order.

        A text without anything to read is neutral and says so. One for which the model gives no finite numbers has
        nothing but a flag that says so; the others are not touched by it.
        """
        scores: list[Score] = []
        for begin in range(0, len(texts), _CHUNK):
            scores.extend(self._score(texts[begin : begin + _CHUNK]))
        return scores

    def explain(self, text: str, head: str | None = None) -> Explanation:
        """Return why a head says what it says, see `explanation`.

        Raises:
            CannotExplain: see there.
        """
        return explain(self.encoder, self.tokenizer, text, head)

    def _score(self, texts: Sequence[str]) -> list[Score]:
        keys = [_key(text) for text in texts]
        known: dict[bytes, Score] = {}
        wanted: dict[bytes, str] = {}
        for key, text in zip(keys, texts, strict=True):
            if key in known or key in wanted:
                continue
            cached = self._cache.get(key)
            if cached is not None:
                self._cache.move_to_end(key)
                known[key] = cached
            elif is_blank(text):
                known[key] = self._neutral
            else:
                wanted[key] = text
        tokens = self.tokenizer.tokens(list(wanted.values()))
        for key, score in self._encode(dict(zip(wanted, tokens, strict=True))):
            known[key] = score
            self._remember(key, score)
        return [known[key] for key in keys]

    def _encode(self, tokens: dict[bytes, Tokens]) -> Iterator[tuple[bytes, Score]]:
        for batch in _batches(tokens, self._budget):
            rows = [tokens[key] for key in batch]
            width = max(len(row.ids) for row in rows)
            ids = np.full((len(rows), width), self.tokenizer.pad, np.int64)
            mask = np.zeros((len(rows), width), np.int64)
            for i, row in enumerate(rows):
                ids[i, : len(row.ids)] = row.ids
                mask[i, : len(row.ids)] = 1
            encoded = self.encoder.encode(ids, mask)
            self.encoded += len(rows)
            yield from zip(batch, scores_of(encoded, self.heads, [row.truncated for row in rows]), strict=True)

    def _remember(self, key: bytes, score: Score) -> None:
        if not self._cache_size or score.failed:
            return
        self._cache[key] = score
        if len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)


def _batches(tokens: dict[bytes, Tokens], budget: int) -> Iterator[list[bytes]]:
    """Yield keys in batches of like length, each at most `budget` tokens with its filling.

    Ties go by key, so that the same texts make the same batches in whatever order they come.
    """
    batch: list[bytes] = []
    for key in sorted(tokens, key=lambda key: (len(tokens[key].ids), key)):
        if batch and (len(batch) + 1) * len(tokens[key].ids) > budget:
            yield batch
            batch = []
        batch.append(key)
    if batch:
        yield batch


def _key(text: str) -> bytes:
    """Return 16 bytes that stand for a text: a cache of hashes does not keep what people wrote."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
