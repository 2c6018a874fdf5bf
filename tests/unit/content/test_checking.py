"""What posts do not say is caught: numbers, names, places, negation, opposites, inventions; what they say passes."""

import pytest

from streams.content.checking import Evidence
from streams.content.claims import claims_of, in_digits
from tests.claims.cases import cases
from tests.claims.judge import rates

POSTS = {
    "a": "Strong earthquake hits Pine Valley, 23 people are injured and 4 are missing.",
    "b": "The hospital in Pine Valley is open, Mayor Nora Lindqvist says.",
    "c": "Rescuers from Eastport have not arrived yet.",
    "d": "云海地铁三号线突发故障，二十三名乘客被疏散，没有人员受伤。",
}


@pytest.mark.parametrize(
    ("sentence", "posts"),
    [
        ("A strong earthquake hits Pine Valley.", ("a",)),
        ("Twenty-three people are injured in Pine Valley.", ("a",)),
        ("Mayor Nora Lindqvist says the hospital is open.", ("b",)),
        ("Rescuers from Eastport have not yet arrived.", ("c",)),
        ("云海地铁三号线突发故障，23名乘客被疏散。", ("d",)),
    ],
)
def test_what_posts_say_is_supported_by_them(sentence: str, posts: tuple[str, ...]) -> None:
    support = Evidence(POSTS).check(sentence)
    assert (support.posts, support.reason) == (posts, "")


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("A strong earthquake hits Pine Valley, 24 people are injured.", "a number is not in the evidence"),
        ("Strong earthquake hits Eastport.", "a name is not in the evidence"),
        ("The hospital in Pine Valley is not open.", "affirmed and denied"),
        ("The hospital in Pine Valley is closed, Mayor Nora Lindqvist says.", "the opposite is said"),
        ("Rescuers from Eastport have arrived.", "affirmed and denied"),
        ("The government promised new houses to everyone.", "not in the evidence"),
        ("云海地铁三号线突发故障，八十名乘客被疏散。", "a number is not in the evidence"),
        ("云海地铁三号线突发故障，有人员受伤。", "affirmed and denied"),
        ("", "says nothing"),
        ("i?", "says nothing"),
        ("It is.", "says nothing"),
    ],
)
def test_what_posts_do_not_say_is_unsupported_with_the_reason(sentence: str, reason: str) -> None:
    support = Evidence(POSTS).check(sentence)
    assert (support.supported, support.posts, support.reason) == (False, (), reason)


def test_one_false_claim_fails_its_sentence() -> None:
    assert [claim.text for claim in claims_of("The hospital is open; the mayor has fled to the coast.")] == [
        "The hospital is open",
        "the mayor has fled to the coast.",
    ]
    assert not Evidence(POSTS).check("The hospital in Pine Valley is open; the mayor has fled to the coast.").supported


@pytest.mark.parametrize(
    ("text", "plain"),
    [("two hundred homes", "200 homes"), ("twenty-three people", "23 people"), ("二十三名乘客", "23名乘客"),
     ("一万二千人", "12000人"), ("两架飞机", "2架飞机")],
)  # fmt: skip
def test_number_words_become_digits(text: str, plain: str) -> None:
    assert in_digits(text) == plain


def test_on_stories_that_thresholds_never_saw_nine_tenths_are_caught() -> None:
    judged = cases(tuning=False)
    assert len(judged) + len(cases(tuning=True)) >= 600
    found = rates(judged, None)
    assert found["caught"] >= 0.90
    assert found["true_dropped"] <= 0.15


def test_thresholds_decide_both_ways() -> None:
    from streams.content.checking import Thresholds

    judged = cases(tuning=False)[:200]
    loose = rates(judged, None, Thresholds(words_alone=0.0))
    strict = rates(judged, None, Thresholds(words_alone=1.0))
    assert loose["true_dropped"] <= strict["true_dropped"]
    assert loose["caught"] < strict["caught"]
