"""What is live as passages: briefs of hotspots, and evidence posts. A closed hotspot is forgotten."""

from collections.abc import Sequence

from streams.briefs.masking import masked
from streams.contracts.outputs import Brief, Hotspot
from streams.support.passages import Passage, joined

MAX_LIVE = 500
"""Hotspots known at a time; beyond it the one told of longest ago is forgotten."""
_PREFIX = "hotspot:"


def source_of(hotspot_id: str) -> str:
    """Return the source under which a hotspot's passages stand."""
    return _PREFIX + hotspot_id


def hotspot_of(source: str) -> str | None:
    """Return the hotspot of such a source, None for any other."""
    return source.removeprefix(_PREFIX) if source.startswith(_PREFIX) else None


def passages_of_brief(brief: Brief) -> list[Passage]:
    """Return a brief as one passage: headline, sentences and figures belong together."""
    lang = "zh" if brief.lang.startswith("zh") else "en"
    sentences = [sentence.text for sentence in brief.sentences]
    end = "。" if lang == "zh" else "."
    if brief.headline.rstrip(".。!！…") not in {sentence.rstrip(".。!！…") for sentence in sentences}:
        sentences.insert(0, brief.headline if brief.headline[-1:] in ".。!！?？" else brief.headline + end)
    lines = [sentence if sentence[-1:] in ".。!！?？…" else sentence + end for sentence in sentences]
    posts = tuple(dict.fromkeys(post for sentence in brief.sentences for post in sentence.evidence))
    return [
        Passage(
            id=f"{brief.hotspot_id}/{brief.stage}",
            kind="brief",
            source=source_of(brief.hotspot_id),
            title=brief.headline,
            text="\n".join([*lines, *brief.figures]),
            lang=lang,
            posts=posts,
        )
    ]


def passages_of_posts(hotspot_id: str, posts: Sequence[tuple[str, str, str]]) -> list[Passage]:
    """Return evidence posts as passages, what is personal masked.

    Args:
        hotspot_id: the hotspot they belong to.
        posts: (id, language, cleaned text) of each.
    """
    return [
        Passage(
            id=post_id,
            kind="post",
            source=source_of(hotspot_id),
            title="",
            text=joined(masked(text).split("\n")),
            lang="zh" if lang.startswith("zh") else "en",
            posts=(post_id,),
        )
        for post_id, lang, text in posts
    ]


class LiveHotspots:
    """Which hotspots are live, most recently told of last, and what is quoted of each."""

    def __init__(self) -> None:
        self._ranks: dict[str, float] = {}
        self._passages: dict[str, dict[str, list[Passage]]] = {}

    def hotspot(self, hotspot: Hotspot) -> dict[str, list[Passage]]:
        """Take a hotspot's newest state; return the sources that changed with their passages."""
        if hotspot.stage == "closed":
            return self._forget(hotspot.hotspot_id)
        self._ranks.pop(hotspot.hotspot_id, None)
        self._ranks[hotspot.hotspot_id] = hotspot.rank
        return self._forget(next(iter(self._ranks))) if len(self._ranks) > MAX_LIVE else {}

    def knows(self, hotspot_id: str) -> bool:
        """Return whether a hotspot is live."""
        return hotspot_id in self._ranks

    def told(self, hotspot_id: str, kind: str, passages: list[Passage]) -> dict[str, list[Passage]]:
        """Take the newest brief or evidence (`kind`) of a hotspot; return the source that changed."""
        if hotspot_id not in self._ranks:
            return {}
        self._passages.setdefault(hotspot_id, {})[kind] = passages
        kept = self._passages[hotspot_id]
        return {source_of(hotspot_id): [passage for part in sorted(kept) for passage in kept[part]]}

    def _forget(self, hotspot_id: str) -> dict[str, list[Passage]]:
        self._ranks.pop(hotspot_id, None)
        return {source_of(hotspot_id): []} if self._passages.pop(hotspot_id, None) else {}

    def hottest(self, count: int) -> list[Passage]:
        """Return the briefs of the highest-ranked hotspots."""
        ids = sorted(self._passages, key=lambda name: (-self._ranks[name], name))
        briefs = [self._passages[name].get("brief", []) for name in ids]
        return [passages[0] for passages in briefs if passages][:count]
