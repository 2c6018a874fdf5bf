"""What a language model learns to tell: the prompt of a brief, and the brief's own sentences as the answer.

The prompts are those that the program asks with (`streams/content`), so nothing is learnt that is not asked later. What
is judged comes from hotspots that emerged after all that is learnt from, and shares no sentence with it.
"""

import random
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from streams.content.composing import KINDS, composed, material_of, prompt_of
from streams.contracts.content import TONES
from streams.contracts.outputs import Brief

LEARNT_SHARE: Final = 0.6
"""Share of the hotspots, the earliest, that is learnt from."""


class Pair(NamedTuple):
    """One piece to tell: `most` sentences of `kind` about a brief; `answer` has one sentence a line."""

    brief: Brief
    kind: str
    most: int
    messages: list[dict[str, str]]
    answer: str


def split(briefs: Sequence[Brief], lang: str) -> tuple[list[Brief], list[Brief]]:
    """Return the briefs of a language to learn from, and those to judge by, in order of time."""
    began: dict[str, str] = {}
    for brief in sorted(briefs, key=lambda brief: brief.emitted_at):
        began.setdefault(brief.hotspot_id, brief.emitted_at)
    order = list(began)
    early = set(order[: round(LEARNT_SHARE * len(order))])
    usable = [brief for brief in briefs if brief.lang == lang and len(material_of(brief)) > 1]
    learnt = [brief for brief in usable if brief.hotspot_id in early]
    known = {sentence.text for brief in learnt for sentence in material_of(brief)}
    judged = [
        brief
        for brief in usable
        if brief.hotspot_id not in early and not any(sentence.text in known for sentence in material_of(brief))
    ]
    return learnt, judged


def pairs_of(briefs: Iterable[Brief], kinds: Iterable[str], seed: int) -> list[Pair]:
    """Return a pair for each brief and kind, in any of the tones and lengths that can be asked for."""
    chance = random.Random(seed)
    pairs = []
    for brief in briefs:
        for kind in kinds:
            most = min(chance.choice((max(1, KINDS[kind] // 2), KINDS[kind])), len(material_of(brief)))
            answer = "\n".join(sentence.text for sentence in composed(brief, kind, most=most).sentences)
            pairs.append(Pair(brief, kind, most, prompt_of(brief, kind, chance.choice(TONES), most), answer))
    return pairs
