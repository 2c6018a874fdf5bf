"""The words of a hashtag, as its capitals and underscores show them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.intake.cleaning import clean
from streams.intake.tags import MAX_WORDS, tag_words


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("BostonMarathon", ("boston", "marathon")),
        ("PrayForBoston", ("boston",)),
        ("PrayForThePhilippines", ("philippines",)),
        ("JusticeForGeorgeFloyd", ("george", "floyd")),
        ("BlackLivesMatter", ("black", "lives", "matter")),
        ("BBCNews", ("bbc", "news")),
        ("pray_for_turin", ("turin",)),
        ("СвободаСлова", ("свобода", "слова")),
        ("RescuePH", ("rescue",)),
        ("Boston", ()),
        ("prayforboston", ()),
        ("WhatAreYouWaitingFor", ()),
        ("武汉加油", ()),
    ],
)
def test_words_are_where_capitals_show_them(tag: str, words: tuple[str, ...]) -> None:
    assert tag_words(tag) == words


@given(st.text(max_size=100))
def test_there_are_never_many_and_all_are_casefolded(tag: str) -> None:
    words = tag_words(tag)
    assert len(words) <= MAX_WORDS
    assert all(word == word.casefold() for word in words)


def test_a_text_keeps_the_words_of_all_its_hashtags_up_to_the_limit() -> None:
    assert clean("so sad #PrayForBoston #BostonMarathon").tag_words == ("boston", "boston", "marathon")
    assert len(clean(" ".join(f"#SomeTag{'ABCDEFGH'[n]}lpha" for n in range(8))).tag_words) == MAX_WORDS
