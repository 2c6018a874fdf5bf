"""What a platform took back is said by no brief: what was taken from such a post goes, what others say stays."""

from functools import cache

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.briefs import EvidencePost, Ledger, Quotations, without, write_brief
from streams.briefs.quoting import ids_in
from streams.contracts.outputs import Brief, Doubt, Sentence
from tests.unit.briefs.conftest import hotspot_about

TERMS = ("word:pine valley", "word:earthquake")
ALDER = "Alder river collapsed"


def posts_of(texts: dict[str, str]) -> list[EvidencePost]:
    moods = {"c": (0.9, 0.1, 0.0), "k": (0.0, 0.2, 0.8)}
    return [
        EvidencePost(name, text, "en", number + 1, 0, moods.get(name, (0.3, 0.4, 0.3)), "test", 0, number, 0)
        for number, (name, text) in enumerate(texts.items())
    ]


@pytest.fixture
def brief(english: dict[str, str]) -> Brief:
    return write_brief(hotspot_about(TERMS, tuple(english)), posts_of(english))


def test_a_brief_names_every_post_that_it_rests_on(brief: Brief) -> None:
    assert {post.id for post in brief.quoted} == ids_in(brief) >= {"a", "c", "k"}
    assert [post.offset for post in brief.quoted if post.id == "c"] == [2]


def test_what_was_taken_from_a_post_goes_with_it(brief: Brief) -> None:
    assert ALDER in msgspec.json.encode(brief).decode()
    left = without(brief, {"c"})
    told = msgspec.json.encode(left).decode()
    assert ALDER not in told
    assert "Lindqvist" not in told
    assert '"c"' not in told
    assert (left.brief_id, left.revision, left.expired) == (brief.brief_id, 1, brief.expired + 1)
    assert left.figures == brief.figures


def test_what_others_say_as_well_stays(brief: Brief) -> None:
    first, *others = brief.headline_evidence
    assert others
    left = without(brief, set(others))
    assert (left.headline, left.headline_evidence) == (brief.headline, (first,))


def test_a_headline_that_goes_makes_room_for_the_first_sentence_that_stays(brief: Brief) -> None:
    left = without(brief, set(brief.headline_evidence))
    assert left.headline != brief.headline
    assert left.headline_evidence == left.sentences[0].evidence
    assert left.sentences[0].text.startswith(left.headline.rstrip("…"))


def test_with_every_post_gone_terms_and_figures_are_left(brief: Brief) -> None:
    left = without(brief, ids_in(brief))
    assert ids_in(left) == frozenset()
    assert (left.sentences, left.voices, left.unconfirmed, left.quoted) == ((), (), (), ())
    assert left.headline == brief.figures[0]


def test_figures_that_differ_are_not_told_of_one_side_alone(brief: Brief) -> None:
    brief = replace(brief, unconfirmed=(Doubt("figures differ", "20 / 35 injured", ("i", "j")),))
    assert without(brief, {"j"}).unconfirmed == ()
    assert without(brief, {"c"}).unconfirmed == brief.unconfirmed


def test_news_of_a_change_go_with_the_sentence(brief: Brief) -> None:
    brief = replace(
        brief,
        sentences=(Sentence("The army comes.", ("m",)), Sentence("The dam holds.", ("n",))),
        changes=("Stage: emerging → rising.", "New: The army comes.", "New: The dam holds."),
    )
    assert without(brief, {"m"}).changes == ("Stage: emerging → rising.", "New: The dam holds.")


@cache
def alike() -> tuple[dict[str, str], Brief]:
    """Return posts that differ in little, and their brief."""
    texts = {name: f"Post {name} says that bridge {ord(name)} of Pine Valley is closed." for name in "abcdefghijk"}
    return texts, write_brief(hotspot_about(TERMS, tuple(texts)), posts_of(texts))


@given(gone=st.sets(st.sampled_from("abcdefghijk")), more=st.sets(st.sampled_from("abcdefghijk")))
def test_nothing_of_what_is_gone_is_named_and_once_is_as_good_as_bit_by_bit(gone: set[str], more: set[str]) -> None:
    texts = {
        name: f"Post {name} says that the bridge of Pine Valley number {ord(name)} is closed." for name in "abcdefghijk"
    }
    brief = write_brief(hotspot_about(TERMS, tuple(texts)), posts_of(texts))
    left = without(brief, gone)
    assert not ids_in(left) & gone
    assert not {post.id for post in left.quoted} & gone
    for name in gone & ids_in(brief):
        assert texts[name].rstrip(".") not in msgspec.json.encode(left).decode()
    bit_by_bit, at_once = without(left, more), without(brief, gone | more)
    assert bit_by_bit.sentences == at_once.sentences
    assert bit_by_bit.quoted == at_once.quoted


def test_the_next_brief_is_compared_with_the_revised_one(brief: Brief) -> None:
    ledger = Ledger()
    for told in (brief, without(brief, {"c"}), brief):
        ledger.keep(told)
    later = hotspot_about(TERMS, ("a",), minute=30)
    held = ledger.before(later)
    assert held is not None
    assert held.revision == 1


def test_quotations_are_found_by_post_and_by_author(brief: Brief) -> None:
    quotations = Quotations()
    quotations.keep(brief, 7)
    assert {post.id for post in quotations.unknown()} == ids_in(brief)
    assert quotations.revisions(lambda *_: False) == []
    (told,) = quotations.revisions(lambda platform, post, _: (platform, post) == ("test", "c"))
    assert [(one.offset, one.gone) for one in told] == [(7, {"c"})]
    quotations.learn({post: 100 + post.offset for post in quotations.unknown()})
    assert quotations.unknown() == []
    (told,) = quotations.revisions(lambda _platform, _post, author: author == 102)
    assert told[0].gone == {"c"}


def test_the_newest_brief_of_a_hotspot_is_written_last(brief: Brief) -> None:
    quotations = Quotations()
    later = replace(brief, brief_id="later", emitted_at="2026-03-02T00:30:00.000Z", quoted=brief.quoted[:1])
    other = replace(brief, hotspot_id="h2", brief_id="other", quoted=())
    for offset, told in enumerate((brief, later, other)):
        quotations.keep(told, offset)
    (told,) = quotations.revisions(lambda _platform, post, _author: post == "c")
    assert [(one.offset, sorted(one.gone)) for one in told] == [(0, ["c"]), (1, [])]
    quotations.keep(without(brief, {"c"}), 3)
    quotations.keep(later, 4)
    quotations.keep(brief, 0)  # a lower revision, read again, brings nothing back
    assert quotations.revisions(lambda _platform, post, _author: post == "c") == []


def test_a_brief_that_has_left_the_log_is_not_looked_for_again(brief: Brief) -> None:
    quotations = Quotations()
    quotations.keep(brief, 7)
    ((revision,),) = quotations.revisions(lambda _platform, post, _author: post == "c")
    quotations.forget(revision)
    assert quotations.revisions(lambda *_: True) == []
