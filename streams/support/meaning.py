"""What texts mean, as vectors: the scorer's embeddings, each kind of text centred on its own middle."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from streams.scoring import Scorer
from streams.support.background import QUESTIONS, STATEMENTS, WORDS
from streams.support.words import is_chinese

Vectors = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
"""Returns the embeddings [texts, dimensions] of texts, of length 1, zeros for a text without any."""

BACKGROUND_WEIGHT: Final = 16
"""As many passages does the background stand for, when the middle of the passages is taken."""


def embedding_with(scorer: Scorer) -> Embed:
    """Return the embeddings that a scorer gives; its model must have them."""
    width = next(len(s.embedding) for s in scorer.score(["width"]) if s.embedding is not None)

    def embed(texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), width), np.float32)
        for row, score in enumerate(scorer.score(texts)):
            if score.embedding is not None:
                vectors[row] = score.embedding
        return vectors

    return embed


def meaning_with(scorer: Scorer | None) -> "Meaning | None":
    """Return meanings by a scorer, None without one or if its model has no embeddings."""
    if scorer is None or all(score.embedding is None for score in scorer.score(["width"])):
        return None
    return Meaning(embedding_with(scorer))


class Meaning:
    """Embeds questions, passages and words.

    Args:
        embed: the encoder.
    """

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        self._questions = {lang: embed(texts).mean(axis=0) for lang, texts in QUESTIONS.items()}
        self._words = {lang: embed(words).mean(axis=0) for lang, words in WORDS.items()}
        self.statements: dict[str, Vectors] = {lang: embed(texts).mean(axis=0) for lang, texts in STATEMENTS.items()}

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return len(self.statements["en"])

    def question(self, text: str, lang: str) -> Vectors:
        """Return the centred vector of a question."""
        vector: Vectors = unit(self._embed([text]) - self._questions[lang])[0]
        return vector

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of passages or sentences, not centred."""
        return self._embed(texts)

    def words(self, words: Sequence[str]) -> Vectors:
        """Return the centred vectors of single words."""
        middle = np.stack([self._words["zh" if is_chinese(word) else "en"] for word in words])
        return unit(self._embed(words) - middle)


def unit(vectors: Vectors) -> Vectors:
    """Return vectors scaled to length 1; zeros stay."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Vectors = (vectors / np.maximum(norms, 1e-6)).astype(np.float32)
    return scaled
