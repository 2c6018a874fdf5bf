"""What stands for a cascade whose reposts say nothing that can be quoted: the post that is passed on, or plain words.

Which post that is, where it may stand in the log, and what can be quoted of it; reading it back is for the callers.
"""

from collections.abc import Iterable
from typing import Final

from streams.briefs.choosing import Quote
from streams.briefs.masking import masked
from streams.briefs.sentences import EvidencePost, sentences_of
from streams.contracts.outputs import Brief, Hotspot, Source
from streams.contracts.terms import kind_of

LOOK_BACK: Final = 128
"""Messages of each partition, back from the newest evidence, in which an original is looked for.

In lists of 64 that is 32,000 posts of four partitions. On thirty days of real cascades the original stands 65 posts
before the first brief at the median, 2,000 at the 95th percentile.
"""
_SHOWN: Final = 5
_PLAIN: Final = {
    "post": ("A post that many people pass on", "被许多人转发的一条帖子"),
    "copy": ("A text that many people post", "许多人发布的同一段文字"),
}
_OTHER: Final = ("A story that many people write about", "许多人谈论的一件事")


def original_of(hotspot: Hotspot, brief: Brief) -> str | None:
    """Return the id of the post that a hotspot passes on, if its brief has nobody's words for a headline."""
    if brief.headline_evidence:
        return None
    found = (term.partition(":")[2] for term in hotspot.terms if kind_of(term) == "post")
    return next(found, None)


def offsets_before(sources: Iterable[Source]) -> range:
    """Return the offsets, in any partition, at which an original may stand.

    Messages go to partitions by turns, so what was written before stands at no higher an offset, nearly.
    """
    newest = max((source.offset for source in sources), default=-1)
    return range(max(0, newest + 1 - LOOK_BACK), newest + 1)


def quotes_from(original: EvidencePost) -> list[Quote]:
    """Return what can be quoted of an original, in the order of its text."""
    return [
        Quote(sentence.text, (original.id,), sentence.words, sentence.quality, sentence.quality, original.lang)
        for sentence in sentences_of([original])
    ]


def plain_title(hotspot: Hotspot, lang: str) -> str:
    """Return a headline in Redian's own words: the terms of a hotspot, or what it is where all have names of ours."""
    shown = [term for term in hotspot.why.top_terms if not term.startswith(("post:", "copy:"))]
    if shown:
        return masked(" · ".join(shown[:_SHOWN]))
    return _PLAIN.get(kind_of(hotspot.why.term), _OTHER)[lang == "zh"]
