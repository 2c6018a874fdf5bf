"""True and altered sentences with their evidence, made from the stories: what the claim checker is judged on."""

import random
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from tests.claims import stories
from tests.claims.sentences import SEEN, UNSEEN
from tests.claims.stories import STORIES, Story

TELLINGS: Final = 7
TUNING: Final = frozenset({"quake", "strike", "fire", "storm", "typhoon", "food"})
"""Stories on which thresholds were chosen; the others judge them."""


class Case(NamedTuple):
    """A sentence, its evidence by post id, and what was altered: "" for a true one."""

    story: str
    sentence: str
    evidence: Mapping[str, str]
    altered: str


def cases(*, tuning: bool) -> list[Case]:
    """Return the cases of the stories for tuning, or of those for judging."""
    return [
        case
        for story in STORIES
        if (story.name in TUNING) == tuning
        for turn in range(TELLINGS)
        for case in _of(story, turn)
    ]


def plain_cases(*, seen: bool) -> list[Case]:
    """Return the cases of the sentences without holes: those that were seen while rules were made, or the others."""
    return [
        Case(story.name, sentence, {f"p{number}": post for number, post in enumerate(story.posts)}, altered)
        for story in (SEEN if seen else UNSEEN)
        for altered, sentence in (*(("", sentence) for sentence in story.true), *story.false)
    ]


def _of(story: Story, turn: int) -> Iterator[Case]:
    chance = random.Random(f"{story.name} {turn}")
    holes = _filled(story.lang, chance)
    evidence = {f"p{number}": post.format(**holes) for number, post in enumerate(story.posts)}
    for number, sentence in enumerate(story.true):
        yield Case(story.name, sentence.format(**holes), evidence, "")
        kind, wrong = _altered(sentence, holes, story.lang, chance, turn + number)
        yield Case(story.name, wrong, evidence, kind)
    for kind, sentence in story.false:
        yield Case(story.name, sentence.format(**holes), evidence, kind)


def _filled(lang: str, chance: random.Random) -> dict[str, str]:
    names, places, firms = _values(lang)
    place, other = chance.sample(places, 2)
    n, m = chance.sample(range(11, 97), 2)
    return {
        "name": chance.choice(names), "place": place, "other": other, "firm": chance.choice(firms),
        "n": str(n), "m": str(m), "d": str(chance.randrange(1, 10)),
    }  # fmt: skip


def _altered(sentence: str, holes: Mapping[str, str], lang: str, chance: random.Random, turn: int) -> tuple[str, str]:
    """Fill one hole of a true sentence with a value that no post has."""
    names, places, firms = _values(lang)
    present = [hole for hole in ("n", "m", "d", "name", "place", "other", "firm") if f"{{{hole}}}" in sentence]
    hole = present[turn % len(present)]
    if hole in ("n", "m"):
        wrong = str(chance.choice([n for n in range(98, 250) if str(n) not in holes.values()]))
        kind = "number"
    elif hole == "d":
        wrong = str(chance.choice([d for d in range(1, 10) if str(d) != holes["d"]]))
        kind = "number"
    else:
        among = {"name": names, "firm": firms}.get(hole, places)
        wrong = chance.choice([value for value in among if value not in holes.values()])
        kind = "place" if hole in ("place", "other") else "name"
    return kind, sentence.format(**{**holes, hole: wrong})


def _values(lang: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    if lang == "zh":
        return stories.ZH_NAMES, stories.ZH_PLACES, stories.ZH_FIRMS
    return stories.EN_NAMES, stories.EN_PLACES, stories.EN_FIRMS
