"""Scoring: a text becomes probabilities by head and an embedding, in one pass of one encoder."""

from streams.scoring.encoder import Encoded, Encoder, TokenIds
from streams.scoring.heads import EMOTIONS, KNOWN, LABELS, YES_OR_NO, Head
from streams.scoring.score import EMPTY, FAILED, TRUNCATED, Score
from streams.scoring.scorer import Scorer
from streams.scoring.tokens import TextTokenizer, Tokens, read_tokenizer

__all__ = [
    "EMOTIONS",
    "EMPTY",
    "FAILED",
    "KNOWN",
    "LABELS",
    "TRUNCATED",
    "YES_OR_NO",
    "Encoded",
    "Encoder",
    "Head",
    "Score",
    "Scorer",
    "TextTokenizer",
    "TokenIds",
    "Tokens",
    "read_tokenizer",
]
