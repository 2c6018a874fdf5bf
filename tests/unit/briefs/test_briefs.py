"""A brief quotes what several posts say, names the posts, tells what changed, and leaves fragments and persons out."""

import time
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.briefs import EvidencePost, Ledger, is_due, write_brief
from streams.briefs.judging import judge_briefs, traceable
from streams.briefs.sentences import sentences_of
from streams.contracts.outputs import Brief
from tests.unit.briefs.conftest import hotspot_about, posts_from

TERMS = ("pine valley", "earthquake")


def brief_of(texts: dict[str, str], lang: str = "en", terms: tuple[str, ...] = TERMS) -> Brief:
    return write_brief(hotspot_about(terms, tuple(texts)), posts_from(texts, lang))


def test_what_several_posts_say_leads_and_names_them(english: dict[str, str]) -> None:
    brief = brief_of(english)
    assert brief.headline == "Strong earthquake shakes Pine Valley this morning"
    assert set(brief.headline_evidence) == {"a", "b"}
    assert (brief.lang, brief.expired) == ("en", 0)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_sentence_is_in_the_first_post_it_names(
    lang: str, english: dict[str, str], chinese: dict[str, str]
) -> None:
    texts = english if lang == "en" else chinese
    brief = brief_of(texts, lang, TERMS if lang == "en" else ("老桥", "坍塌"))
    assert len(brief.sentences) >= (3 if lang == "en" else 2)
    for sentence in brief.sentences:
        assert traceable(sentence.text, texts[sentence.evidence[0]])
    assert traceable(brief.headline, texts[brief.headline_evidence[0]])


def test_personal_data_fragments_and_other_matters_stay_out(english: dict[str, str]) -> None:
    told = msgspec.json.encode(brief_of(english)).decode()
    for word in ("ann.lee", "1234", "omg", "noodles", "RT ", "BREAKING", "#", "@user", "…"):
        assert word not in told


def test_who_and_where_are_named_with_their_posts(english: dict[str, str]) -> None:
    brief = brief_of(english)
    assert [(name.text, name.evidence) for name in brief.who if "Lindqvist" in name.text] == [
        ("Chief Nora Lindqvist", ("c",))
    ]
    assert brief.where[0].text == "Pine Valley"
    assert brief.when[0].text == "this morning"
    assert brief.what[0].text == "pine valley"


def test_hedged_denied_and_contradicted_posts_are_unconfirmed(english: dict[str, str]) -> None:
    english["j"] = "At least 35 people are hurt after the earthquake in Pine Valley."
    english["l"] = "Police count 35 people hurt by the Pine Valley earthquake."
    found = {doubt.reason: doubt for doubt in brief_of(english).unconfirmed}
    assert found["denied"].evidence == ("k",)
    assert "Reportedly 12 people" in found["hedged"].text
    english = {name: text.replace("people are hurt", "injured") for name, text in english.items()}
    differ = {doubt.reason: doubt for doubt in brief_of(english).unconfirmed}["figures differ"]
    assert differ.text == "20 / 35 injured"
    assert set(differ.evidence) == {"i", "j"}


def test_opposing_voices_each_have_their_best_post(english: dict[str, str]) -> None:
    moods = {
        "a": (0.6, 0.3, 0.1), "c": (0.9, 0.1, 0.0), "h": (0.1, 0.8, 0.1), "k": (0.0, 0.2, 0.8),
    }  # fmt: skip
    posts = posts_from(english, "en", moods)
    brief = write_brief(hotspot_about(TERMS, tuple(english)), posts)
    assert [(voice.side, voice.share, voice.evidence) for voice in brief.voices] == [
        ("negative", 0.5, ("c",)),
        ("positive", 0.25, ("k",)),
    ]


def test_chinese_is_cut_at_its_own_sentence_ends_and_told_in_chinese(chinese: dict[str, str]) -> None:
    brief = brief_of(chinese, "zh", ("老桥", "坍塌"))
    assert brief.lang == "zh"
    assert brief.headline == "城东老桥今天上午突然坍塌，消防人员已经赶到现场"
    assert set(brief.headline_evidence) == {"a", "b"}
    assert brief.figures[0].startswith("5 分钟内 23 位作者")
    assert [(doubt.reason, doubt.evidence) for doubt in brief.unconfirmed] == [("hedged", ("c",))]


def test_a_brief_says_what_changed_since_the_one_before(english: dict[str, str]) -> None:
    first = write_brief(
        hotspot_about(TERMS, tuple(english), mood={"negative": 0.4, "positive": 0.3, "neutral": 0.3}),
        posts_from(english, "en"),
    )
    later = {"m": "The army sends three hundred soldiers to Pine Valley after the earthquake.", **english}
    hotspot = hotspot_about(
        TERMS, tuple(later), stage="rising", minute=30, authors=120,
        mood={"negative": 0.6, "positive": 0.2, "neutral": 0.2},
    )  # fmt: skip
    second = write_brief(hotspot, posts_from(later, "en"), first)
    assert second.previous == first.brief_id
    assert second.changes[:3] == (
        "Stage: emerging → rising.",
        "Authors in the last hour: 31 → 120.",
        "Negative: 40% → 60%.",
    )
    assert any("three hundred soldiers" in change for change in second.changes)
    assert second.mood_before == first.mood


def test_with_nothing_new_the_sentences_before_stand(english: dict[str, str]) -> None:
    first = brief_of(english)
    closed = hotspot_about(TERMS, (), stage="closed", minute=50)
    second = write_brief(closed, [], first)
    assert (second.headline, second.headline_evidence) == (first.headline, first.headline_evidence)
    assert len(second.sentences) == 3
    assert set(second.sentences) <= set(first.sentences)


def test_a_post_of_another_matter_is_not_quoted() -> None:
    texts = {
        **{f"f{n}": f"Fire sweeps through the nightclub in Brava, officials say {n} hurt" for n in range(6)},
        "x": "Airport officials confirm a police incident at terminal three of Larkin.",
        "y": "Airport officials in Larkin confirm gunshots at terminal three.",
    }
    brief = brief_of(texts, "en", ("nightclub", "officials"))
    assert not {"x", "y"} & {post for sentence in brief.sentences for post in sentence.evidence}


def test_a_post_with_the_weaker_words_of_a_story_alone_is_not_quoted() -> None:
    texts = {
        **{f"f{n}": f"So sad to hear of the nightclub fire in Brava, {n} hurt, praying for all" for n in range(6)},
        "g": "So sad: fireworks of a band set fire to the roof of the nightclub in Brava. Praying.",
        "x": "Please pray for the hills of Larkin, the fire there is so scary and so sad.",
        "y": "I hope everyone in Larkin is safe from the fire, praying hard.",
    }
    terms = ("phrase:brava nightclub", "copy:77", "word:nightclub", "word:brava", "word:sad", "word:pray", "word:fire")
    brief = brief_of(texts, "en", terms)
    assert brief.sentences
    assert not {"x", "y"} & {post for sentence in brief.sentences for post in sentence.evidence}


def test_expired_evidence_is_counted_and_terms_make_the_headline() -> None:
    brief = write_brief(hotspot_about(TERMS, ("a", "b")), [])
    assert (brief.expired, brief.sentences, brief.headline) == (2, (), "pine valley · earthquake")
    assert brief.figures[-1] == "2 of 2 evidence posts could no longer be read from the log."


def test_a_brief_is_due_for_the_first_evidence_each_stage_and_each_alert(english: dict[str, str]) -> None:
    first = brief_of(english)
    assert is_due(hotspot_about(TERMS, ("a",)), None)
    assert not is_due(hotspot_about(TERMS, ()), None)
    assert not is_due(hotspot_about(TERMS, ("a",), minute=20), first)
    assert is_due(hotspot_about(TERMS, ("a",), minute=20, stage="rising"), first)
    assert is_due(hotspot_about(TERMS, ("a",), minute=20, alerts=2), first)


def test_a_state_that_comes_again_finds_the_brief_before_its_own(english: dict[str, str]) -> None:
    ledger = Ledger()
    states = [hotspot_about(TERMS, tuple(english), minute=minute) for minute in (10, 20, 30)]
    briefs = []
    for state in states:
        briefs.append(write_brief(state, posts_from(english, "en"), ledger.before(state)))
        ledger.keep(briefs[-1])
        ledger.keep(briefs[-1])
    assert ledger.before(states[2]) == briefs[1]
    assert write_brief(states[2], posts_from(english, "en"), ledger.before(states[2])) == briefs[2]


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_posts_does_not_matter(random: Random) -> None:
    texts = {f"p{n}": f"Storm number {n % 3} hits the coast of Arden and boats sink" for n in range(9)}
    posts = posts_from(texts, "en")
    expected = write_brief(hotspot_about(("storm",), tuple(texts)), posts)
    shuffled = list(posts)
    random.shuffle(shuffled)
    assert write_brief(hotspot_about(("storm",), tuple(texts)), shuffled) == expected


@settings(deadline=None)
@given(st.lists(st.text(max_size=300), max_size=12), st.sampled_from(["en", "zh", "und"]))
def test_any_text_gives_a_brief_whose_sentences_are_traceable(texts: list[str], lang: str) -> None:
    by_id = {f"p{n}": text for n, text in enumerate(texts)}
    brief = write_brief(hotspot_about(("a", "text"), tuple(by_id)), posts_from(by_id, lang))
    evidence = {(brief.hotspot_id, brief.emitted_at): tuple(by_id)}
    account = judge_briefs([brief], evidence, by_id, {})
    assert account.traceable == account.sentences
    assert account.repeated == 0


def test_the_judge_finds_what_is_wrong(english: dict[str, str]) -> None:
    good = brief_of(english)
    wrong = msgspec.structs.replace(
        good,
        sentences=(
            good.sentences[0],
            msgspec.structs.replace(good.sentences[0], text=good.sentences[0].text.replace("a", "the", 1)),
        ),
    )
    evidence = {(good.hotspot_id, good.emitted_at): ("a", "b", "c", "h", "i")}
    label = {**dict.fromkeys(english, "quake"), wrong.sentences[0].evidence[0]: "other"}
    account = judge_briefs([wrong], evidence, english, label)
    assert account.traceable == account.sentences - 1
    assert account.repeated == 1
    assert (account.hotspots, account.pure_hotspots) == (1, 0)


def test_a_thousand_posts_take_time_in_proportion() -> None:
    random = Random(3)
    words = [f"word{n}" for n in range(300)]
    posts = [
        EvidencePost(
            f"p{n}",
            f"RT @user : the harbour of Arden is closed after {' '.join(random.choices(words, k=9))}. More soon #arden",
            "en",
            n,
        )
        for n in range(1000)
    ]
    hotspot = hotspot_about(("arden", "harbour"), tuple(post.id for post in posts))

    def cpu_s(some: list[EvidencePost]) -> float:
        began = time.process_time()
        write_brief(hotspot, some)
        return time.process_time() - began

    cpu_s(posts[:100])
    # Quadratic work would make a hundred of it; the bar of 150 ms is measured, not asserted.
    assert cpu_s(posts) < 40 * max(cpu_s(posts[:100]), 0.002)


@pytest.mark.parametrize(
    "text",
    ["", "@user @user @user @user @user", "\u202e\u200b", "...", "a b c d", "#a #b #c #d #e #f", "see this in the"],
)
def test_nothing_quotable_gives_no_sentence(text: str) -> None:
    assert sentences_of([EvidencePost("p", text, "en")]) == []
