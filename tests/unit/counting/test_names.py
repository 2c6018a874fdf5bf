"""What a post names, whatever kind of term names it."""

from hypothesis import given
from hypothesis import strategies as st

from streams.contracts.slices import POST_NAMES
from streams.counting.names import name_hash, names_in, names_of, word_hash

KINDS = st.sampled_from(["tag", "word", "phrase", "url", "post", "copy"])


@given(st.lists(st.tuples(KINDS, st.text(max_size=8)), max_size=40))
def test_names_are_few_unique_and_never_zero(terms: list[tuple[str, str]]) -> None:
    names = names_of([f"{kind}:{text}" for kind, text in terms])
    told = [name for name in names if name]
    assert len(names) == POST_NAMES
    assert names == told + [0] * (POST_NAMES - len(told))
    assert len(set(told)) == len(told)


def test_a_hashtag_and_a_word_are_one_name_and_a_phrase_is_its_words() -> None:
    assert names_of(["tag:turin", "word:turin", "phrase:turin flood", "word:flood"])[:3] == [
        word_hash("turin"),
        word_hash("flood"),
        0,
    ]


def test_words_of_one_stem_are_one_name() -> None:
    assert names_of(["word:flood", "tag:floods", "word:flooding"])[:2] == [word_hash("flood"), 0]
    assert word_hash("explosión") != word_hash("explosion")


def test_a_hashtag_names_the_words_in_it() -> None:
    assert names_of(["tag:prayforturin"], ["turin"])[:3] == [word_hash("turin"), word_hash("prayforturin"), 0]
    assert names_of(["tag:a"], [f"word{n}" for n in range(40)])[-1] != 0


def test_a_phrase_itself_is_no_name_but_its_words_are() -> None:
    assert names_in("phrase:turin floods") == {word_hash("turin"), word_hash("flood")}
    assert name_hash("post:17") in names_in("post:17")


def test_content_is_not_taken_for_a_word() -> None:
    assert name_hash("post:1") in names_of(["post:1", "word:1"])
    assert name_hash("1") in names_of(["post:1", "word:1"])
