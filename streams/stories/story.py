"""One story as it is kept: its terms with what was last said of each, its size, its stage, what was alerted."""

from collections.abc import Callable, Iterable

import msgspec
import xxhash

from streams.alerts.decision import NEWBORN_KINDS
from streams.contracts.bursts import Burst, Evidence
from streams.contracts.terms import kind_of
from streams.contracts.times import BUCKET_MS
from streams.hotspots.settings import WINDOW
from streams.stories.acquaintance import Profile
from streams.stories.settings import RULES_VERSION


class Held(msgspec.Struct, array_like=True):
    """A term of a story: its last burst, in which bucket that was, and when it was last significant."""

    burst: Burst
    bucket: int
    significant: int


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """How fast a story came at an age (see `sizes`), and its peak until then."""

    features: tuple[float, ...]
    peak: int


class Story(msgspec.Struct, array_like=True):
    """A story. `id`, `first` and `bucket` are frozen at emergence.

    `authors` are distinct authors of the last hour (of its widest term), `peak` their maximum, reached in `peaked`;
    `alerted` the authors at the last alert, or while it was held back for warming, 0 for never; `told` how many alerts
    there were. `significant` is the last bucket with a significant term, `published` the last that was
    published. `profile` is what its posts name, up to bucket `profiled`; from the
    stories in `parted` its first terms were let go, so it is none of them. `marks` are learnt
    of once; then it is `settled`.
    """

    id: str
    first: str
    bucket: int
    started_ms: int
    warming: float
    terms: dict[str, Held]
    stage: str = "emerging"
    authors: int = 0
    start_authors: int = 0
    peak: int = 0
    peaked: int = 0
    significant: int = 0
    alerted: int = 0
    told: int = 0
    published: int = 0
    merged: list[str] = []
    profile: Profile = msgspec.field(default_factory=Profile)
    profiled: int = 0
    parted: list[str] = []
    muted: int = 0
    marks: list[Mark] = []
    settled: bool = False

    @property
    def is_known(self) -> bool:
        """Whether it was told of, or would have been: what is about it later is no news."""
        return bool(self.told or self.muted)

    def hold(self, burst: Burst, bucket: int, max_terms: int) -> bool:
        """Take what is now said of a term; returns False where the story is full and the term is new to it."""
        held = self.terms.get(burst.term)
        if held is None:
            if len(self.terms) >= max_terms:
                return False
            self.terms[burst.term] = held = Held(burst, bucket, 0)
        held.burst, held.bucket = burst, bucket
        if burst.significant:
            held.significant = self.significant = bucket
        return True

    def rehash(self, onward: Callable[[int], int]) -> None:
        """Know the authors of its posts by another hash from now on."""
        for held in self.terms.values():
            sample = tuple(msgspec.structs.replace(post, author=onward(post.author)) for post in held.burst.sample)
            held.burst = msgspec.structs.replace(held.burst, sample=sample)

    def prune(self, bucket: int) -> list[str]:
        """Let go of company that was not heard of for an hour and never burst here; returns those terms.

        One term always stays: a story without any could not be told.
        """
        gone = [term for term, held in self.terms.items() if not held.significant and bucket - held.bucket >= WINDOW]
        if len(gone) == len(self.terms):
            del gone[-1]
        for term in gone:
            del self.terms[term]
        return gone

    def current(self, bucket: int) -> list[Held]:
        """Return the terms spoken of in the last hour, strongest first: significant, then p, then bytes."""
        held = [held for held in self.terms.values() if bucket - held.bucket < WINDOW]
        return sorted(held, key=lambda held: (not held.burst.significant, held.burst.log10_p, held.burst.term))

    def lead(self, bucket: int) -> Held:
        """Return the strongest term, of those spoken of lately if there are any."""
        current = self.current(bucket)
        return current[0] if current else max(self.terms.values(), key=lambda held: (held.bucket, held.burst.term))

    def posts(self, bucket: int) -> dict[str, Evidence]:
        """Return the sampled posts of the last hour by id."""
        since = (bucket - WINDOW + 1) * BUCKET_MS
        return {
            post.id: post
            for held in self.terms.values()
            if bucket - held.bucket < WINDOW
            for post in held.burst.sample
            if post.created_ms >= since
        }

    def has_content_of_its_own(self) -> bool:
        """Say whether something that is passed on burst here."""
        return any(held.significant and kind_of(term) in NEWBORN_KINDS for term, held in self.terms.items())

    def look(self, bucket: int) -> None:
        """Let the profile take in the posts of terms that burst here, each once."""
        since = max(self.profiled + 1, bucket - WINDOW + 1) * BUCKET_MS
        fresh = {
            post.id: post
            for held in self.terms.values()
            if held.significant and held.bucket == bucket
            for post in held.burst.sample
            if post.created_ms >= since
        }
        self.profile.note(fresh.values())
        self.profiled = bucket

    def fade_from_memory(self) -> list[str]:
        """Let go of all terms but the first held; returns them all, since none is owned any more."""
        names = list(self.terms)
        for name in names[1:]:
            del self.terms[name]
        return names


def story_id(first: str, bucket: int) -> str:
    """Return the id of the story that emerged in `bucket` with the term `first`."""
    return f"{xxhash.xxh3_64_intdigest(f'{RULES_VERSION}|{bucket}|{first}'.encode()):016x}"


def emerge(bursts: Iterable[Burst], bucket: int, warming: float, max_terms: int) -> Story:
    """Return a new story of bursts that belong together; its first term is that of the lowest p, ties by bytes."""
    ordered = sorted(bursts, key=lambda burst: (burst.log10_p, burst.term.encode()))
    first = ordered[0]
    started = min((post.created_ms for burst in ordered for post in burst.sample), default=bucket * BUCKET_MS)
    story = Story(story_id(first.term, bucket), first.term, bucket, started, warming, {})
    for burst in ordered:
        story.hold(burst, bucket, max_terms)
    return story
