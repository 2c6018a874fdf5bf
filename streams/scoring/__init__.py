"""Scoring: a text becomes probabilities of moods and an embedding, in one pass of one encoder."""

from streams.scoring.encoder import Encoded, Encoder, TokenIds
from streams.scoring.score import EMPTY, FAILED, LABELS, TRUNCATED, Score
from streams.scoring.scorer import Scorer
from streams.scoring.tokens import TextTokenizer, Tokens, read_tokenizer

__all__ = [
    "EMPTY",
    "FAILED",
    "LABELS",
    "TRUNCATED",
    "Encoded",
    "Encoder",
    "Score",
    "Scorer",
    "TextTokenizer",
    "TokenIds",
    "Tokens",
    "read_tokenizer",
]
