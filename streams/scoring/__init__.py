"""Scoring: a text becomes probabilities by head and an embedding, in one pass of one encoder."""

from streams.scoring.encoder import Encoded, Encoder, OutOfMemory, TokenIds
from streams.scoring.explanation import CannotExplain, Explanation
from streams.scoring.heads import EMOTIONS, KNOWN, LABELS, YES_OR_NO, Head
from streams.scoring.score import EMPTY, FAILED, TRUNCATED, Score
from streams.scoring.scorer import Counted, Scorer
from streams.scoring.tokens import TextTokenizer, Tokens, is_blank, read_tokenizer

__all__ = [
    "EMOTIONS",
    "EMPTY",
    "FAILED",
    "KNOWN",
    "LABELS",
    "TRUNCATED",
    "YES_OR_NO",
    "CannotExplain",
    "Counted",
    "Encoded",
    "Encoder",
    "Explanation",
    "Head",
    "OutOfMemory",
    "Score",
    "Scorer",
    "TextTokenizer",
    "TokenIds",
    "Tokens",
    "is_blank",
    "read_tokenizer",
]
