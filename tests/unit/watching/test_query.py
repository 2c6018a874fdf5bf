"""Queries: what they match, and the one line that refuses those that cannot be used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.intake import Intake, IntakeSettings, Record
from streams.watching.query import MAX_CHARS, BadQuery, asked, parse

INTAKE = Intake(IntakeSettings(author_key=b"a key of these tests"))


def matches(query: str, text: str, **synonyms: list[str]) -> bool:
    import json

    post = {"id": "1", "platform": "x", "author": "a", "created_at": "2026-03-01T00:00:00Z", "text": text}
    taken = INTAKE.take(Record("posts", 0, 0, json.dumps(post).encode(), 1_772_323_200_000))
    return parse(query, synonyms).matches(asked(taken.posts[0].terms))


@pytest.mark.parametrize(
    ("query", "text", "meant"),
    [
        ("tesla", "My Tesla broke down again", True),
        ("tesla", "so much for #Tesla today", True),
        ("tesla", "I like trains", False),
        ("#tesla", "My Tesla broke down again", False),
        ("tesla brake", "the tesla has a bad brake", True),
        ("tesla AND brake", "the tesla is fine", False),
        ("tesla OR volvo", "my volvo is fine", True),
        ("tesla NOT stock", "tesla stock falls again", False),
        ("tesla -stock", "tesla brakes squeal again", True),
        ("(tesla OR volvo) AND NOT (stock OR shares)", "volvo shares rise", False),
        ('"model three"', "the model three squeaks", True),
        ('"model three"', "three people of this model", False),
        ("特斯拉", "今天的特斯拉降价了", True),
        ("特斯拉 AND 降价", "今天的特斯拉降价了", True),
        ("特斯拉 AND NOT 降价", "今天的特斯拉降价了", False),
        ("tesla | 特斯拉", "特斯拉又召回了", True),
    ],
)
def test_a_query_means_what_it_says(query: str, text: str, meant: bool) -> None:
    assert matches(query, text) is meant


def test_synonyms_stand_for_a_word() -> None:
    assert matches("tesla brake", "特斯拉的 brake 坏了", tesla=["特斯拉", "TSLA"])


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("(tesla", "ends too soon"),
        ("tesla AND", "ends too soon"),
        ("tesla) OR volvo", "not understood at character 6"),
        ("OR tesla", "not understood at character 1"),
        ("NOT tesla", "matches every post"),
        ("tesla OR NOT volvo", "matches every post"),
        ("the", "too common or too short"),
        ("#", "without a word"),
        ("的", "single character"),
        (" OR ".join(f"w{n}" for n in range(10_000)), "characters, at most"),
        ("|".join(f"w{n}" for n in range(700)), "more than 200 words"),
        ("(" * 500 + "tesla" + ")" * 500, ""),
        ("NOT " * 60 + "tesla", "deep"),
    ],
)
def test_a_query_that_cannot_be_used_is_refused_in_one_line(query: str, line: str) -> None:
    if not line:
        parse(query)  # brackets around one thing nest nothing
        return
    with pytest.raises(BadQuery, match=line) as refused:
        parse(query)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


@given(st.text(alphabet='ab "()|&-#AORNDT特斯拉\n', max_size=120) | st.text(max_size=MAX_CHARS + 10))
def test_any_text_is_a_query_or_refused(text: str) -> None:
    try:
        query, line = parse(text), ""
    except BadQuery as refused:
        query, line = None, str(refused)
    assert query is None or not query.matches(asked(()))
    assert "\n" not in line


@given(st.sets(st.sampled_from(["word:a1", "word:b1", "word:c1", "tag:a1", "phrase:b1 c1"])))
def test_a_post_that_matches_has_a_hook(terms: set[str]) -> None:
    query = parse('(a1 OR "b1 c1") NOT c1')
    if query.matches(asked(terms)):
        assert terms & query.hooks
