import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.briefs import write_brief
from streams.briefs.masking import masked
from streams.briefs.sentences import split
from streams.contracts.outputs import Alert, Why


def alert(evidence: tuple[str, ...], **changes: object) -> Alert:
    why = Why(
        term="tag:quake", observed=40, expected=0.5, scale_min=5, p_value=1e-9, distinct_authors=90,
        languages={"en": 1.0}, platforms={"simulated": 1.0}, top_terms=("word:earthquake",), series=(0, 1, 9),
        sentiment={"negative": 0.7, "neutral": 0.2, "positive": 0.1},
    )  # fmt: skip
    made = Alert(
        alert_id="a1", hotspot_id="h1", stage="emerging", emitted_at="2026-01-01T00:06:00.000Z",
        started_at="2026-01-01T00:00:00.000Z", terms=("tag:quake", "word:earthquake"), why=why, rank=1.0,
        credibility=0.9, credibility_reasons=(), evidence=evidence, sources=(),
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


POSTS = {
    "1": "Strong earthquake shakes the coast near Rivermouth! People run into the streets.",
    "2": "Strong earthquake shakes the coast near Rivermouth https://t.co/x",
    "3": "Power is out in half of the old town after the earthquake. I am fine.",
    "4": "lol",
    "5": "RT @user: Schools stay closed tomorrow, says the mayor of Rivermouth.",
}
LANGS = dict.fromkeys(POSTS, "en")


def test_every_sentence_is_in_each_post_it_names_or_nearly() -> None:
    brief = write_brief(alert(tuple(POSTS)), POSTS, LANGS)
    assert brief.sentences
    for sentence in brief.sentences:
        assert sentence.text in POSTS[sentence.evidence[0]]


def test_near_duplicates_support_one_sentence_and_are_not_repeated() -> None:
    brief = write_brief(alert(tuple(POSTS)), POSTS, LANGS)
    strong = [sentence for sentence in brief.sentences if "Strong earthquake" in sentence.text]
    assert len(strong) == 1
    assert set(strong[0].evidence) == {"1", "2"}


def test_the_headline_is_the_sentence_that_most_say() -> None:
    assert write_brief(alert(tuple(POSTS)), POSTS, LANGS).headline.startswith("Strong earthquake")


def test_without_any_text_the_headline_is_made_of_terms_and_a_line_says_so() -> None:
    brief = write_brief(alert(("1", "2", "3")), {}, {})
    assert brief.headline == "#quake · earthquake"
    assert brief.sentences == ()
    assert brief.expired == 3
    assert "3 of 3 evidence posts could no longer be read" in brief.figures[-1]


def test_chinese_posts_give_chinese_lines_and_sentences() -> None:
    texts = {"1": "河口市刚才发生强烈地震，很多人跑到街上！大家注意安全。", "2": "学校明天停课，请家长们留意通知。"}
    brief = write_brief(alert(("1", "2")), texts, {"1": "zh", "2": "zh"})
    assert brief.lang == "zh"
    assert "分钟内有 40 人" in brief.figures[0]
    assert any("强烈地震" in sentence.text for sentence in brief.sentences)


def test_the_same_arguments_give_the_same_bytes_whatever_the_order_of_the_texts() -> None:
    backwards = dict(reversed(POSTS.items()))
    one = msgspec.json.encode(write_brief(alert(tuple(POSTS)), POSTS, LANGS))
    assert one == msgspec.json.encode(write_brief(alert(tuple(POSTS)), backwards, LANGS))


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("write to jane.doe@example.org now", "write to", "jane"),
        ("call 555-123-4567 for help", "for help", "4567"),
        ("联系电话13812345678谢谢", "谢谢", "13812345678"),
        ("on 2026-01-02 14:30 about 120,000 people came", "2026-01-02 14:30 about 120,000", "[number]"),
    ],
)
def test_personal_numbers_are_masked_and_figures_of_the_news_are_not(text: str, kept: str, gone: str) -> None:
    assert kept in masked(text)
    assert gone not in masked(text)


def test_control_and_direction_characters_never_reach_a_reader() -> None:
    assert not set(masked("a\x1b[31mb\u202ec\x00")) & set("\x1b\u202e\x00")


@given(st.text(max_size=400))
def test_splitting_never_fails_and_gives_only_text_that_can_be_encoded(text: str) -> None:
    for sentence in split(text):
        assert sentence.encode()
