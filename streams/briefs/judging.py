"""How good briefs are: whether every sentence can be found in its posts, repeats nothing, and is about its own event.

A sentence is traceable if its words stand in the first post that it names, in order and next to each other. It repeats
if three fifths of its words were said by the headline and the sentences before it. It is foreign if a post that it
names belongs to another event than most of the brief's evidence; briefs whose evidence has no such event are left out.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from streams.briefs.choosing import repeats
from streams.briefs.words import tokens_of, words_of
from streams.contracts.outputs import Brief
from streams.evaluation import BACKGROUND, MIXED, label_of

SHOWN: Final = 5


class BriefsJudged(msgspec.Struct, kw_only=True):
    """The account. `hotspots` are those whose evidence belongs to a known event; `examples` show what went wrong."""

    briefs: int = 0
    sentences: int = 0
    traceable: int = 0
    repeated: int = 0
    trigrams: int = 0
    repeated_trigrams: int = 0
    hotspots: int = 0
    pure_hotspots: int = 0
    with_three: int = 0
    with_none: int = 0
    examples: list[str] = []

    def figures(self) -> dict[str, float]:
        """Return the shares, by name."""
        return {
            "traceable": _share(self.traceable, self.sentences),
            "repeated": _share(self.repeated, self.sentences),
            "repeated_trigrams": _share(self.repeated_trigrams, self.trigrams),
            "hotspots_without_foreign": _share(self.pure_hotspots, self.hotspots),
            "briefs_of_three_or_more": _share(self.with_three, self.briefs),
            "briefs_without_sentence": _share(self.with_none, self.briefs),
        }


def judge_briefs(
    briefs: Iterable[Brief],
    evidence: Mapping[tuple[str, str], tuple[str, ...]],
    texts: Mapping[str, str],
    label: Mapping[str, str],
) -> BriefsJudged:
    """Judge briefs.

    Args:
        briefs: as they were published.
        evidence: the evidence of a hotspot by (hotspot id, emitted at).
        texts: cleaned text by post id.
        label: the event of a post by its id; without one it is background.
    """
    account = BriefsJudged()
    foreign: dict[str, bool] = {}
    for brief in briefs:
        account.briefs += 1
        account.with_three += len(brief.sentences) >= 3
        account.with_none += not brief.sentences
        told = [(brief.headline, brief.headline_evidence)] if brief.headline_evidence else []
        told += [(sentence.text, sentence.evidence) for sentence in brief.sentences]
        event = label_of(evidence.get((brief.hotspot_id, brief.emitted_at), ()), label)
        said: list[frozenset[str]] = []
        known: set[tuple[str, ...]] = set()
        for text, posts in told:
            account.sentences += 1
            words = words_of(text)
            if traceable(text, texts.get(posts[0], "")):
                account.traceable += 1
            else:
                _example(account, f"not in {posts[0]}: {text}")
            account.repeated += repeats(words, said)
            said.append(words)
            tokens = tokens_of(text)
            grams = {tokens[i : i + 3] for i in range(len(tokens) - 2)}
            account.trigrams += len(grams)
            account.repeated_trigrams += len(grams & known)
            known |= grams
            if event not in (MIXED, BACKGROUND):
                others = [post for post in posts if label.get(post, BACKGROUND) != event]
                foreign[brief.hotspot_id] = foreign.get(brief.hotspot_id, False) or bool(others)
                if others:
                    _example(account, f"{event}, but {others[0]} is {label.get(others[0], BACKGROUND)}: {text}")
    account.hotspots = len(foreign)
    account.pure_hotspots = sum(not found for found in foreign.values())
    return account


def traceable(text: str, source: str) -> bool:
    """Say whether the words of `text` stand in `source`, in order and next to each other."""
    wanted, found = tokens_of(text), tokens_of(source)
    return f" {' '.join(wanted)} " in f" {' '.join(found)} "


def _example(account: BriefsJudged, line: str) -> None:
    if len(account.examples) < SHOWN:
        account.examples.append(line)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
