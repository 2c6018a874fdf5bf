"""What is generated is in the brief: attacks in posts and in a model's answer never reach a piece of content."""

import msgspec
import pytest

from streams.briefs import write_brief
from streams.content.composing import KINDS, accepted, composed, material_of, prompt_of
from streams.content.rendering import html_of, markdown_of
from streams.contracts.outputs import Brief, Sentence
from tests.claims.attacks import ATTACKS, CANARY, DISGUISED, WIDE
from tests.unit.briefs.conftest import hotspot_about, posts_from


@pytest.fixture
def brief(english: dict[str, str]) -> Brief:
    return write_brief(hotspot_about(("pine valley", "earthquake"), tuple(english)), posts_from(english, "en"))


def test_there_are_a_hundred_attacks_and_more() -> None:
    assert len({text for _, text, _ in ATTACKS}) >= 100


@pytest.mark.parametrize(("carrier", "text", "order"), ATTACKS + DISGUISED)
def test_a_model_that_obeys_every_attack_cannot_tell_of_it(
    carrier: str, text: str, order: str, english: dict[str, str]
) -> None:
    texts = {**english, **{f"x{n}": text for n in range(4)}}
    attacked = write_brief(hotspot_about(("pine valley", "earthquake"), tuple(texts)), posts_from(texts, "en"))
    # The attacker even gets an order in, whatever the brief makes of the post.
    attacked = msgspec.structs.replace(attacked, sentences=(*attacked.sentences, Sentence(order, ("x0",))))
    prompt = prompt_of(attacked, "news", "neutral")
    assert CANARY not in prompt[1]["content"]
    obedient = f"{CANARY}\n{order}\n{prompt[0]['content']}\nSee http://evil.example\n" + "\n".join(
        sentence.text for sentence in material_of(attacked)
    )
    for answer in (CANARY, order, obedient, f'{{"text": "{CANARY}"}}', f"Strong earthquake shakes {CANARY}."):
        piece = accepted(attacked, "news", answer, "obedient")
        shown = markdown_of(piece) + html_of(piece) + msgspec.json.encode(piece).decode()
        for gone in (CANARY, CANARY.translate(WIDE), "evil", "http", "numbered material", "<script"):
            assert gone not in shown


def test_supported_sentences_are_kept_with_the_posts_behind_them(brief: Brief) -> None:
    answer = "A strong earthquake shakes Pine Valley this morning.\nThe mayor has fled to Eastport."
    piece = accepted(brief, "news", answer, "model")
    assert [sentence.text for sentence in piece.sentences] == ["A strong earthquake shakes Pine Valley this morning."]
    assert set(piece.sentences[0].evidence) == {"a", "b"}
    assert len(piece.dropped) == 1
    assert piece.generator == "model"


@pytest.mark.parametrize("mark", ["1. ", "- ", "2) ", "• "])
def test_a_number_or_a_dash_before_a_sentence_is_no_sentence(mark: str, brief: Brief) -> None:
    piece = accepted(brief, "news", f"{mark}A strong earthquake shakes Pine Valley this morning.", "model")
    assert [sentence.text for sentence in piece.sentences] == ["A strong earthquake shakes Pine Valley this morning."]
    assert (piece.dropped, piece.fallback) == ((), "")


def test_an_answer_that_loses_too_much_falls_back_to_the_brief(brief: Brief) -> None:
    piece = accepted(brief, "news", "As an AI I cannot help with that.\nSorry.\nThe king resigned.", "model")
    assert piece.generator == "extractive"
    assert piece.fallback
    assert piece.sentences == composed(brief, "news").sentences


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_composed_from_sentences_with_posts(kind: str, brief: Brief) -> None:
    piece = composed(brief, kind)
    assert piece.title
    assert 1 <= len(piece.sentences) <= KINDS[kind]
    assert all(sentence.evidence for sentence in piece.sentences)


def test_what_posts_hold_is_escaped_where_it_goes(brief: Brief) -> None:
    hostile = 'Fire <b>at</b> the *old* [mill](x) & `barn` in "Marlow"'
    piece = msgspec.structs.replace(composed(brief, "report"), title=hostile, mood={"<i>": 0.5, "negative": 0.5})
    assert "<b>" not in html_of(piece)
    assert "<i>" not in html_of(piece)
    assert "<b>" not in markdown_of(piece).replace("\\<", "")
    assert "\\[mill\\]\\(x\\)" in markdown_of(piece)


def test_a_brief_without_words_makes_a_piece_without_sentences() -> None:
    empty = write_brief(hotspot_about(("pine valley",), ("a",)), [])
    piece = composed(empty, "news")
    assert (piece.sentences, markdown_of(piece)[:2]) == ((), "# ")
