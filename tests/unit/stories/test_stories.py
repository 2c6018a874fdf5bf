"""Stories over bucket records: one story is one hotspot, also when it returns in other words; states continue."""

from array import array
from collections.abc import Sequence
from typing import Any

import pytest
import xxhash

from streams.contracts.bursts import BucketRecord, Burst, Evidence
from streams.contracts.slices import POST_NAMES
from streams.contracts.times import BUCKET_MS
from streams.counting.names import names_of
from streams.linking import Entity, Gazetteer
from streams.stories import Outcome, Stories, StoriesStateError, StorySettings

FIRST = 29_540_000
EVERYDAY = [f"word:day{n}" for n in range(40)]
USUAL = ("word:now", "word:people", "word:today")


def evidence(bucket: int, number: int, terms: Sequence[str]) -> Evidence:
    """Return post `number` of a bucket, by an author of its own."""
    name = f"{bucket}-{number}"
    return Evidence(
        id=name,
        partition=0,
        offset=bucket,
        index=number,
        author=xxhash.xxh64_intdigest(name.encode()),
        created_ms=bucket * BUCKET_MS,
        lang="en",
        platform="test",
        copy_key=0,
        sentiment=(),
        names=array("I", [name for name in names_of(terms) if name]).tobytes(),
    )


def burst(term: str, posts: Sequence[Evidence], **given: Any) -> Burst:
    """Return a burst of a term that these posts carry."""
    hashes = sorted(xxhash.xxh64_intdigest(post.id.encode()) for post in posts)
    figures: dict[str, Any] = {
        "log10_p": -12.0,
        "scale_min": 5,
        "observed": len(posts),
        "expected": 0.1,
        "authors": (len(posts),) * 4,
        "posts": len(posts),
        "significant": True,
    }
    return Burst(
        term=term,
        sample=tuple(posts),
        series=(0,) * 59 + (len(posts),),
        copies=0.0,
        top_author=0.1,
        hashes=array("Q", hashes).tobytes(),
        **{**figures, **given},
    )


def close(stories: Stories, bucket: int, *bursts: Burst, warming: float = 1.0) -> Outcome:
    """Let one shard speak of a bucket, with everyday posts beside its bursts."""
    everyday = array("I", [name for n in range(8) for name in names_of([EVERYDAY[(bucket + n) % 40], *USUAL[: n % 4]])])
    assert len(everyday) == 8 * POST_NAMES
    record = BucketRecord(
        shard=0,
        shards=1,
        bucket=bucket,
        posts=10,
        tests=100,
        warming=warming,
        bursts=bursts,
        everyday=everyday.tobytes(),
    )
    return stories.close(bucket, [record])


def told_of(stories: Stories, bucket: int, term: str, company: Sequence[str]) -> Outcome:
    """Let a term burst in eight posts that name its company too."""
    return close(stories, bucket, burst(term, [evidence(bucket, n, [term, *company]) for n in range(8)]))


def quietly(stories: Stories, first: int, last: int) -> None:
    for bucket in range(first, last):
        close(stories, bucket)


@pytest.fixture
def stories() -> Stories:
    """A stage that knows what is common."""
    stage = Stories(StorySettings())
    quietly(stage, FIRST, FIRST + 120)
    return stage


AMUAY = ("word:amuay", "word:refinery", "word:fire")
LATER = FIRST + 120 + 600


def test_a_crowd_on_one_term_is_told_once(stories: Stories) -> None:
    alerts = [alert for n in range(5) for alert in told_of(stories, FIRST + 120 + n, AMUAY[0], AMUAY[1:]).alerts]
    assert len(alerts) == 1
    assert alerts[0].terms[0] == AMUAY[0]


def test_a_hotspot_and_its_alert_carry_the_known_entities_that_its_terms_name() -> None:
    gazetteer = Gazetteer([Entity("geonames:1", "place", "Amuay", ("Amuay",))])
    stage = Stories(StorySettings(), gazetteer)
    quietly(stage, FIRST, FIRST + 120)
    outcome = told_of(stage, FIRST + 120, AMUAY[0], AMUAY[1:])
    assert [known.id for known in outcome.alerts[0].entities] == ["geonames:1"]
    assert outcome.hotspots[-1].entities == outcome.alerts[0].entities
    again = Stories.restore(StorySettings(), stage.state(), gazetteer)
    rising = [told_of(some, FIRST + 136, AMUAY[0], AMUAY[1:]).hotspots for some in (stage, again)]
    assert rising[0]
    assert rising[0] == rising[1]


def test_a_story_that_returns_in_other_words_is_known_by_what_its_posts_name(stories: Stories) -> None:
    first = told_of(stories, FIRST + 120, AMUAY[0], AMUAY[1:]).alerts[0]
    quietly(stories, FIRST + 121, LATER)
    back = told_of(stories, LATER, "word:tank", AMUAY)
    assert back.alerts == []
    assert first.hotspot_id in {hotspot.hotspot_id for hotspot in back.hotspots}


def test_another_story_of_that_day_is_told(stories: Stories) -> None:
    told_of(stories, FIRST + 120, AMUAY[0], AMUAY[1:])
    quietly(stories, FIRST + 121, LATER)
    assert len(told_of(stories, LATER, "word:meteor", ("word:urals", "word:sky")).alerts) == 1


def test_names_that_everybody_uses_tie_nothing_together(stories: Stories) -> None:
    told_of(stories, FIRST + 120, AMUAY[0], USUAL)
    quietly(stories, FIRST + 121, LATER)
    assert len(told_of(stories, LATER, "word:meteor", USUAL).alerts) == 1


def test_a_post_that_is_passed_on_is_its_own_story_whatever_words_it_uses(stories: Stories) -> None:
    told_of(stories, FIRST + 120, AMUAY[0], AMUAY[1:])
    quietly(stories, FIRST + 121, LATER)
    assert len(told_of(stories, LATER, "post:77", AMUAY).alerts) == 1


def test_a_word_that_bursts_anew_about_something_else_begins_a_story_of_its_own(stories: Stories) -> None:
    told_of(stories, FIRST + 120, "word:rescue", AMUAY)
    quietly(stories, FIRST + 121, LATER)
    again = told_of(stories, LATER, "word:rescue", ("word:manila", "word:flood"))
    assert [alert.terms[0] for alert in again.alerts] == ["word:rescue"]


FIRE = ("word:fire", "word:homes")
COLLAPSE = ("word:collapse", "word:factory", "word:toll")


def test_a_word_that_another_event_uses_within_the_hour_ties_nothing(stories: Stories) -> None:
    there = [evidence(FIRST + 120, n, COLLAPSE) for n in range(8)]
    first = close(stories, FIRST + 120, *(burst(term, there) for term in COLLAPSE)).alerts[0]
    here = [evidence(FIRST + 140, n, ("word:nightclub", "word:toll", "word:band")) for n in range(8)]
    close(stories, FIRST + 140, burst("word:toll", here, significant=False))
    outcome = close(stories, FIRST + 141, burst("word:toll", here), burst("word:nightclub", here))
    assert [set(alert.terms) for alert in outcome.alerts] == [{"word:nightclub", "word:toll"}]
    assert first.hotspot_id not in {hotspot.hotspot_id for hotspot in outcome.hotspots}


def test_the_only_word_of_a_story_stays_with_it_within_the_hour(stories: Stories) -> None:
    first = told_of(stories, FIRST + 120, "tag:quake", ()).alerts[0]
    later = told_of(stories, FIRST + 150, "tag:quake", ("word:shelter",))
    assert later.alerts == []
    assert {hotspot.hotspot_id for hotspot in later.hotspots} == {first.hotspot_id}


@pytest.mark.parametrize(
    ("place", "name", "word", "shared"),
    [("Brazil", "word:brazil", "word:nightclub", FIRE[0]), ("智利", "word:智利", "word:海啸", "word:地震")],
)
def test_one_name_in_common_is_too_little_for_a_place_that_the_story_never_named(
    place: str, name: str, word: str, shared: str
) -> None:
    for gazetteer, told in ((Gazetteer([Entity("test:1", "country", place, (place,))]), 1), (Gazetteer(), 0)):
        stage = Stories(StorySettings(), gazetteer)
        quietly(stage, FIRST, FIRST + 120)
        told_of(stage, FIRST + 120, "word:boulder", (shared, "word:homes"))
        quietly(stage, FIRST + 121, LATER)
        assert len(told_of(stage, LATER, word, (shared, name)).alerts) == told


def test_a_place_that_the_story_never_named_is_no_bar_to_what_names_more_of_it() -> None:
    stage = Stories(StorySettings(), Gazetteer([Entity("test:1", "city", "São Paulo", ("São Paulo", "Sao Paulo"))]))
    quietly(stage, FIRST, FIRST + 120)
    told_of(stage, FIRST + 120, "word:boulder", FIRE)
    quietly(stage, FIRST + 121, LATER)
    assert told_of(stage, LATER, "word:crew", ("word:sao", "word:paulo", *FIRE)).alerts == []


def test_a_hashtag_that_runs_a_phrase_together_is_the_same_story(stories: Stories) -> None:
    first = told_of(stories, FIRST + 120, "phrase:boston marathon", ("word:finish",)).alerts[0]
    later = told_of(stories, FIRST + 140, "tag:bostonmarathon", ())
    assert later.alerts == []
    assert first.hotspot_id in {hotspot.hotspot_id for hotspot in later.hotspots}


def test_warming_holds_words_back(stories: Stories) -> None:
    posts = [evidence(FIRST + 120, n, AMUAY) for n in range(8)]
    assert close(stories, FIRST + 120, burst("word:amuay", posts), warming=0.4).alerts == []


def test_few_posts_page_nobody(stories: Stories) -> None:
    posts = [evidence(FIRST + 120, n, AMUAY) for n in range(4)]
    assert close(stories, FIRST + 120, burst("word:amuay", posts)).alerts == []


@pytest.mark.parametrize("at", [FIRST + 121, FIRST + 400, LATER, LATER + 4500])
def test_a_restored_state_continues_byte_for_byte(stories: Stories, at: int) -> None:
    def step(stage: Stories, bucket: int) -> Outcome:
        if bucket == FIRST + 120:
            return told_of(stage, bucket, AMUAY[0], AMUAY[1:])
        if bucket in (LATER, LATER + 4600):
            return told_of(stage, bucket, "word:tank", AMUAY)
        return close(stage, bucket)

    other: Stories | None = None
    for bucket in range(FIRST + 120, LATER + 4610):
        expected = step(stories, bucket)
        if other is not None:
            assert step(other, bucket) == expected
        if bucket == at:
            other = Stories.restore(StorySettings(), stories.state())
    assert other is not None
    assert other.state() == stories.state()


def test_a_state_of_another_version_is_refused(stories: Stories) -> None:
    state = stories.state()
    with pytest.raises(StoriesStateError, match="version 99"):
        Stories.restore(StorySettings(), state[:1] + b"\x63" + state[2:])


def test_a_bucket_cannot_close_twice(stories: Stories) -> None:
    with pytest.raises(ValueError, match="cannot close"):
        close(stories, FIRST)
