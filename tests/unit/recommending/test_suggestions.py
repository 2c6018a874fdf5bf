"""Suggestions go by interest, are unlike each other, say why and how likely they were, and follow what is taken up."""

from collections import Counter

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.briefs import write_brief
from streams.contracts.profiles import Profile
from streams.contracts.recommendations import MOST, Recommendation, Suggestion
from streams.contracts.requests import Unusable
from streams.recommending.candidates import Candidate, candidates_of
from streams.recommending.choosing import suggest
from streams.recommending.learning import Learner
from streams.recommending.population import TASTES, judged, ndcg
from streams.recommending.requests import read_request
from tests.unit.briefs.conftest import hotspot_about, posts_from

NOW_MS = 1_772_409_600_000  # 2026-03-02T00:00:00Z


def profile(*terms: str, lang: str = "en", spreads: tuple[str, ...] = ()) -> Profile:
    return Profile(
        author="00000000000000aa", platform="x", updated_at="2026-03-02T00:00:00.000Z", posts=9.0, reposts=0.0,
        terms=dict.fromkeys(terms, 3.0), languages={lang: 9.0}, hours=(0.0,) * 24, spreads=dict.fromkeys(spreads, 1.0),
    )  # fmt: skip


def candidate(name: str, *terms: str, size: int = 50, age_h: float = 1.0) -> Candidate:
    return Candidate(
        kind="hotspot", id=name, hotspot_id=name, title=f"About {name}", lang="en", terms=frozenset(terms),
        updated_ms=NOW_MS - int(age_h * 3_600_000), size=size, quality=0.8,
    )  # fmt: skip


def best(who: Profile | None, *candidates: Candidate, count: int = 10) -> list[Suggestion]:
    return suggest("r", who, candidates, Learner(), now_ms=NOW_MS, count=count, chance=0.0)


CROWD = candidate("crowd", "football", size=5000)
FLOOD = candidate("flood", "flood", "turin")


def test_interest_comes_before_size_and_says_why() -> None:
    first, second = best(profile("word:flood", "tag:turin", "word:tea"), CROWD, FLOOD)
    assert (first.id, first.because) == ("flood", "because you write about flood and turin")
    assert second.because == "because many people write about it now"
    chinese = best(profile("word:flood", lang="zh"), FLOOD)[0]
    assert (chinese.because, chinese.lang) == ("因为你常谈到flood", "zh")


def test_who_is_unknown_is_told_what_is_large_and_fresh() -> None:
    old = candidate("old", "football", size=5000, age_h=48.0)
    assert [item.id for item in best(None, FLOOD, old, CROWD)] == ["crowd", "flood", "old"]


def test_what_somebody_passed_on_is_not_suggested_to_them() -> None:
    cascade = candidate("cascade", "post:o1", "flood")
    assert [item.id for item in best(profile("word:flood", spreads=("post:o1",)), cascade, CROWD)] == ["crowd"]


def test_suggestions_are_unlike_each_other() -> None:
    same = [candidate(f"same{n}", "flood", "turin", "po") for n in range(5)]
    other = candidate("other", "flood", "venice")
    assert "other" in [item.id for item in best(profile("word:flood"), *same, other, count=2)]


def test_candidates_are_live_hotspots_with_words_and_the_posts_they_quote(english: dict[str, str]) -> None:
    hotspot = hotspot_about(("word:earthquake", "word:valley"), tuple(english))
    brief = write_brief(hotspot, posts_from(english, "en"))
    found = candidates_of([hotspot], {"h1": brief})
    assert [one.kind for one in found] == ["hotspot", "post", "post"]
    assert found[0].title == brief.headline
    assert found[0].has("earthquake")
    assert found[0].has("hospital") == ("hospital" in " ".join(s.text for s in brief.sentences))
    assert not found[0].has("quake")  # a part of a word is another word
    assert {one.id for one in found[1:]} <= set(english)
    assert candidates_of([msgspec.structs.replace(hotspot, stage="closed")], {"h1": brief}) == []
    assert candidates_of([hotspot], {}) == []


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 5000), st.floats(0, 100)), max_size=12),
    st.integers(1, MOST),
    st.text(max_size=8),
)
def test_each_is_suggested_once_with_the_probability_of_its_choice(
    made: list[tuple[str, int, float]], count: int, name: str
) -> None:
    candidates = [candidate(f"c{n}", term, size=size, age_h=age) for n, (term, size, age) in enumerate(made)]
    found = suggest(name, profile("word:a"), candidates, Learner(), now_ms=NOW_MS, count=count)
    assert len({item.id for item in found}) == len(found) == min(count, len(candidates))
    assert all(0 < item.propensity <= 1 for item in found)
    assert found == suggest(name, profile("word:a"), candidates, Learner(), now_ms=NOW_MS, count=count)


def test_the_probability_that_is_told_is_that_with_which_it_happens() -> None:
    candidates = [candidate("a", "x", size=60), candidate("b", "y", size=50), candidate("c", "z", size=40)]
    told: dict[str, float] = {}
    chosen: Counter[str] = Counter()
    for number in range(2000):
        first = suggest(f"r{number}", None, candidates, Learner(), now_ms=NOW_MS, count=1)[0]
        told[first.id] = first.propensity
        chosen[first.id] += 1
    assert sum(told.values()) == pytest.approx(1.0, abs=1e-4)
    for name, propensity in told.items():
        assert chosen[name] / 2000 == pytest.approx(propensity, abs=0.05)


def shown(name: str, *items: Suggestion) -> Recommendation:
    return Recommendation(request_id=name, author="00000000000000aa", items=items)


def test_a_click_raises_what_was_taken_over_what_was_left_above_it_once() -> None:
    learner = Learner()
    first, second = best(None, candidate("large", size=5000, age_h=40.0), candidate("fresh", size=10, age_h=0.0))
    before = {item.id: learner.score(item.features) for item in (first, second)}
    for number in range(50):
        learner.shown(shown(f"r{number}", second, first) if first.id == "fresh" else shown(f"r{number}", first, second))
        assert learner.clicked(f"r{number}", "fresh")
        assert not learner.clicked(f"r{number}", "fresh")
    after = {item.id: learner.score(item.features) for item in (first, second)}
    assert after["fresh"] - before["fresh"] > after["large"] - before["large"]
    assert learner.clicks == 50
    assert not learner.clicked("nobody", "fresh")
    assert not learner.clicked("r0", "nothing")


def test_ndcg_is_one_for_the_best_order_and_less_for_others() -> None:
    gains = np.array([0.1, 0.9, 0.5])
    assert ndcg(gains, [1, 2, 0]) == pytest.approx(1.0)
    assert ndcg(gains, [0, 2, 1]) < 1.0


@pytest.mark.parametrize("taste", TASTES)
def test_the_bar_holds_on_a_population_whose_interests_are_known(taste: str) -> None:
    found = {figure.policy: figure for figure in judged(40, 11, taste).figures}
    learnt = found["after learning"]
    assert learnt.above_low > 0.1
    assert learnt.ndcg > found["recency"].ndcg
    if taste == "news":
        assert learnt.low > found["before learning"].high


@pytest.mark.parametrize(
    ("value", "reason", "named"),
    [
        (b"", "unreadable", False),
        (b"\xff", "unreadable", False),
        (b'{"id":"r"}', "unreadable", False),
        (b'{"id":"","author":"00000000000000aa"}', "bad_request", False),
        (b'{"id":"r","author":"someone"}', "bad_request", True),
        (b'{"id":"r","author":"00000000000000aa","count":0}', "bad_request", True),
        (b'{"id":"r","author":"00000000000000aa","count":100000}', "bad_request", True),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(value: bytes, reason: str, named: bool) -> None:
    with pytest.raises(Unusable) as caught:
        read_request(value)
    assert caught.value.reason == reason
    assert (caught.value.request_id == "r") == named
