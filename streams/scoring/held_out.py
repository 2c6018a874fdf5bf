"""Which labelled texts no training step sees: the recipes and `redian models evaluate` ask the same function."""

from hashlib import sha256
from typing import Final

SHARE: Final = 0.1
"""Share of labelled texts that are held out."""


def is_held_out(text: str) -> bool:
    """Return whether a text, cleaned as intake cleans it, belongs to the held-out part: copies stay on one side."""
    number = int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest()[:4], "big")
    return number < SHARE * 2**32
