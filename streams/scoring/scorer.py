"""Scores texts: each different text once, in batches of like length, remembered for a while."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from streams.contracts.posts import Model
from streams.scoring.batching import Part, Row, filled, fitting, pooled, rows_of, some_of
from streams.scoring.encoder import Encoded, Encoder, OutOfMemory
from streams.scoring.explanation import Explanation, explain
from streams.scoring.memory import ScoreMemory, key_of
from streams.scoring.score import FAILURE, Score, neutral_score, scores_of
from streams.scoring.tokens import TextTokenizer, Tokens, is_blank

_SHORT: Final = 16
"""Tokens of a short post, for warming up."""

_CHUNK: Final = 1024
"""Texts tokenised at a time, which bounds the memory of a long call."""


class Counted(msgspec.Struct):
    """What a scorer has done since its start, in texts; `retried` and `halvings` in runs of the encoder.

    `remembered` had been seen before, `fresh` were encoded. `split` were read in windows, `cut` not to their end.
    `retried` rows were encoded again alone, because their batch had come back broken; memory ran out `halvings` times.
    """

    remembered: int = 0
    fresh: int = 0
    split: int = 0
    cut: int = 0
    failed: int = 0
    retried: int = 0
    halvings: int = 0


class Scorer:
    """Scores texts with one model. Not for several threads at once.

    Args:
        encoder: what runs the model.
        tokenizer: the tokenizer that the model was trained with.
        model: the model's name and hash, for what is published.
        token_budget: tokens in a batch at most, filling included. One text may exceed it alone. It is halved for good
            when memory runs out.
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
        self.encoder = encoder
        self.heads = encoder.heads
        """What the model tells."""
        self.tokenizer = tokenizer
        self.token_budget = token_budget
        self.counted = Counted()
        self._neutral = neutral_score(encoder.heads)
        self._memory = ScoreMemory(cache_size)

    def score(self, texts: Sequence[str]) -> list[Score]:
        """Return the score of each text, in order.

        A text without anything to read is neutral and says so. A long one is read in windows and their mean taken. One
        for which the model gives no finite numbers has nothing but a flag that says so; the others are not touched.

        Raises:
            OutOfMemory: there is not enough for a single window.
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

    def warm_up(self) -> None:
        """Run the widest batches once, and short ones, so that the first posts do not wait for memory and kernels.

        Raises:
            OutOfMemory: as above.
        """
        longest = self.tokenizer.max_tokens
        for width in sorted({min(_SHORT, longest), longest}):
            rows = [Row(b"", 0, (self.tokenizer.pad,) * width)] * max(self.token_budget // width, 1)
            for _ in self._run(rows):
                pass
        self.counted.retried = 0

    def _score(self, texts: Sequence[str]) -> list[Score]:
        keys = [key_of(text) for text in texts]
        known: dict[bytes, Score] = {}
        wanted: dict[bytes, str] = {}
        for key, text in zip(keys, texts, strict=True):
            if key in known or key in wanted:
                self.counted.remembered += 1
            elif is_blank(text):
                known[key] = self._neutral
            elif (found := self._memory.find(key)) is not None:
                known[key] = found
                self.counted.remembered += 1
            else:
                wanted[key] = text
        self.counted.fresh += len(wanted)
        tokens = dict(zip(wanted, self.tokenizer.tokens(list(wanted.values())), strict=True))
        for key, score in self._encode(tokens):
            known[key] = score
            self._memory.keep(key, score)
        return [known[key] for key in keys]

    def _encode(self, tokens: dict[bytes, Tokens]) -> Iterator[tuple[bytes, Score]]:
        self.counted.split += sum(len(found.windows) > 1 for found in tokens.values())
        self.counted.cut += sum(found.truncated for found in tokens.values())
        windows: dict[bytes, list[Part]] = {}
        broken: set[bytes] = set()
        rows, begin = rows_of(tokens), 0
        while begin < len(rows):
            end = fitting(rows, begin, self.token_budget)
            for batch, encoded in self._run(rows[begin:end]):
                scores = scores_of(encoded, self.heads, [tokens[row.key].truncated for row in batch])
                for number, (row, score) in enumerate(zip(batch, scores, strict=True)):
                    whole = score
                    if len(tokens[row.key].windows) > 1:
                        parts = windows.setdefault(row.key, [])
                        parts.append(Part(encoded, number, len(row.ids)))
                        if score.failed:
                            broken.add(row.key)
                        if len(parts) < len(tokens[row.key].windows):
                            continue
                        del windows[row.key]
                        if row.key in broken:
                            whole = FAILURE
                        else:
                            (whole,) = scores_of(pooled(parts), self.heads, [tokens[row.key].truncated])
                    self.counted.failed += whole.failed
                    yield row.key, whole
            begin = end

    def _run(self, rows: list[Row]) -> Iterator[tuple[list[Row], Encoded]]:
        """Encode a batch; yield it whole, or in parts where memory or the model did not do with all at once."""
        ids, mask = filled([row.ids for row in rows], self.tokenizer.pad)
        try:
            encoded = self.encoder.encode(ids, mask)
        except OutOfMemory:
            if len(rows) == 1:
                raise
            self.token_budget = max(min(self.token_budget, ids.size) // 2, 1)
            self.counted.halvings += 1
            middle = len(rows) // 2
            for half in (rows[:middle], rows[middle:]):
                yield from self._run(half)
            return
        fine = self._fine(encoded, len(rows))
        if fine.all():
            yield rows, encoded
        elif len(rows) == 1:
            yield rows, self._nothing()
        else:
            good = np.flatnonzero(fine).tolist()
            if good:
                yield [rows[number] for number in good], some_of(encoded, good)
            for number in np.flatnonzero(~fine):
                self.counted.retried += 1
                yield from self._run([rows[number]])

    def _fine(self, encoded: Encoded, rows: int) -> npt.NDArray[np.bool_]:
        """Return which rows of a batch are what they should be; none of a batch of the wrong shape."""
        wanted = [(encoded.heads[head.name], len(head.labels)) for head in self.heads]
        if encoded.embedding is not None:
            wanted.append((encoded.embedding, encoded.embedding.shape[-1]))
        if any(values.shape != (rows, width) for values, width in wanted):
            return np.zeros(rows, bool)
        fine = np.ones(rows, bool)
        for values, _ in wanted:
            fine &= np.isfinite(values).all(axis=1)
        return fine

    def _nothing(self) -> Encoded:
        heads = {head.name: np.full((1, len(head.labels)), np.nan, np.float32) for head in self.heads}
        return Encoded(np.full((1, 1), np.nan, np.float32), heads)
