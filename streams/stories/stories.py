"""The story stage: takes every shard's record of a bucket, keeps stories, and decides what is published and alerted.

Called once a bucket, in order. Deterministic: same records, same bytes.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from streams.alerts.decision import Purse, chance_a_day, grown, held_back_for_warming
from streams.contracts.bursts import BucketRecord, Burst
from streams.contracts.lessons import Lesson
from streams.contracts.outputs import Alert, Hotspot
from streams.contracts.slices import POST_NAMES
from streams.hotspots.settings import SCALES
from streams.linking import Gazetteer
from streams.linking.gazetteer import NOTHING
from streams.privacy.rotations import NONE, Rotations
from streams.stories.acquaintance import Everyday, Places, is_about, run_together, share_about
from streams.stories.belonging import Belonging
from streams.stories.grouping import Grouping, evidence_order, shared_between
from streams.stories.judging import Judging, with_muted
from streams.stories.publish import alert_of, hotspot_of
from streams.stories.settings import StorySettings
from streams.stories.sizes import Sizes
from streams.stories.stages import measure, stage_of
from streams.stories.state import STATE_VERSION, State, decoded
from streams.stories.story import Story, emerge

_PUBLISH_EVERY: Final = 15
"""Buckets after which a live story is published again though its stage is the same."""
_DAY: Final = 1440


class Outcome(msgspec.Struct, frozen=True):
    """What the close of one bucket brought out, in order of emergence; `muted` are hotspots whose alert was muted."""

    hotspots: list[Hotspot]
    alerts: list[Alert]
    muted: Sequence[Hotspot] = ()


class Stories:
    """All stories, live and lately closed.

    Args:
        settings: see there.
        gazetteer: knows whom their terms name.
        rotations: of the author hashes.
    """

    def __init__(self, settings: StorySettings, gazetteer: Gazetteer = NOTHING, rotations: Rotations = NONE) -> None:
        self._settings = settings
        self._gazetteer = gazetteer
        self._places = Places(gazetteer.places())
        self._rotations = rotations
        self._bucket = -1
        self._era = 0
        self._live: dict[str, Story] = {}
        self._closed: dict[str, Story] = {}
        self._owner: dict[str, str] = {}
        self._purse = Purse(settings.budget)
        self._judging = Judging(settings.muting)
        self._sizes = Sizes()
        self._tests = 0.0
        self._minutes = 0.0
        self._everyday = Everyday()

    @property
    def live(self) -> int:
        """Number of stories that have not closed."""
        return len(self._live)

    @property
    def budget_left(self) -> float:
        """False alerts that may still be risked now, see `Purse`."""
        return self._purse.left

    def learn(self, lesson: Lesson) -> bool:
        """Learn a verdict; return False for a repeat, which changes nothing."""
        return self._judging.learner.learn(lesson)

    @property
    def taught(self) -> int:
        """Verdicts learnt since people last changed their minds."""
        return self._judging.learner.taught

    @property
    def error(self) -> float:
        """Mean distance between what people said of late and what was thought, see `Learner`."""
        return self._judging.learner.error

    def close(self, bucket: int, records: Sequence[BucketRecord]) -> Outcome:
        """Take in what all shards found in a bucket.

        Raises:
            ValueError: the bucket is not after the last.
        """
        if bucket <= self._bucket:
            raise ValueError(f"stories closed bucket {self._bucket} and cannot close {bucket} after it")
        self._rotate(bucket)
        self._bucket = bucket
        self._purse.refill(bucket, self._settings.budget)
        self._judging.refill(bucket)
        self._tests = self._tests * (1 - 1 / _DAY) + sum(record.tests for record in records)
        self._minutes = self._minutes * (1 - 1 / _DAY) + 1.0
        self._note_everyday(bucket, records)
        warming = min((record.warming for record in records), default=0.0)
        bursts = evidence_order([burst for record in records for burst in record.bursts])
        if not bursts and not self._live:
            self._forget(bucket)
            return Outcome([], [])
        touched = self._assign(bucket, bursts, warming)
        ended = self._merge(bucket, touched)
        ended += self._recognise(bucket, touched)
        return self._tell(bucket, warming, touched, ended)

    def _rotate(self, bucket: int) -> None:
        """Carry what was said of terms before across a rotation that holds from `bucket` on."""
        before, now = self._era, self._rotations.era(bucket)
        if now > before:
            for story in (*self._live.values(), *self._closed.values()):
                story.rehash(lambda author: self._rotations.onward(author, before, now))
            self._era = now

    def _note_everyday(self, bucket: int, records: Sequence[BucketRecord]) -> None:
        """Learn which names are common from posts that are not about a live story: a story is no measure of itself."""
        known = [story.profile.standing(self._everyday) for story in self._live.values() if story.is_known]
        names = [
            row for record in records for row in np.frombuffer(record.everyday, "<u4").reshape(-1, POST_NAMES).tolist()
        ]
        self._everyday.note(bucket, [row for row in names if not any(is_about(row, standing) for standing in known)])

    def _assign(self, bucket: int, bursts: Sequence[Burst], warming: float) -> set[str]:
        """Give every burst to its story; returns the ids of stories that heard something."""
        touched: set[str] = set()
        unowned: list[Burst] = []
        supports: list[Burst] = []
        parted: dict[str, str] = {}
        belonging: dict[str, Belonging] = {}
        for burst in bursts:
            owner = self._owner.get(burst.term)
            if owner is not None and owner not in belonging:
                belonging[owner] = Belonging(self._known(owner), bucket, self._everyday, self._places)
            if owner is not None and belonging[owner].has(burst):
                self._revive(owner, burst)
                self._known(owner).hold(burst, bucket, self._settings.max_terms)
                touched.add(owner)
            elif burst.significant:
                unowned.append(burst)
                if owner is not None:
                    parted[burst.term] = owner
                    self._let_go(burst, owner)
            else:
                supports.append(burst)
        if not unowned and not (supports and touched):
            return touched
        grouping = Grouping((*self._closed.values(), *self._live.values()), bucket, self._settings)
        for burst in (*unowned, *supports):
            joined = grouping.place(burst) if burst.significant else grouping.support(burst)
            if joined is not None and self._known(joined).hold(burst, bucket, self._settings.max_terms):
                self._revive(joined, burst)
                self._owner[burst.term] = joined
                touched.add(joined)
        for members in grouping.fresh:
            story = emerge(members, bucket, warming, self._settings.max_terms)
            story.parted = sorted({parted[term] for term in story.terms if term in parted})
            self._live[story.id] = story
            self._owner.update((term, story.id) for term in story.terms)
            touched.add(story.id)
        return touched

    def _known(self, story_id: str) -> Story:
        return self._live.get(story_id) or self._closed[story_id]

    def _revive(self, story_id: str, burst: Burst) -> None:
        """Let a closed story live again when one of its terms bursts: it is the same story, not news."""
        if burst.significant and story_id in self._closed:
            story = self._live[story_id] = self._closed.pop(story_id)
            story.stage = "fading"

    def _let_go(self, burst: Burst, owner: str) -> None:
        """Let a term that bursts elsewhere leave its story."""
        terms = self._known(owner).terms
        del self._owner[burst.term]
        if len(terms) > 1:
            del terms[burst.term]

    def _merge(self, bucket: int, touched: set[str]) -> list[Story]:
        """Merge stories that have come to share their posts, the younger into the older; returns those that ended."""
        if not touched:
            return []
        ended: list[Story] = []
        ordered = sorted(self._live.values(), key=lambda story: (story.bucket, story.id))
        posts = {story.id: story.posts(bucket).keys() for story in ordered}
        for place, younger in enumerate(ordered):
            if younger.id not in touched:
                continue
            for older in ordered[:place]:
                if older.id not in self._live or younger.id not in self._live:
                    continue
                if posts[younger.id].isdisjoint(posts[older.id]):
                    continue
                if shared_between(older, younger, bucket) < self._settings.overlap:
                    continue
                self._absorb(older, younger)
                posts[older.id] = older.posts(bucket).keys()
                touched.add(older.id)
                touched.discard(younger.id)
                younger.stage = "closed"
                ended.append(younger)
                break
        return ended

    def _recognise(self, bucket: int, touched: set[str]) -> list[Story]:
        """Let young stories that are about one already told become part of it; returns those that ended so.

        A story with content of its own (a post, an address) is told apart by that content alone: two posts that are
        passed on may well use the same words.
        """
        ended: list[Story] = []
        for story in [self._live[name] for name in sorted(touched) if name in self._live]:
            story.look(bucket)
            if story.is_known or story.significant != bucket or story.has_content_of_its_own():
                continue
            older = self._acquaintance(story, bucket)
            if older is None:
                continue
            if older.id in self._closed:
                self._live[older.id] = self._closed.pop(older.id)
                older.stage = "fading"
            self._absorb(older, story)
            touched.add(older.id)
            touched.discard(story.id)
            story.stage = "closed"
            if story.published:
                ended.append(story)
        return ended

    def _acquaintance(self, story: Story, bucket: int) -> Story | None:
        """Return the story told before that most posts of this one are about, or that has its name, if any."""
        posts = list(story.posts(bucket).values())
        tags, phrases = run_together(story.terms, "tag"), run_together(story.terms, "phrase")
        best, most = None, 0.0
        for older in (*self._closed.values(), *self._live.values()):
            if not older.is_known or older.id == story.id or older.id in story.parted:
                continue
            if tags & run_together(older.terms, "phrase") or phrases & run_together(older.terms, "tag"):
                return older
            standing = older.profile.standing(self._everyday)
            share = share_about(posts, standing, self._places.unknown_to(older.profile))
            if share > most:
                best, most = older, share
        return best if most >= self._settings.returns else None

    def _absorb(self, older: Story, younger: Story) -> None:
        del self._live[younger.id]
        older.merged += [younger.id, *younger.merged]
        older.significant = max(older.significant, younger.significant)
        older.alerted = max(older.alerted, younger.alerted)
        older.told = max(older.told, younger.told)
        older.muted = max(older.muted, younger.muted)
        older.started_ms = min(older.started_ms, younger.started_ms)
        older.profile.unite(younger.profile)
        for term, held in younger.terms.items():
            if len(older.terms) >= self._settings.max_terms and term not in older.terms:
                self._owner.pop(term, None)
                continue
            kept = older.terms.setdefault(term, held)
            kept.significant = max(kept.significant, held.significant)
            self._owner[term] = older.id

    def _tell(self, bucket: int, warming: float, touched: set[str], ended: Sequence[Story]) -> Outcome:
        hotspots = [self._hotspot(story, bucket) for story in ended]
        alerts: list[Alert] = []
        muted: list[Hotspot] = []
        for story in list(self._live.values()):
            self._disown(story, story.prune(bucket))
            measure(story, bucket)
            stage = stage_of(story, bucket, self._settings)
            due = story.id in touched and bucket - story.published >= _PUBLISH_EVERY
            alert = story.id in touched and self._is_due(story, bucket, warming)
            changed = stage != story.stage
            story.stage = stage
            self._sizes.note(story, bucket)
            if alert or changed or due or not story.published:
                hotspot = self._hotspot(story, bucket)
                story.published = bucket
                if alert:
                    before = story.muted
                    hotspot = self._alert(story, bucket, hotspot, alerts)
                    if story.muted > before:
                        muted.append(hotspot)
                hotspots.append(hotspot)
            if stage == "closed":
                self._closed[story.id] = self._live.pop(story.id)
        self._forget(bucket)
        return Outcome(hotspots, alerts, muted)

    def _is_due(self, story: Story, bucket: int, warming: float) -> bool:
        """Say whether a story has something to tell now; notes silently what warming holds back."""
        if story.significant != bucket:
            return False
        if story.alerted and not grown(story.authors, story.alerted, self._settings.escalation):
            return False
        if held_back_for_warming(warming, story.lead(bucket).burst.term):
            story.alerted = max(story.alerted, story.authors)
            return False
        return True

    def _hotspot(self, story: Story, bucket: int) -> Hotspot:
        hotspot = self._judging.weigh(hotspot_of(story, bucket, self._settings, self._gazetteer))
        hotspot = msgspec.structs.replace(hotspot, size=self._sizes.guess(story, bucket))
        return with_muted(hotspot, bool(story.muted and not story.told))

    def _alert(self, story: Story, bucket: int, hotspot: Hotspot, alerts: list[Alert]) -> Hotspot:
        """Add the alert of a story that has something to tell, if it may; return the hotspot as it stands then."""
        settings = self._settings
        if hotspot.credibility < settings.min_credibility or len(hotspot.evidence) < settings.min_evidence:
            return hotspot
        if self._judging.mutes(hotspot):
            story.muted += 1
            story.alerted = story.authors
            return with_muted(hotspot, not story.told)
        if not story.told:
            tests_a_day = self._tests / self._minutes * _DAY * len(SCALES)
            if not self._purse.spend(chance_a_day(story.lead(bucket).burst.log10_p, tests_a_day)):
                return hotspot
        story.told += 1
        story.alerted = story.authors
        told = with_muted(msgspec.structs.replace(hotspot, alerts=story.told), False)
        alerts.append(alert_of(story, told))
        return told

    def _forget(self, bucket: int) -> None:
        """Let go of what closed long ago, and of the oldest where there are too many."""
        link, memory = self._settings.link_hours * 60, self._settings.memory_hours * 60
        too_many = len(self._closed) + len(self._live) - self._settings.max_stories
        for story in list(self._closed.values()):
            silent = bucket - story.significant
            if silent < link and too_many <= 0:
                break
            if silent >= link:
                self._disown(story, story.fade_from_memory())
            if too_many > 0 or not story.is_known or silent >= memory:
                too_many -= 1
                self._disown(story, list(story.terms))
                del self._closed[story.id]

    def _disown(self, story: Story, terms: Sequence[str]) -> None:
        """Let terms go that a story owned; another may own them by now."""
        for term in terms:
            if self._owner.get(term) == story.id:
                del self._owner[term]

    def state(self) -> bytes:
        """Return everything the stage knows; restoring it continues byte for byte."""
        live, closed = list(self._live.values()), list(self._closed.values())
        state = State(
            STATE_VERSION,
            self._bucket,
            live,
            closed,
            self._purse,
            self._tests,
            self._minutes,
            self._everyday,
            self._owner,
            self._judging.learner.lessons,
            self._judging.purse,
            self._sizes.examples,
            self._era,
        )
        return msgspec.msgpack.encode(state)

    @classmethod
    def restore(
        cls, settings: StorySettings, state: bytes, gazetteer: Gazetteer = NOTHING, rotations: Rotations = NONE
    ) -> "Stories":
        """Return the stage that `state` was taken of.

        Raises:
            StoriesStateError: the state has another version or is no state.
        """
        held = decoded(state)
        stories = cls(settings, gazetteer, rotations)
        stories._bucket, stories._purse, stories._era = held.bucket, held.purse, held.era
        stories._tests, stories._minutes, stories._everyday = held.tests, held.minutes, held.everyday
        for target, kept in ((stories._closed, held.closed), (stories._live, held.live)):
            for story in kept:
                target[story.id] = story
        stories._owner = held.owner
        stories._judging = Judging(settings.muting, held.lessons, held.muting)
        stories._sizes = Sizes(held.sizes)
        return stories
