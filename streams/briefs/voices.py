"""The two sides of the mood: how many posts are on each, and the post that speaks best for it."""

from collections.abc import Sequence
from typing import Final

from streams.briefs.choosing import Quote
from streams.briefs.sentences import EvidencePost, Sentence
from streams.contracts.outputs import Voice

_SIDES: Final = (("negative", 0), ("positive", 2))
_SURE: Final = 0.5
"""Probability from which a post is on a side."""


def voices_of(
    posts: Sequence[EvidencePost], sentences: Sequence[Sentence], quotes: Sequence[Quote]
) -> tuple[Voice, ...]:
    """Return the sides that posts take, each with its best sentence: sure of its mood, readable, and on the story.

    A sentence that many posts say is judged by its own post. Without scores there are no voices; a side of which
    nothing can be quoted is left out.
    """
    scored = [post for post in posts if len(post.sentiment) == 3]
    score_of = {quote.text: quote.score for quote in quotes}
    voices = []
    for side, place in _SIDES:
        on_side = {post.id: post.sentiment[place] for post in scored if post.sentiment[place] >= _SURE}
        speaking = [s for s in sentences if s.post.id in on_side and s.text in score_of]
        if not speaking:
            continue
        best = min(speaking, key=lambda s: (-on_side[s.post.id] * (1.0 + score_of[s.text]), s.text, s.post.id))
        voices.append(Voice(side, round(len(on_side) / len(scored), 3), best.text, (best.post.id,)))
    return tuple(voices)
