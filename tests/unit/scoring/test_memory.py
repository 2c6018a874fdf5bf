"""What is remembered of scores, and what counts as the same text."""

from hypothesis import given
from hypothesis import strategies as st

from streams.scoring import FAILED, TRUNCATED, Score
from streams.scoring.memory import ScoreMemory, exact_key, near_key


def test_numbers_and_spaces_do_not_make_another_text_but_marks_and_capitals_do() -> None:
    assert near_key("Only 12 left  today") == near_key("Only 7 left today ")
    for other in ("only 12 left today", "Only 12 left today!", "Only 12 left today 😂", "Only left today"):
        assert near_key("Only 12 left today") != near_key(other)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30)), max_size=60), st.integers(1, 4))
def test_it_is_bounded_and_says_what_was_kept_for_that_text_or_one_near_it(asked, size: int) -> None:
    memory = ScoreMemory(size)
    texts: dict[int, str] = {}
    for word, number in asked:
        text = f"{word} {number}"
        found = memory.find(exact_key(text), text)
        if found is None:
            score = Score(irony=0.5)
            texts[id(score)] = text
            memory.keep(exact_key(text), text, score)
        else:
            kept = texts[id(found[0])]
            assert (kept == text) == (found[1] == "exact")
            assert near_key(kept) == near_key(text)
        assert len(memory) <= size
        assert len(memory._near) <= len(memory)


def test_flags_hold_for_their_own_text_and_failures_for_none() -> None:
    memory = ScoreMemory(4)
    memory.keep(exact_key("a 1"), "a 1", Score(flags=(TRUNCATED,)))
    assert memory.find(exact_key("a 2"), "a 2") is None
    memory.keep(exact_key("b 1"), "b 1", Score(flags=(FAILED,)))
    assert memory.find(exact_key("b 1"), "b 1") is None
    assert ScoreMemory(0).find(exact_key("a"), "a") is None
