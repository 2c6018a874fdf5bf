"""From texts to token ids, bounded in time whatever the text."""

import unicodedata
from collections.abc import Sequence
from typing import Final

import msgspec
from tokenizers import Encoding, Tokenizer

_CHARS_PER_TOKEN: Final = 16
"""More characters than this per token that fits are not even shown to the tokenizer: no language needs them."""


class Tokens(msgspec.Struct, frozen=True):
    """The token ids of one text in windows, each with those that frame it, and whether the text was longer still."""

    windows: tuple[tuple[int, ...], ...]
    truncated: bool

    @property
    def ids(self) -> tuple[int, ...]:
        """Those of the first window."""
        return self.windows[0]


class TextTokenizer:
    """Turns texts into token ids.

    Example:
        >>> from pathlib import Path
        >>> folder = Path("exported_models/standard")
        >>> tokenizer = read_tokenizer((folder / "tokenizer.json").read_bytes(), max_tokens=128, max_windows=1)
        >>> len(tokenizer.tokens(["Flood in Turin"])[0].ids)
        9

    Args:
        tokenizer: of the library.
        max_tokens: of a window, with those that frame it.
        max_windows: windows of a text that are read; what comes after them is not.
    """

    def __init__(self, tokenizer: Tokenizer, max_tokens: int, max_windows: int) -> None:
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_tokens)
        self._tokenizer = tokenizer
        self._max_windows = max_windows
        self._max_chars = max_tokens * max_windows * _CHARS_PER_TOKEN
        self.max_tokens = max_tokens
        self.vocabulary = tokenizer.get_vocab_size()
        self.pad: int = tokenizer.token_to_id("<pad>") or tokenizer.token_to_id("[PAD]") or 0

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Return the tokens of each text. Lone surrogates are read as unknown characters, never refused."""
        shown = [_without_surrogates(text[: self._max_chars]) for text in texts]
        encodings = self._tokenizer.encode_batch_fast(shown)
        return [self._tokens(text, encoding) for text, encoding in zip(texts, encodings, strict=True)]

    def _tokens(self, text: str, encoding: Encoding) -> Tokens:
        over = encoding.overflowing
        if not over:
            return Tokens((tuple(encoding.ids),), len(text) > self._max_chars)
        windows = (encoding, *over)[: self._max_windows]
        cut = len(over) >= self._max_windows or len(text) > self._max_chars
        return Tokens(tuple(tuple(window.ids) for window in windows), cut)

    def placed(self, text: str) -> tuple[Tokens, list[tuple[int, int] | None], str]:
        """Return the tokens of a text's first window, where each stands in what was shown of it, and that.

        A place is (begin, end) in characters, None for a token that is part of no text, such as those that frame it.
        """
        shown = _without_surrogates(text[: self._max_chars])
        encoding = self._tokenizer.encode(shown)
        places = [
            None if framing or word is None else place
            for place, framing, word in zip(
                encoding.offsets, encoding.special_tokens_mask, encoding.word_ids, strict=True
            )
        ]
        truncated = bool(encoding.overflowing) or len(text) > self._max_chars
        return Tokens((tuple(encoding.ids),), truncated), places, shown


def read_tokenizer(data: bytes, max_tokens: int, max_windows: int) -> TextTokenizer:
    """Read a `tokenizer.json` of the `tokenizers` library; limits as of `TextTokenizer`.

    Raises:
        ValueError: it is not one.
    """
    try:
        tokenizer = Tokenizer.from_buffer(data)
    except Exception as error:  # noqa: BLE001 - the library raises no other
        raise ValueError(f"not a tokenizer: {error}") from None
    return TextTokenizer(tokenizer, max_tokens, max_windows)


def is_blank(text: str) -> bool:
    """Return whether nothing in `text` can be seen: only spaces, controls and marks of direction."""
    return all(unicodedata.category(char) in _UNSEEN for char in text)


_UNSEEN: Final = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Cs"))


def _without_surrogates(text: str) -> str:
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()
