"""What is remembered of scores."""

from hypothesis import given
from hypothesis import strategies as st

from streams.scoring import FAILED, TRUNCATED, Score
from streams.scoring.memory import ScoreMemory, key_of


@given(st.lists(st.text(max_size=2), max_size=60), st.integers(1, 4))
def test_it_is_bounded_and_says_what_was_kept_for_the_very_same_text(asked: list[str], size: int) -> None:
    memory = ScoreMemory(size)
    texts: dict[int, str] = {}
    for text in asked:
        found = memory.find(key_of(text))
        if found is None:
            score = Score(irony=0.5)
            texts[id(score)] = text
            memory.keep(key_of(text), score)
        else:
            assert texts[id(found)] == text
        assert memory.find(key_of(text)) is not None
        assert len(memory) <= size


def test_what_was_asked_for_last_stays() -> None:
    memory = ScoreMemory(2)
    for text in "ab":
        memory.keep(key_of(text), Score(irony=0.5))
    memory.find(key_of("a"))
    memory.keep(key_of("c"), Score(irony=0.5))
    assert memory.find(key_of("b")) is None
    assert memory.find(key_of("a")) is not None


def test_failures_are_not_remembered_and_a_memory_of_none_keeps_nothing() -> None:
    memory = ScoreMemory(4)
    memory.keep(key_of("a"), Score(flags=(TRUNCATED,)))
    memory.keep(key_of("b"), Score(flags=(FAILED,)))
    assert memory.find(key_of("a")) is not None
    assert memory.find(key_of("b")) is None
    nothing = ScoreMemory(0)
    nothing.keep(key_of("a"), Score(irony=0.5))
    assert nothing.find(key_of("a")) is None
