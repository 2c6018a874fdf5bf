"""Answers: right with the right citation, declined where nothing says it, handed over with what a person needs."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.adapters.document_folder import read_documents
from streams.contracts.answers import REASONS, STATUSES, Question
from streams.contracts.outputs import Brief, Hotspot, Sentence, Why
from streams.support.answering import MAX_QUESTION_CHARS, Answerer
from streams.support.evaluation import cases_of, figures, interval, judge
from streams.support.expecting import FITS, MISSES, fit
from streams.support.library import Library
from streams.support.live import LiveHotspots, passages_of_brief, passages_of_posts, source_of
from streams.support.meaning import Meaning
from streams.support.passages import Passage

ANSWERS = Path(__file__).resolve().parents[2] / "answers"
WHY = Why(
    term="word:quake",
    observed=93,
    expected=0.4,
    scale_min=5,
    p_value=1e-9,
    distinct_authors=93,
    languages={"en": 1.0},
    platforms={"x": 1.0},
    top_terms=("quake",),
    series=(1,),
)


def hotspot(name: str, rank: float, stage: str = "rising") -> Hotspot:
    now = "2026-03-01T12:00:00.000Z"
    return Hotspot(
        hotspot_id=name,
        stage=stage,
        emitted_at=now,
        started_at=now,
        updated_at=now,
        terms=("word:quake",),
        why=WHY,
        peak_authors=93,
        rank=rank,
        warming=1.0,
        credibility=1.0,
        credibility_reasons=(),
        evidence=("p1",),
    )


def brief(name: str, headline: str, *sentences: str, lang: str = "en") -> Brief:
    return Brief(
        brief_id=f"b-{name}",
        hotspot_id=name,
        stage="rising",
        emitted_at="2026-03-01T12:00:00.000Z",
        lang=lang,
        headline=headline,
        sentences=tuple(Sentence(text, ("p1", "p2")) for text in sentences),
        figures=(),
    )


def answerer_of(folder: Path, meaning: Meaning | None) -> Answerer:
    library = Library(meaning)
    for read in read_documents(folder):
        library.put(read.source, read.passages)
    for line in (folder / "briefs.jsonl").read_bytes().splitlines():
        told = msgspec.json.decode(line, type=Brief)
        library.put(source_of(told.hotspot_id), passages_of_brief(told))
    return Answerer(library, LiveHotspots(), meaning)


@pytest.fixture(scope="module")
def clinic(meaning: Meaning) -> Iterator[Answerer]:
    return answerer_of(ANSWERS / "arden", meaning)


def ask(answerer: Answerer, text: str, **fields: str) -> object:
    return answerer.answer(Question(id="q", text=text, **fields))


def test_the_bars_hold_on_the_test_questions(clinic: Answerer) -> None:
    cases = [case for case in cases_of((ANSWERS / "questions.csv").read_text("utf-8")) if case.split == "test"]
    judged = [judge(case, clinic.answer(Question(id="q", text=case.question, lang=case.lang))) for case in cases]
    counts = figures(judged)
    assert counts.answerable + counts.unanswerable == len(cases) >= 100
    assert counts.declined / counts.unanswerable >= 0.9
    assert counts.right / counts.answerable >= 0.8


def test_an_answer_quotes_and_cites(clinic: Answerer) -> None:
    answer = clinic.answer(Question(id="q1", text="How long is the wait for a knee operation?", conversation="c7"))
    assert (answer.question_id, answer.status, answer.lang, answer.conversation) == ("q1", "answered", "en", "c7")
    assert "four months" in answer.text
    assert answer.citations[0].source == "appointments.html"
    assert answer.citations[0].quote in answer.text


def test_what_people_wrote_is_said_to_be_that(clinic: Answerer) -> None:
    answer = clinic.answer(Question(id="q", text="演唱会为什么取消了？"))
    assert answer.text.startswith("网友称：")
    assert answer.citations[0].hotspot_id == "h-concert"
    assert answer.citations[0].posts == ("r5", "r6", "r7")


def test_the_language_of_the_question_is_kept_where_the_source_has_another(clinic: Answerer) -> None:
    answer = clinic.answer(Question(id="q", text="膝盖手术要等多久？", lang="zh"))
    assert answer.lang == "zh"
    assert answer.text.startswith(("以下出自其他语言的资料：", "我不知道"))


def test_an_unknown_is_handed_over_with_what_stands_nearest(clinic: Answerer) -> None:
    answer = clinic.answer(Question(id="q", text="Who is the head surgeon?"))
    assert (answer.status, answer.reason, answer.citations) == ("unknown", "not_found", ())
    assert answer.text.startswith("I don't know")
    assert answer.hand_over is not None
    assert answer.hand_over.question == "Who is the head surgeon?"
    assert 0 < len(answer.hand_over.nearest) <= 3


@pytest.mark.parametrize("text", ["Can I talk to a human please?", "转人工", "我要找人工客服"])
def test_whoever_asks_for_a_person_gets_one(clinic: Answerer, text: str) -> None:
    answer = clinic.answer(Question(id="q", text=text))
    assert (answer.status, answer.reason) == ("unknown", "asked_for_person")


@pytest.mark.parametrize(
    ("text", "reason"), [("", "empty"), (" \n\t ", "empty"), ("why? " * 4000, "too_long"), ("为" * 20_000, "too_long")]
)
def test_what_is_no_question_is_refused(clinic: Answerer, text: str, reason: str) -> None:
    answer = clinic.answer(Question(id="q", text=text))
    assert (answer.status, answer.reason, answer.hand_over) == ("refused", reason, None)
    assert len(answer.text) < 200


def test_without_an_encoder_every_question_goes_to_a_person() -> None:
    answer = answerer_of(ANSWERS / "arden", None).answer(Question(id="q", text="How long is the wait for a knee?"))
    assert (answer.status, answer.reason) == ("unknown", "no_encoder")
    assert answer.hand_over is not None
    assert answer.hand_over.nearest[0].source == "appointments.html"


def test_an_empty_library_knows_nothing(meaning: Meaning) -> None:
    answer = Answerer(Library(meaning), LiveHotspots(), meaning).answer(Question(id="q", text="When do you open?"))
    assert (answer.status, answer.sureness) == ("unknown", 0.0)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=MAX_QUESTION_CHARS + 5))
def test_any_text_gets_an_answer(clinic: Answerer, text: str) -> None:
    answer = clinic.answer(Question(id="q", text=text))
    assert answer.status in STATUSES
    assert answer.reason is None or answer.reason in REASONS
    msgspec.json.decode(msgspec.json.encode(answer), type=type(answer))


@pytest.mark.parametrize("price", ["35 pence", "240 francs", "900 yen", "4.50 euros", "12元"])
def test_a_price_is_one_in_any_of_the_currencies(price: str) -> None:
    assert fit("What does a large box cost?", "Boxes", f"A large box is {price}.") == FITS
    assert fit("What does a large box cost?", "Boxes", "A large box is in stock.") == MISSES


def test_what_is_hot_is_listed_by_rank() -> None:
    live = LiveHotspots()
    for name, rank, headline in (("a", 1.0, "Small fire in Marlow"), ("b", 9.0, "Earthquake near Norvale")):
        live.hotspot(hotspot(name, rank))
        live.told(name, "brief", passages_of_brief(brief(name, headline)))
    answerer = Answerer(Library(None), live, None)
    answer = answerer.answer(Question(id="q", text="What is trending right now?"))
    assert answer.text == "Now talked about: 1. Earthquake near Norvale; 2. Small fire in Marlow."
    assert [citation.hotspot_id for citation in answer.citations] == ["b", "a"]
    assert "2. Small fire" in answerer.answer(Question(id="q", text="现在有什么热点？")).text


def test_a_closed_hotspot_is_forgotten() -> None:
    live = LiveHotspots()
    live.hotspot(hotspot("a", 1.0))
    assert live.told("a", "brief", passages_of_brief(brief("a", "Fire")))
    assert live.hotspot(hotspot("a", 1.0, "closed")) == {source_of("a"): []}
    assert live.told("a", "brief", passages_of_brief(brief("a", "Fire"))) == {}
    assert Answerer(Library(None), live, None).answer(Question(id="q", text="现在有什么热点？")).citations == ()


def test_posts_are_masked_before_they_can_be_quoted() -> None:
    (passage,) = passages_of_posts("h", [("p1", "en", "call me at +49 170 1234567 or write to ann@mail.example")])
    assert "1234567" not in passage.text
    assert "ann@" not in passage.text


def test_a_source_is_replaced_as_a_whole(meaning: Meaning) -> None:
    def one(text: str) -> Passage:
        return Passage(id="a#1", kind="document", source="a", title="Hours", text=text, lang="en")

    library = Library(meaning)
    library.put("a", [one("We open at nine."), one("We close at six.")])
    library.put("a", [one("We open at ten.")])
    assert len(library) == len(library.lexical) == 1
    answerer = Answerer(library, LiveHotspots(), meaning)
    assert "ten" in answerer.answer(Question(id="q", text="When do you open?")).text
    library.put("a", [])
    assert len(library) == 0
    assert library.sources() == frozenset()


def test_the_interval_of_a_share_holds_it() -> None:
    low, high = interval(9, 10)
    assert 0.5 < low < 0.9 < high < 1.0
