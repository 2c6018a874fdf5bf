"""Which posts a brief quotes or names, and which briefs quote a post that was taken back.

What is left of such a brief is decided in `revising.py`.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from streams.briefs.sentences import EvidencePost
from streams.contracts.outputs import Brief, Doubt, Quoted, Sentence, Voice

MAX_HOTSPOTS: Final = 20_000
"""Hotspots whose briefs can be revised: those written of last."""


class Revision(msgspec.Struct, frozen=True):
    """A brief on topic `briefs`, and the ids of those of its posts that were taken back; maybe none."""

    hotspot_id: str
    brief_id: str
    offset: int
    gone: frozenset[str]


class _Held(msgspec.Struct):
    brief_id: str
    emitted_at: str
    revision: int
    offset: int
    quoted: tuple[Quoted, ...]


def ids_in(brief: Brief) -> frozenset[str]:
    """Return the ids of all posts that anything in a brief rests on."""
    parts: tuple[Sentence | Voice | Doubt, ...] = (
        *brief.sentences,
        *brief.what,
        *brief.who,
        *brief.where,
        *brief.when,
        *brief.voices,
        *brief.unconfirmed,
    )
    return frozenset(brief.headline_evidence).union(*(part.evidence for part in parts))


def quoted_in(brief: Brief, posts: Iterable[EvidencePost], previous: Brief | None) -> tuple[Quoted, ...]:
    """Return the posts of a brief with their platforms and places, by id.

    Args:
        brief: whose.
        posts: that it was written from.
        previous: the brief whose sentences may stand in it.
    """
    known = {post.id: post for post in previous.quoted} if previous is not None else {}
    known |= {post.id: Quoted(post.id, post.platform, post.partition, post.offset, post.index) for post in posts}
    return tuple(known[post_id] for post_id in sorted(ids_in(brief)) if post_id in known)


class Quotations:
    """The briefs of the log, as far as it takes to find those that quote something.

    An author is known here as long as `posts` still holds what they wrote: who asks by author finds no older brief.
    """

    def __init__(self) -> None:
        self._briefs: OrderedDict[str, dict[str, _Held]] = OrderedDict()
        self._authors: dict[Quoted, int] = {}
        self._unknown: set[Quoted] = set()
        self.changes = 0
        """Grows with every brief."""

    def keep(self, brief: Brief, offset: int, authors: Mapping[str, int] | None = None) -> None:
        """Take in a brief in the order of the log; a later one of the same id replaces it unless its revision is lower.

        Args:
            brief: to take in.
            offset: where it stands.
            authors: hashes of authors by post, as far as they are known.
        """
        briefs = self._briefs.setdefault(brief.hotspot_id, {})
        held = briefs.get(brief.brief_id)
        if held is not None and held.revision > brief.revision:
            return
        briefs[brief.brief_id] = _Held(brief.brief_id, brief.emitted_at, brief.revision, offset, brief.quoted)
        self._briefs.move_to_end(brief.hotspot_id)
        for post in brief.quoted:
            if authors is not None and post.id in authors:
                self._authors[post] = authors[post.id]
                self._unknown.discard(post)
            elif post not in self._authors:
                self._unknown.add(post)
        while len(self._briefs) > MAX_HOTSPOTS:
            _, forgotten = self._briefs.popitem(last=False)
            for old in forgotten.values():
                for post in old.quoted:
                    self._authors.pop(post, None)
                    self._unknown.discard(post)
        self.changes += 1

    def unknown(self) -> list[Quoted]:
        """Return the posts whose authors are still to be looked up, in the order of their places."""
        return sorted(self._unknown, key=lambda post: (post.partition, post.offset, post.index))

    def learn(self, authors: Mapping[Quoted, int]) -> None:
        """Take in authors that were looked up; 0 for a post that the log no longer has."""
        self._authors.update(authors)
        self._unknown -= authors.keys()

    def forget(self, revision: Revision) -> None:
        """Look no more for a brief that has left the log."""
        self._briefs.get(revision.hotspot_id, {}).pop(revision.brief_id, None)

    def revisions(self, hides: Callable[[str, str, int], bool]) -> list[list[Revision]]:
        """Return what to write again, hotspot by hotspot, oldest first and the newest brief last.

        The newest is among them even if it quotes nothing of the kind: the last of a hotspot on the topic is to be its
        newest.

        Args:
            hides: whether a post, given as (platform, id, hash of its author), was taken back.
        """
        found = []
        for hotspot_id, briefs in self._briefs.items():
            held = sorted(briefs.values(), key=lambda one: (one.emitted_at, one.brief_id))
            told = [
                Revision(
                    hotspot_id,
                    one.brief_id,
                    one.offset,
                    frozenset(
                        post.id for post in one.quoted if hides(post.platform, post.id, self._authors.get(post, 0))
                    ),
                )
                for one in held
            ]
            if any(one.gone for one in told):
                found.append([one for one in told[:-1] if one.gone] + told[-1:])
        return found
