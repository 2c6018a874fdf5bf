"""Terms: what is counted. A term is a string "kind:text", the same in memory, on topics and in state."""

from typing import Final

KINDS: Final = ("tag", "word", "phrase", "entity", "url", "domain", "post", "copy")
"""Hashtag, single word, several words, named entity, URL, domain, the post being reposted, near-duplicate text."""

CONTENT: Final = frozenset({"post", "copy", "url"})
"""Kinds that are one thing which is passed on, and no word for anything."""

MAX_TERM_CHARS: Final = 128
MAX_TERMS_PER_POST: Final = 64


def kind_of(term: str) -> str:
    """Return the kind of a term."""
    return term.partition(":")[0]


def name_of(term: str) -> str:
    """Return what a term names whatever its kind, so that a hashtag and a word are one name; content keeps its kind."""
    kind, _, text = term.partition(":")
    return term if kind in CONTENT else text


def shown(term: str) -> str:
    """Return a term as people read it: `#tag`, the words themselves, or what is being shared."""
    kind, _, text = term.partition(":")
    if kind == "tag":
        return "#" + text
    if kind in ("post", "copy"):
        return term
    return text
