"""Words of a marked text, in order, with the places where a phrase must end. English and Chinese first.

Chinese is cut by jieba (dictionary and hidden Markov model, so that words nobody listed appear); other scripts are
taken as their runs of letters. Loading jieba's own dictionary is the only thing read, once, at import.
"""

import re
from typing import Final

import msgspec
import rjieba

from streams.intake.copies import word_key
from streams.intake.stopwords import CHINESE, ENGLISH, OTHERS
from streams.remembering import Remembered

MAX_WORD_CHARS: Final = 40
_MAX_NUMBER_CHARS: Final = 4

_HAN: Final = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_ASCII: Final = re.compile(r"#\w+|[a-z0-9_]+(?:['&-][a-z0-9_]+)*|[^\w\s]", re.ASCII)
_ANY: Final = re.compile(
    rf"#\w+|[{_HAN}々]+|[\u30a1-\u30fe]{{2,}}|[\u3041-\u309f\u30fb-\u30ff]+"
    rf"|[^\W{_HAN}々\u3041-\u30ff]+(?:['’&-][^\W{_HAN}々\u3041-\u30ff]+)*|\s+|[^\w\s]"
)
_NUMERAL: Final = re.compile(r"\d+(?:st|nd|rd|th|am|pm|k|m)")
_LONG_RUN: Final = re.compile(r"([^\W\d_])\1{2,}")
_ASCII_RUN: Final = re.compile(r"([a-z])\1\1")


class Word(msgspec.Struct, frozen=True, gc=False):
    """A word of a text, with what is asked of it in every post that has it.

    `term` is "" and `key` 0 where it may not stand alone: then it only belongs to phrases. `key` is its part in the key
    of near-duplicate text (see `copies.py`).
    """

    text: str
    chinese: bool
    number: bool
    term: str
    key: int


Unit = Word | None
"""A word; None where a phrase must end."""


def units(marked: str, lang: str = "und") -> list[Unit]:
    """Return the words of `marked` in order, None between phrases.

    `lang` chooses further stop words and, for "ja", keeps Chinese segmentation away. Words are casefolded, without a
    possessive 's, letters repeated three times and more written twice ("soooo" is "soo"). Single letters, single
    Chinese characters and numbers ("3rd", "8pm" too) do not stand alone; they may belong to a phrase.
    """
    text = marked.casefold()
    if "’" in text:
        text = text.replace("’", "'")
    plain = text.isascii()
    if (_ASCII_RUN if plain else _LONG_RUN).search(text):
        text = _LONG_RUN.sub(r"\1\1", text)
    found = list(map(_PLAIN.__getitem__, _ASCII.findall(text))) if plain else _mixed(text, lang == "ja")
    stop_words = OTHERS.get(lang)
    if stop_words:
        return [None if word is None or word.text in stop_words else word for word in found]
    return found


def _mixed(text: str, japanese: bool) -> list[Unit]:
    found: list[Unit] = []
    chinese, spaced = False, False
    for token in _ANY.findall(text):
        first = token[0]
        if first.isspace():
            spaced = True
            continue
        if _is_han(first):
            # A space is no part of Chinese: where one stands, a phrase ends.
            if spaced and found:
                found.append(None)
            if japanese:  # jieba's dictionary is Chinese; a run between two kana is a word often enough
                found.append(_word(token, True, True) if 2 <= len(token) <= 8 else None)
            else:
                found += map(_chinese, rjieba.cut(token))
            chinese = True
        else:
            if spaced and chinese:
                found.append(None)
            found.append(_PLAIN[token])
            chinese = False
        spaced = False
    return found


def _chinese(word: str) -> Unit:
    if word in CHINESE or len(word) > MAX_WORD_CHARS:
        return None
    return _word(word, True, len(word) > 1)


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or char in "々〇" or "\uf900" <= char <= "\ufaff" or char >= "\U00020000"


def _plain(token: str) -> Unit:
    token = token.removesuffix("'s")
    token = token.strip("_")
    if token in ENGLISH or not token or len(token) > MAX_WORD_CHARS:
        return None
    first = token[0]
    # Hiragana holds the endings and particles of Japanese; katakana runs are its names and loan words.
    if not first.isalnum() or "\u3041" <= first <= "\u309f":
        return None
    if "\u30a1" <= first <= "\u30fe":
        return _word(token, True, len(token) > 1)
    if token.isdecimal():
        return _word(token, False, False) if len(token) <= _MAX_NUMBER_CHARS else None
    return _word(token, False, len(token) > 1 and not _NUMERAL.fullmatch(token))


def _word(text: str, chinese: bool, alone: bool) -> Word:
    if alone:
        return Word(text, chinese, text.isdecimal(), f"word:{text}", word_key(text))
    return Word(text, chinese, text.isdecimal(), "", 0)


_PLAIN: Final = Remembered(_plain, 65_536)
