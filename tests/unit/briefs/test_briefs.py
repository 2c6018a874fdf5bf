"""A brief quotes what several posts say, names the posts, and leaves fragments and personal data out."""

import pytest

from streams.briefs import write_brief
from streams.briefs.sentences import sentences_of
from streams.contracts.outputs import Alert, Why

ENGLISH = {
    "a": "Strong earthquake shakes Pine Valley this morning. People run into the streets.",
    "b": "RT @user: strong earthquake shakes Pine Valley this morning!",
    "c": "The bridge over the Alder river collapsed after the Pine Valley earthquake, police say.",
    "d": "omg",
    "e": "Write to me at ann.lee@example.org about the Pine Valley earthquake or call +86 139 1234 5678 now.",
    "f": "#quake #pinevalley #omg #prayers #breaking",
    "g": "I had noodles for lunch and they were very good indeed.",
}
CHINESE = {
    "a": "城东老桥今天上午突然坍塌，消防人员已经赶到现场。目前没有伤亡报告。",
    "b": "城东老桥今天上午突然坍塌，消防人员已经赶到现场！",
    "c": "听说城东老桥坍塌的原因是超载的货车，大家绕行。",
}


def alert_about(terms: tuple[str, ...], evidence: tuple[str, ...]) -> Alert:
    why = Why(
        term=terms[0], observed=23, expected=0.4, scale_min=5, p_value=1e-12, distinct_authors=31,
        languages={"en": 1.0}, platforms={"test": 1.0}, top_terms=terms, series=(0, 1, 5, 23),
        sentiment={"negative": 0.7, "neutral": 0.2, "positive": 0.1},
    )  # fmt: skip
    return Alert(
        alert_id="x1", hotspot_id="h1", stage="emerging", emitted_at="2026-03-02T00:10:00.000Z",
        started_at="2026-03-02T00:02:00.000Z", terms=terms, why=why, rank=1.0, credibility=1.0,
        credibility_reasons=(), evidence=evidence, sources=(),
    )  # fmt: skip


def test_what_several_posts_say_leads_and_names_them() -> None:
    brief = write_brief(
        alert_about(("pine valley", "earthquake"), tuple(ENGLISH)), ENGLISH, dict.fromkeys(ENGLISH, "en")
    )
    assert brief.headline.casefold().startswith("strong earthquake shakes pine valley")
    assert brief.sentences[0].evidence == ("a", "b")
    assert (brief.lang, brief.expired) == ("en", 0)


def test_every_sentence_is_in_a_post_it_names() -> None:
    for texts, lang in ((ENGLISH, "en"), (CHINESE, "zh")):
        brief = write_brief(
            alert_about(("earthquake", "老桥", "坍塌"), tuple(texts)), texts, dict.fromkeys(texts, lang)
        )
        assert brief.sentences
        for sentence in brief.sentences:
            assert any(
                sentence.text.rstrip("…")[:20] in texts[post] for post in sentence.evidence if "[" not in sentence.text
            ) or ("[" in sentence.text)


def test_personal_data_fragments_and_other_matters_stay_out() -> None:
    brief = write_brief(
        alert_about(("pine valley", "earthquake"), tuple(ENGLISH)), ENGLISH, dict.fromkeys(ENGLISH, "en")
    )
    told = " ".join(sentence.text for sentence in brief.sentences) + brief.headline
    for word in ("ann.lee", "1234", "omg", "noodles"):
        assert word not in told


def test_chinese_is_cut_at_its_own_sentence_ends_and_told_in_chinese() -> None:
    brief = write_brief(alert_about(("老桥", "坍塌"), tuple(CHINESE)), CHINESE, dict.fromkeys(CHINESE, "zh"))
    assert brief.lang == "zh"
    assert brief.sentences[0].evidence == ("a", "b")
    assert brief.figures[0].startswith("5 分钟内 23 位作者")


def test_expired_evidence_is_counted_and_terms_make_the_headline() -> None:
    brief = write_brief(alert_about(("pine valley", "earthquake"), ("a", "b")), {}, {})
    assert (brief.expired, brief.sentences, brief.headline) == (2, (), "pine valley · earthquake")
    assert brief.figures[-1] == "2 of 2 evidence posts could no longer be read from the log."


@pytest.mark.parametrize(
    "text", ["", "@user @user @user @user @user", "\u202e\u200b", "...", "a b c d", "#a #b #c #d #e #f"]
)
def test_nothing_quotable_gives_no_sentence(text: str) -> None:
    assert sentences_of("p", text) == []
