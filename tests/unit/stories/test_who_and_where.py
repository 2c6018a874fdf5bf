"""How old an account is and where it wrote: from the post through intake, slice and shard to the hotspot."""

import random
from pathlib import Path

import msgspec
import pytest

from agents.backtest import run_backtest
from streams.contracts.outputs import Hotspot
from streams.contracts.posts import MOST_DAYS, UNKNOWN_DAYS, Post
from streams.contracts.times import format_time
from streams.intake import Intake, IntakeSettings, Record
from streams.pipeline import PipelineSettings

BEGIN_MS = 1_772_409_600_000
WRITTEN = "2026-03-02T00:00:00Z"
INTAKE = Intake(IntakeSettings(author_key=b"key of the tests"))


def posts(author_since: str | None) -> list[Post]:
    """Return an hour and a half of everyday posts in which 40 people pass on a post within twenty minutes."""
    chance = random.Random(5)
    everyday = [
        Post(
            id=f"e{number}",
            platform="test",
            author=f"everyone{number % 97}",
            created_at=format_time(BEGIN_MS + chance.randrange(5_400_000)),
            text=f"tea and the weather, number {number}",
        )
        for number in range(500)
    ]
    passed_on = [
        Post(
            id=f"p{number}",
            platform="test",
            author=f"ring{number}",
            created_at=format_time(BEGIN_MS + 3_000_000 + chance.randrange(1_200_000)),
            text="buy this coin",
            repost_of="first",
            author_since=author_since,
            place=" Turin\nPiedmont" if number % 10 else "Alba",
        )
        for number in range(40)
    ]
    return sorted(everyday + passed_on, key=lambda post: post.created_at)


def found(tmp_path: Path, author_since: str | None) -> tuple[list[Hotspot], int]:
    """Return what is said of what was passed on, and how many alerts there are."""
    stream = tmp_path / "posts.jsonl"
    stream.write_bytes(b"\n".join(map(msgspec.json.encode, posts(author_since))))
    hotspots: list[Hotspot] = []
    alerts = 0
    for outputs, _ in run_backtest(
        [stream], settings=PipelineSettings(shards=2), intake=INTAKE, scorer=None, posts_per_message=16
    ):
        hotspots += [hotspot for hotspot in outputs.hotspots if "post:first" in hotspot.terms]
        alerts += len(outputs.alerts)
    return hotspots, alerts


@pytest.mark.parametrize("since", [None, "2014-05-06T07:08:09Z"])
def test_a_crowd_of_old_or_unknown_accounts_is_told_of(since: str | None, tmp_path: Path) -> None:
    hotspots, alerts = found(tmp_path, since)
    assert alerts == 1
    assert {hotspot.credibility for hotspot in hotspots} == {1.0}


def test_a_crowd_of_new_accounts_is_published_and_pages_nobody(tmp_path: Path) -> None:
    hotspots, alerts = found(tmp_path, "2026-02-27T00:00:00Z")
    assert alerts == 0
    assert hotspots[0].credibility == 0.0
    assert hotspots[0].credibility_reasons == ("100% of the accounts are younger than a week",)


def test_places_are_told_in_shares_of_which_none_is_of_few_people(tmp_path: Path) -> None:
    last = found(tmp_path, None)[0][-1]
    assert last.why.places.keys() == {"Turin Piedmont", "other"}
    assert sum(last.why.places.values()) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("since", "days"),
    [
        (None, UNKNOWN_DAYS),
        ("", UNKNOWN_DAYS),
        ("last year", UNKNOWN_DAYS),
        ("2026-01-01T00:00:00", UNKNOWN_DAYS),
        ("2026-03-02T00:00:01Z", UNKNOWN_DAYS),
        ("9" * 100, UNKNOWN_DAYS),
        ("2026-03-02T00:00:00Z", 0),
        ("2026-03-01T00:00:01Z", 0),
        ("2025-03-02T01:00:00+01:00", 365),
        ("0001-01-01T00:00:00Z", MOST_DAYS),
    ],
)
def test_an_age_that_cannot_be_known_says_nothing_against_the_post(since: str | None, days: int) -> None:
    post = Post(id="1", platform="x", author="a", created_at=WRITTEN, text="rain", author_since=since)
    taken = INTAKE.take(Record("posts", 0, 0, msgspec.json.encode(post), BEGIN_MS))
    assert [read.account_days for read in taken.posts] == [days]
