"""Whether posts support what is said of them: every claim of a sentence, by one sentence of one post.

First what may not differ: numbers and what they count, names, negation, sides of opposites. Then closeness: the share
of the claim's words that the post's sentence holds, and the cosine of their embeddings where an encoder is there. The
thresholds are calibrated (docs/content.md); a claim that no sentence supports is unsupported, with the nearest reason.
"""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from streams.briefs.words import words_of
from streams.content.claims import SCALES, Claim, claim_of, claims_of
from streams.content.replacing import replaced

Vectors = list[npt.NDArray[np.float16] | None]
Embed = Callable[[Sequence[str]], Vectors]
"""Gives each text a vector of length 1, or None."""

MAX_SENTENCES: Final = 400
"""Sentences of the evidence that are read, which bounds the time."""

_SAYING: Final = re.compile(
    r"\b(?:says?|said|tells?|told|warn(?:s|ed)|add(?:s|ed)|announc(?:es|ed)|confirm(?:s|ed)|explain(?:s|ed)"
    r"|according to)\b"
    r"|说|表示|称|透露|指出|认为|宣布|告诉|警告|介绍|强调"
)
"""Who says it may stand before or behind what is said."""

_LEAST_TURNED: Final = 4
_MARGIN: Final = 0.1
_CONTRADICTIONS: Final = ("affirmed and denied", "the opposite is said", "names have changed places")
_CLAUSES: Final = re.compile(r",\s+|，|\s+but\s+|:\s+|：")
_ENDS: Final = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；])|\n+")


class Thresholds(msgspec.Struct, frozen=True):
    """Closeness that a claim needs: words alone without an encoder, else words and the mean of both."""

    words_alone: float = 0.55
    words: float = 0.4
    both: float = 0.72


class Support(msgspec.Struct, frozen=True):
    """What became of a sentence: the posts that support it, or none and the reason, of the claim that failed."""

    text: str
    posts: tuple[str, ...]
    reason: str = ""

    @property
    def supported(self) -> bool:
        """Whether every claim is supported."""
        return not self.reason


class Evidence:
    """Posts made ready for checking.

    Args:
        texts: text by post id; long ones are read by the sentence.
        embed: see `Embed`; None without an encoder.
    """

    def __init__(
        self, texts: Mapping[str, str], embed: Embed | None = None, thresholds: Thresholds | None = None
    ) -> None:
        self._thresholds = thresholds or Thresholds()
        self._embed = embed
        self._units: list[tuple[str, Claim, str]] = []
        for post, text in texts.items():
            pieces = [piece.strip() for piece in _ENDS.split(text) if piece.strip()]
            # What "it" is stands in the sentence before: two sentences in a row are evidence too.
            pieces += [f"{one} {other}" for one, other in pairwise(pieces)]
            for piece in tuple(pieces):
                clauses = _CLAUSES.split(piece)
                if len(clauses) > 1:
                    pieces += [*clauses, *(f"{one}, {other}" for one, other in pairwise(clauses))]
            self._units += [(post, claim_of(piece), piece.casefold()) for piece in pieces]
        del self._units[MAX_SENTENCES:]
        self._vectors = embed([claim.text for _, claim, _ in self._units]) if embed and self._units else []

    def check(self, sentence: str) -> Support:
        """Return whether every claim of a sentence is supported, and by which posts."""
        posts: dict[str, None] = {}
        claims = claims_of(sentence)
        if not any(claim.words for claim in claims):  # "i?" is contradicted by no post, and told by none
            return Support(sentence, (), "says nothing")
        vectors = self._embed([claim.text for claim in claims]) if self._embed else [None] * len(claims)
        for claim, vector in zip(claims, vectors, strict=True):
            found, reason = self._supporting(claim, vector)
            if reason:
                return Support(sentence, (), reason)
            posts.update(dict.fromkeys(found))
        return Support(sentence, tuple(posts))

    def closeness(self, claim: Claim, vector: npt.NDArray[np.float16] | None, place: int) -> tuple[float, float | None]:
        """Return the share of the claim's words in a unit, and the cosine, None without vectors."""
        _, unit, _ = self._units[place]
        share = len(claim.words & unit.words) / len(claim.words) if claim.words else 1.0
        other = self._vectors[place] if self._vectors else None
        if vector is None or other is None:
            return share, None
        return share, float(np.dot(vector.astype(np.float32), other.astype(np.float32)))

    def _supporting(self, claim: Claim, vector: npt.NDArray[np.float16] | None) -> tuple[list[str], str]:
        supporting: list[str] = []
        nearest, reason = -1.0, "not in the evidence"
        closest, contradicted = (0.0, 0.0), (0.0, 0.0, "")
        for place, (post, unit, folded) in enumerate(self._units):
            share, cosine = self.closeness(claim, vector, place)
            if not self._close(share, cosine):
                continue
            fault = _fault(claim, unit, folded)
            if not fault:
                supporting.append(post)
                closest = max(closest, (share, _likeness(claim, unit)))
                continue
            if share > nearest:
                nearest, reason = share, fault
            if fault in _CONTRADICTIONS:
                contradicted = max(contradicted, (share, _likeness(claim, unit), fault))
        # What a sentence denies is saved neither by a piece of it that only says who speaks, nor by a longer one.
        if supporting and (
            contradicted[0] > closest[0] + _MARGIN
            or (contradicted[0] >= closest[0] and contradicted[1] > closest[1] + _MARGIN)
        ):
            return [], contradicted[2]
        return (supporting, "") if supporting else ([], reason)

    def _close(self, share: float, cosine: float | None) -> bool:
        limits = self._thresholds
        if cosine is None:
            return share >= limits.words_alone
        return share >= limits.words and (share + cosine) / 2 >= limits.both


def _fault(claim: Claim, unit: Claim, folded: str) -> str:
    """Return what keeps a unit from supporting a claim that is close to it, "" for nothing."""
    if claim.numbers - unit.numbers:
        return "a number is not in the evidence"
    for number, noun in claim.named:
        counted = {other for other, counted_noun in unit.named if counted_noun == noun}
        if counted and number not in counted:
            return "a number counts something else"
    measured = {number: {unit for n, unit in unit.measures if n == number} for number, _ in unit.measures}
    for number, measure in claim.measures:
        if not _agrees(measure, measured.get(number, set())):
            return "a number counts something else"
    if claim.marks - unit.marks:
        return "a date or an order is not in the evidence"
    for name in claim.names:
        # The first word of a sentence is written large whatever it is: another form of a post's word is no new name.
        if not _named_in(folded, name) and not (words_of(name) and words_of(name) <= unit.words):
            return "a name is not in the evidence"
    if claim.negated != unit.negated:
        return "affirmed and denied"
    if any((pair, not side) in unit.sides for pair, side in claim.sides) or _turned(claim.words, unit.words):
        return "the opposite is said"
    if claim.words == unit.words and not _SAYING.search(claim.text) and _swapped(claim, folded):
        return "names have changed places"
    if replaced(claim.tokens, unit.tokens):
        return "another word stands in its place"
    return ""


def _likeness(claim: Claim, unit: Claim) -> float:
    return len(claim.words & unit.words) / max(1, len(claim.words | unit.words))


def _named_in(folded: str, name: str) -> bool:
    """Say whether a post has a name: Latin words from their beginning or inside a hashtag, Chinese ones anywhere."""
    return re.search(rf"(?<![a-z0-9]){re.escape(name)}|#\w*{re.escape(name)}", folded) is not None


def _turned(claim: Set[str], unit: Set[str]) -> bool:
    """Say whether one has a word that the other has with "un-", "in-" or "dis-" before it."""
    return any(
        prefix + word in theirs
        for ours, theirs in ((claim - unit, unit - claim), (unit - claim, claim - unit))
        for word in ours
        if len(word) >= _LEAST_TURNED
        for prefix in ("un", "in", "im", "dis", "non-")
    )


def _agrees(measure: str, others: Set[str]) -> bool:
    """Say whether a number with this unit or scale may be what has `others` in a post; where it has none, it may."""
    alike = {other for other in others if (other in SCALES) == (measure in SCALES)}
    return not alike or measure in alike


def _swapped(claim: Claim, folded: str) -> bool:
    """Say whether the names of a claim that uses the unit's words stand in another order than there."""
    names = sorted(set(claim.names), key=claim.text.casefold().find)
    return names != sorted(names, key=folded.find)
