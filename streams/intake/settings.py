"""What intake accepts: limits in bytes, characters and levels, and the keys that make author ids anonymous."""

import msgspec

from streams.contracts.posts import POSITION_BITS
from streams.privacy.rotations import NONE, Rotations

_DEEPEST = 200
"""Above this the JSON decoder's own recursion guard could speak first."""


class IntakeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of intake. Bytes count before parsing, characters after decoding.

    Raises:
        ValueError: the key is empty, or a limit is outside what the rest of intake can promise.
    """

    author_key: bytes
    rotations: Rotations = NONE
    max_value_bytes: int = 1_000_000
    max_depth: int = 32
    max_text_chars: int = 20_000
    max_list: int = 1_000
    max_id_chars: int = 256
    max_original_bytes: int = 64 * 1024
    copy_min_words: int = 4

    def __post_init__(self) -> None:
        if not self.author_key:
            raise ValueError("author_key must not be empty: without it author ids could be guessed from their hashes")
        if not 1 <= self.max_depth <= _DEEPEST:
            raise ValueError(f"max_depth must lie between 1 and {_DEEPEST}, not {self.max_depth}")
        if not 1 <= self.max_list < 1 << POSITION_BITS:
            raise ValueError(f"max_list must lie between 1 and {(1 << POSITION_BITS) - 1}, not {self.max_list}")
        for name in ("max_value_bytes", "max_text_chars", "max_id_chars", "max_original_bytes", "copy_min_words"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
