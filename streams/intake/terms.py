"""Which terms a post counts for: what it names, what it passes on, and its words and phrases, at most 64.

Where there are more, hashtags come first, then content, addresses, and words and phrases in the order of the text.
"""

from typing import Final

import xxhash

from streams.contracts.terms import MAX_TERM_CHARS, MAX_TERMS_PER_POST
from streams.intake.cleaning import Cleaned
from streams.intake.links import url_terms
from streams.intake.words import Unit, Word

_MAX_TAG_CHARS: Final = MAX_TERM_CHARS - len("tag:")


def post_term(post_id: str) -> str:
    """Return the term of a post being passed on; an id too long for a term is hashed."""
    if len(post_id) + len("post:") <= MAX_TERM_CHARS:
        return f"post:{post_id}"
    return f"post:{xxhash.xxh3_128_hexdigest(post_id.encode())}"


def terms_of(cleaned: Cleaned, units: list[Unit], *, repost_of: str | None, copy_key: int) -> tuple[str, ...]:
    """Return the unique terms of a post, most telling first.

    Args:
        cleaned: its tags and addresses.
        units: its words (see `words.units`); empty for a post that only passes another on.
        repost_of: id of the post that is passed on.
        copy_key: its near-duplicate key, 0 for none.
    """
    terms: dict[str, None] = {}
    for tag in cleaned.tags:
        if len(tag) <= _MAX_TAG_CHARS:
            terms[f"tag:{tag}"] = None
    if repost_of:
        terms[post_term(repost_of)] = None
    if copy_key:
        terms[f"copy:{copy_key:016x}"] = None
    for address in cleaned.urls:
        for term in url_terms(address, MAX_TERM_CHARS):
            terms[term] = None
    _add_words(terms, units)
    if len(terms) > MAX_TERMS_PER_POST:
        return tuple(terms)[:MAX_TERMS_PER_POST]
    return tuple(terms)


def _add_words(terms: dict[str, None], units: list[Unit]) -> None:
    """Add each word, and with it the phrases of two and three words that end there."""
    before: Unit = None
    earlier: Unit = None
    for word in units:
        if word is None:
            before = earlier = None
            continue
        if len(terms) >= MAX_TERMS_PER_POST:
            return
        if word.term:
            terms[word.term] = None
        if before is not None and _is_phrase(before, word):
            if word.chinese or before.chinese:
                terms[f"phrase:{before.text}{word.text}"] = None
            else:
                pair = f"{before.text} {word.text}"
                terms[f"phrase:{pair}"] = None
                # Three words only where a space parts them: a Chinese pair is already as long as a phrase.
                if earlier is not None and not (earlier.chinese or earlier.number):
                    triple = f"phrase:{earlier.text} {pair}"
                    if len(triple) <= MAX_TERM_CHARS:
                        terms[triple] = None
        earlier, before = before, word


def _is_phrase(before: Word, word: Word) -> bool:
    """Tell phrases: a number may end one ("flight 370") but not begin one; next to Chinese it is mostly a count."""
    if before.number or (word.number and before.chinese):
        return False
    return bool(before.term or word.term) or word.chinese
