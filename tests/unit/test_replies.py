"""What is remembered of replies: nobody is told twice, and memory is bounded."""

from hypothesis import given
from hypothesis import strategies as st

from streams.contracts.answers import Answer
from streams.ingesting.replies import REMEMBERED, Told, is_question, reply_text


def test_nobody_is_told_twice_and_what_was_refused_may_be_told_again() -> None:
    told = Told(7)
    assert told.begin("a", 7)
    assert not told.begin("a", 9)
    told.take_back("a")
    assert told.begin("a", 7)


def test_what_is_settled_is_forgotten_but_for_the_newest() -> None:
    told = Told(0)
    for offset in range(REMEMBERED + 10):
        told.begin(str(offset), offset)
    told.move(REMEMBERED + 5)
    assert len(told.told) == REMEMBERED + 5
    told.move(3)
    assert told.next == REMEMBERED + 5
    assert all(str(offset) in told.told for offset in range(5, REMEMBERED + 10))


@given(st.text(), st.integers(16, 40))
def test_a_reply_is_never_longer_than_the_platform_takes(text: str, limit: int) -> None:
    said = reply_text(Answer(question_id="1", status="answered", text=text, lang="zh", sureness=1.0), limit)
    assert len(said.encode()) <= limit


def test_what_asks_is_told_from_what_does_not() -> None:
    for text in (
        "How long is the wait",
        "are you open",
        "几点关门",
        "可以退票吗",
        "发票怎么开",
        "ok?",
        "你好，请问在吗",
    ):
        assert is_question(text, "questions"), text
    for text in ("谢谢！", "Thank you very much", "收到", "好的", "Hello"):
        assert not is_question(text, "questions"), text
    assert not is_question("Why?", "none")
