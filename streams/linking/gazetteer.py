"""Which known entities terms name: the longest name wins, and a name belongs to the first who has it.

Terms have been cut into words already, so names are looked up and not searched for. A Chinese word is looked up
whole, so that 孙中山 does not name the city 中山; a phrase has lost the borders of its words: what it begins and ends
with is looked up.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from streams.contracts.outputs import Known
from streams.contracts.terms import kind_of
from streams.intake.cleaning import normalised

MAX_NAME_CHARS: Final = 128
MOST: Final = 8
"""Entities of one hotspot."""

_NAMING: Final = frozenset({"tag", "word", "phrase", "entity"})
_PLACES: Final = frozenset({"country", "region", "city", "place"})
_APART: Final = re.compile(r"[\s\-–—_/,]+")
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")


class Entity(msgspec.Struct, frozen=True):
    """An entity: an id with its scheme, such as "iso3166:CN", a kind, the name that is shown, all its names."""

    id: str
    kind: str
    name: str
    names: tuple[str, ...]


def plain(name: str) -> str:
    """Return a name as terms have it: folded, with single spaces.

    >>> plain("Guinea-Bissau "), plain("Xi’an")
    ('guinea bissau', "xi'an")
    """
    return _APART.sub(" ", normalised(name, MAX_NAME_CHARS).replace("’", "'").casefold()).strip()


class Gazetteer:
    """Entities by their names.

    Args:
        entities: whoever comes first has a name that several have; names of one character name nobody.

    >>> known = Gazetteer([Entity("iso3166:CN", "country", "China", ("China", "中国")),
    ...                    Entity("domain:boc.cn", "organisation", "Bank of China", ("Bank of China",))])
    >>> [entity.id for entity in known.named_by(["phrase:bank of china", "phrase:中国队", "word:banks"])]
    ['domain:boc.cn', 'iso3166:CN']
    """

    def __init__(self, entities: Iterable[Entity] = ()) -> None:
        self._by_name: dict[str, Known] = {}
        self._most_words = self._most_chars = 1
        for entity in entities:
            known = Known(entity.id, entity.kind, entity.name)
            for name in entity.names:
                self._add(plain(name), known)

    def __len__(self) -> int:
        return len(self._by_name)

    def _add(self, name: str, known: Known) -> None:
        if len(name) < 2:
            return
        self._by_name.setdefault(name, known)
        self._by_name.setdefault(name.replace(" ", ""), known)  # as a hashtag has it
        self._most_words = max(self._most_words, name.count(" ") + 1)
        self._most_chars = max(self._most_chars, len(name))

    def places(self) -> frozenset[str]:
        """Return the names of what is a place by its kind, as terms have them."""
        return frozenset(name for name, known in self._by_name.items() if known.kind in _PLACES)

    def named_by(self, terms: Iterable[str]) -> tuple[Known, ...]:
        """Return the entities that terms name, in the order of the terms, at most `MOST`."""
        found: dict[str, Known] = {}
        for term in terms:
            kind = kind_of(term)
            if kind not in _NAMING or not self._by_name:
                continue
            text = plain(term[len(kind) + 1 :])
            parts = self._ends(text, kind) if _CHINESE.search(text) else self._runs(text)
            for known in parts:
                found.setdefault(known.id, known)
            if len(found) >= MOST:
                break
        return tuple(found.values())[:MOST]

    def _ends(self, text: str, kind: str) -> Iterator[Known]:
        """Yield whom a Chinese term names: all of it, or the longest of what it begins and ends with."""
        if (whole := self._by_name.get(text)) is not None:
            yield whole
            return
        if kind == "word":
            return
        longest = min(len(text) - 1, self._most_chars)
        for cuts in (
            (text[:size] for size in range(longest, 1, -1)),
            (text[-size:] for size in range(longest, 1, -1)),
        ):
            for cut in cuts:
                if (known := self._by_name.get(cut)) is not None:
                    yield known
                    break

    def _runs(self, text: str) -> Iterator[Known]:
        """Yield whom the words of a term name: the longest run of words at each place."""
        words = text.split(" ")
        at = 0
        while at < len(words):
            for size in range(min(len(words) - at, self._most_words), 0, -1):
                known = self._by_name.get(" ".join(words[at : at + size]))
                if known is not None:
                    yield known
                    at += size
                    break
            else:
                at += 1


NOTHING: Final = Gazetteer()
"""Knows nobody."""
