"""What a picture or a recording adds to the terms of a post, and what it cannot do to them."""

import json

import pytest

from streams.contracts.posts import Described, ReadPost
from streams.contracts.terms import MAX_TERMS_PER_POST
from streams.intake import Intake, IntakeSettings, Record
from streams.intake.described import MOST_CHARS, MOST_DESCRIBED

INTAKE = Intake(IntakeSettings(author_key=b"key of the tests"))


def read(text: str, *described: dict[str, object]) -> ReadPost:
    post = {"id": "1", "platform": "x", "author": "a", "created_at": "2026-03-01T00:00:00Z", "text": text}
    value = json.dumps(post | ({"described": described} if described else {}))
    [found] = INTAKE.take(Record("posts", 0, 0, value.encode(), 1_772_323_200_000)).posts
    return found


def test_what_a_picture_says_is_counted_and_marked() -> None:
    post = read("Look at this", {"kind": "ocr", "text": "Bridge collapsed in Turin", "by": "rapidocr"})
    assert {"word:bridge", "phrase:bridge collapsed", "word:turin"} <= set(post.media_terms)
    assert set(post.media_terms) <= set(post.terms)
    assert post.described == (Described(kind="ocr", text="Bridge collapsed in Turin", by="rapidocr"),)


def test_a_picture_in_another_language_than_the_post_is_read_in_its_own() -> None:
    post = read("Look what they hung up at the station", {"kind": "ocr", "text": "橘胖胖公开道歉"})
    assert any("道歉" in term for term in post.media_terms)


def test_the_own_words_come_first_and_are_not_marked() -> None:
    post = read("Bridge collapsed", {"kind": "caption", "text": "a bridge beside a harbour"})
    assert "word:bridge" in post.terms
    assert "word:bridge" not in post.media_terms
    assert post.terms[: len(read("Bridge collapsed").terms)] == read("Bridge collapsed").terms


def test_mood_and_near_duplicates_are_of_the_own_words_alone() -> None:
    plain, described = (
        read("Look at this one here, friends"),
        read("Look at this one here, friends", {"kind": "ocr", "text": "I hate everything about it"}),
    )
    assert (plain.text, plain.copy_key, plain.lang) == (described.text, described.copy_key, described.lang)


def test_what_identifies_a_person_is_taken_out_of_a_picture_too() -> None:
    post = read("", {"kind": "ocr", "text": "Write to @carla or carla.rossi@mail.example, 13800138000"})
    told = " ".join((post.described[0].text, *post.terms))
    assert "carla" not in told
    assert "13800138000" not in told


def test_a_flood_of_descriptions_keeps_within_the_limits_and_the_post_stays() -> None:
    many = [
        {"kind": "k" * 999, "text": " ".join(f"w{chr(97 + i % 26)}{chr(97 + n)}" for i in range(2000)), "media": -1}
        for n in range(20)
    ]
    post = read("storm", *many)
    assert "word:storm" in post.terms
    assert len(post.terms) == MAX_TERMS_PER_POST
    assert len(post.described) == MOST_DESCRIBED
    assert all(len(one.text) <= MOST_CHARS and len(one.kind) <= 64 and one.media == 0 for one in post.described)


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u200b", "\x00\x01"])
def test_a_description_without_a_word_adds_nothing(text: str) -> None:
    post = read("storm surge", {"kind": "ocr", "text": text})
    assert (post.described, post.media_terms) == ((), ())
    assert post.terms == read("storm surge").terms
