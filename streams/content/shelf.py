"""The newest brief of each hotspot, and which of their sentences are about a topic; what comes of them is elsewhere."""

import re
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import msgspec

from streams.briefs import supersedes
from streams.briefs.words import words_of
from streams.contracts.outputs import Brief, Sentence

MAX_HOTSPOTS: Final = 2_000
LEAST_SHARE: Final = 0.5
"""Share of the words asked for that a brief must have."""
NEAR_BEST: Final = 0.75
"""A brief with so much of the best one's share speaks of the topic too."""
MAX_JOINED: Final = 3
MAX_SENTENCES: Final = 12

_HAN: Final = re.compile(r"[\u3400-\u9fff]")


class Shelf:
    """Briefs by hotspot, the newest of each, those of the hotspots written of last."""

    def __init__(self) -> None:
        self._briefs: OrderedDict[str, Brief] = OrderedDict()

    def keep(self, brief: Brief) -> None:
        """Take in a brief; an older one than is known, or an earlier revision, changes nothing."""
        held = self._briefs.get(brief.hotspot_id)
        if held is not None and (held.emitted_at > brief.emitted_at or supersedes(held, brief)):
            return
        self._briefs[brief.hotspot_id] = brief
        self._briefs.move_to_end(brief.hotspot_id)
        if len(self._briefs) > MAX_HOTSPOTS:
            self._briefs.popitem(last=False)

    def of(self, hotspot_id: str) -> Brief | None:
        """Return the newest brief of a hotspot."""
        return self._briefs.get(hotspot_id)

    def about(self, topic: str, keywords: Sequence[str]) -> list[Brief]:
        """Return the briefs about a topic, at most three, the best first, each with just the sentences about it."""
        wanted = words_of(topic) or words_of(" ".join(keywords))
        every = wanted | words_of(" ".join(keywords))
        found: list[tuple[float, int, str, Brief]] = []
        for brief in self._briefs.values() if wanted else ():
            words = words_of(" ".join((brief.headline, *(s.text for s in (*brief.sentences, *brief.what)))))
            share = len(wanted & words) / len(wanted)
            if share >= LEAST_SHARE:
                found.append((share, len(every & words), brief.emitted_at, brief))
        found.sort(key=lambda entry: (*entry[:3], entry[3].hotspot_id), reverse=True)
        near = [_narrowed(brief, every) for share, _, _, brief in found if share >= NEAR_BEST * found[0][0]]
        return [brief for brief in near if brief.sentences][:MAX_JOINED]


def joined(briefs: Sequence[Brief]) -> Brief:
    """Return the sentences of several briefs as one brief; figures and mood are of the first, and of one alone."""
    first = briefs[0]
    if len(briefs) == 1:
        return first
    sentences: dict[str, Sentence] = {}
    for brief in briefs:
        for sentence in brief.sentences:
            sentences.setdefault(sentence.text, sentence)
    kept = [sentence for text, sentence in sentences.items() if text != first.headline]
    return msgspec.structs.replace(
        first,
        sentences=tuple(kept[:MAX_SENTENCES]),
        figures=(),
        mood=None,
        simulated=any(brief.simulated for brief in briefs),
    )


def told_in(brief: Brief, lang: str) -> Brief:
    """Return what a brief says in a language, by script; nothing is translated, for that could not be checked."""

    def fits(text: str) -> bool:
        return (_HAN.search(text) is not None) == (lang == "zh")

    sentences = tuple(sentence for sentence in brief.sentences if fits(sentence.text))
    headline, evidence = brief.headline, brief.headline_evidence
    if not fits(headline):
        headline, evidence = (sentences[0].text, sentences[0].evidence) if sentences else ("", ())
    figures = brief.figures if brief.lang == lang else ()
    return msgspec.structs.replace(
        brief, lang=lang, headline=headline, headline_evidence=evidence, sentences=sentences, figures=figures
    )


def _narrowed(brief: Brief, wanted: frozenset[str]) -> Brief:
    """Return the sentences of a brief that have words of `wanted`, those with most of them first."""
    told = [Sentence(brief.headline, brief.headline_evidence)] if brief.headline_evidence else []
    scored = [(len(wanted & words_of(sentence.text)), sentence) for sentence in (*told, *brief.sentences)]
    kept = [sentence for hits, sentence in sorted(scored, key=lambda entry: -entry[0]) if hits]
    if not kept:
        return msgspec.structs.replace(brief, sentences=())
    # The headline stands for itself: whoever composes takes it first and does not say it again.
    rest = tuple(kept[1:]) or tuple(kept)
    return msgspec.structs.replace(brief, headline=kept[0].text, headline_evidence=kept[0].evidence, sentences=rest)
